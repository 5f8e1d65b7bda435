# Two commands matter: `make build` (install, load, build, audit, publish) and `make test` (everything that can be proven).
# The rest is what they are made of.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKSPACE ?= demo

export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help build test install install-dev lint lock docs demo-seeds clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: install ## Build, audit and publish a workspace (WORKSPACE=demo by default)
	@$(BIN)/warehouse build --workspace $(WORKSPACE)

test: install-dev ## Lint, build, and run every test
	@scripts/test.sh

install: $(VENV)/.runtime

install-dev: $(VENV)/.dev

lint: install-dev ## Lint SQL, Python and YAML
	@scripts/lint.sh

# One stamp a lock file: a second run installs nothing.
$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	@scripts/install.sh $(PYTHON) $(VENV) requirements/runtime.txt $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml
	@scripts/install.sh $(PYTHON) $(VENV) requirements/dev.txt $@
	@touch $(VENV)/.runtime

lock: ## Write the lock files anew, from pyproject.toml
	@scripts/lock.sh $(PYTHON)

docs: install ## Write the generated pages and files anew, unless a contract breaks or a metric parts from its card
	@$(BIN)/python -m warehouse.contract_docs && $(BIN)/python -m warehouse.coverage_docs
	@$(BIN)/python -m warehouse.contract_changes && $(BIN)/python -m warehouse.semantics.formulas
	@$(BIN)/python -m warehouse.semantics.cards && $(BIN)/python -m warehouse.metric_docs

demo-seeds: install-dev ## Write the demo company's seeds anew
	@$(BIN)/python -m warehouse.demo

clean: ## Remove what was built, but not the raw lakes
	rm -rf target logs data/*/dbt data/*/logs data/*/tmp data/*/working.*duckdb*
