#!/usr/bin/env bash
# Everything that can be proven, in the order in which it is cheapest to fail (docs/tests.md).
set -euo pipefail
bin=.venv/bin
scripts/lint.sh
echo "== build, audit and publish the demo"
"$bin/warehouse" build
echo "== pytest"
# Two processes; the tests of one file stay together, because they share what the file makes.
"$bin/pytest" --numprocesses 2 --dist loadfile "$@"
