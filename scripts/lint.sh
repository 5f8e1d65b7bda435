#!/usr/bin/env bash
# SQL, Python and YAML style.
set -euo pipefail
bin=.venv/bin
echo "== ruff";     "$bin/ruff" check scripts tests && "$bin/ruff" format --check scripts tests
echo "== yamllint"; "$bin/yamllint" --strict .
echo "== lines of SQL over 120 characters"
if git grep -n -E '^.{121,}$' -- 'models/*.sql' 'macros/*.sql' 'tests/*.sql' 'analyses/*.sql'; then exit 1; fi
# Only files with SQL of their own: most of staging and conformed is one call of a macro, which has nothing to lint.
# In memory, because each of its processes opens the database.
echo "== sqlfluff"
git grep -l -E '^ *(select|with|from)\b' -- 'models/*.sql' 'tests/dbt/*.sql' 'analyses/*.sql' \
    | WAREHOUSE_DATABASE=:memory: xargs "$bin/sqlfluff" lint --processes 0
