#!/usr/bin/env bash
# Writes requirements/*.txt: names, versions and hashes for every platform, no addresses. lock.sh PYTHON
# uv, in an environment of its own, because pip cannot lock for other platforms.
set -euo pipefail
tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
"$1" -m venv "$tool"
"$tool/bin/python" -m pip install --quiet uv
lock() {
    "$tool/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
        --no-emit-index-url --no-header --no-annotate pyproject.toml requirements/build.in "$@"
}
lock --extra dev --output-file requirements/dev.txt
lock --constraint requirements/dev.txt --output-file requirements/runtime.txt
echo "Wrote requirements/dev.txt and requirements/runtime.txt"
