#!/usr/bin/env bash
# Installs a lock file and this project into a virtual environment: install.sh PYTHON VENV LOCK_FILE STAMP
set -euo pipefail
python=$1 venv=$2 lock_file=$3 stamp=$4

"$python" - <<'CHECK' || exit 1
import sys
if not (3, 11) <= sys.version_info[:2] < (3, 14):
    sys.exit(
        f"Python 3.11 to 3.13 is needed, this is {sys.version.split()[0]}: "
        "name another with `make build PYTHON=python3.11`."
    )
CHECK
if [ ! -x "$venv/bin/python" ]; then
    "$python" -m venv "$venv" || {
        echo "The virtual environment could not be made; on Debian and Ubuntu: apt install python3-venv" >&2
        exit 1
    }
fi
echo "Installing $(grep -c '==' "$lock_file") packages from $lock_file into $venv ..."
"$venv/bin/python" -m pip install --quiet --require-hashes -r "$lock_file"
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
touch "$stamp"
