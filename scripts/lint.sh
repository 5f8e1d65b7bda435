#!/usr/bin/env bash
# SQL, Python and YAML style.
set -euo pipefail
bin=.venv/bin
echo "== ruff";     "$bin/ruff" check scripts tests && "$bin/ruff" format --check scripts tests
echo "== yamllint"; "$bin/yamllint" --strict .
echo "== sqlfluff"; "$bin/sqlfluff" lint --processes 1 models tests/dbt analyses
