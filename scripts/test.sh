#!/usr/bin/env bash
# Everything that can be proven, in the order in which it is cheapest to fail (docs/tests.md).
set -euo pipefail
bin=.venv/bin
scripts/lint.sh
echo "== build, audit and publish the demo"
"$bin/warehouse" build
echo "== pytest"
"$bin/pytest" "$@"
