#!/usr/bin/env bash
# Other people's libraries read what adlink writes, and write what it reads: `tests/interop/run.sh target/release/adlink`.
# Installs what requirements.txt pins into VENV (target/interop-venv), from the package index, the first time.
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")/../.."
venv=${VENV:-target/interop-venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/interop/requirements.txt
PATH="$(realpath "$venv")/bin:$PATH" ADLINK="$binary" PYTHONDONTWRITEBYTECODE=1 \
  "$venv/bin/python" -m pytest -q -p no:cacheprovider tests/interop
