#!/usr/bin/env bash
# Everything that can be proven, in the order in which it is cheapest to fail (docs/tests.md).
set -euo pipefail
bin=.venv/bin
scripts/lint.sh
echo "== build, audit and publish the demo"
# The tests read this build, and what it said.
built=$PWD/target/built_demo
rm -rf "$built" && mkdir -p "$built"
WAREHOUSE_DATA=$built COLUMNS=200 NO_COLOR=1 "$bin/warehouse" build | tee "$built/build.txt"
echo "== pytest"
# Two processes; the tests of one file stay together, because they share what the file makes.
WAREHOUSE_BUILT_DEMO=$built "$bin/pytest" --numprocesses 2 --dist loadfile --no-loadscope-reorder "$@"
