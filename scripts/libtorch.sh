#!/usr/bin/env bash
# Makes a Python environment with the libtorch that retrial is built against, and prints what to source.
#
#     scripts/libtorch.sh [--torch VERSION] [FOLDER] > libtorch.env     (default: 2.9.1 in .venv-libtorch; about 7 GB on Linux)
#     . ./libtorch.env
#     cargo build --release --features libtorch
#
# Needs Python 3.10 to 3.13 with venv, and a network connection to PyPI. Progress goes to standard error.
set -euo pipefail

fail() { printf 'libtorch.sh: %s\n' "$1" >&2; exit 1; }

version=2.9.1 # tch 0.22 is made for libtorch 2.9
folder=.venv-libtorch
python=${PYTHON:-python3}
if [ "${1:-}" = --torch ]; then
  version=${2:?a version of torch}
  folder=.venv-libtorch-$version
  shift 2
fi
case ${1:-} in -*) fail "unknown option $1" ;; esac
folder=${1:-$folder}

command -v "$python" >/dev/null 2>&1 || fail "there is no $python: install Python 3, or name one with PYTHON=…"
if [ ! -x "$folder/bin/python" ]; then
  "$python" -m venv "$folder" >&2 || fail "cannot make $folder; on Debian, install python3-venv"
fi
if ! "$folder/bin/python" -c "import torch; assert torch.__version__.split('+')[0] == '$version'" 2>/dev/null; then
  "$folder/bin/python" -m pip install --quiet "torch==$version" numpy >&2 ||
    fail "cannot install torch $version; try it by hand: $folder/bin/python -m pip install torch==$version numpy"
fi

folder=$(cd "$folder" && pwd)
library=$("$folder/bin/python" -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))')
cat <<END
# Source this before cargo and before running what it builds.
export VIRTUAL_ENV='$folder'
export PATH='$folder/bin':"\$PATH"
export LIBTORCH_USE_PYTORCH=1 LIBTORCH_BYPASS_VERSION_CHECK=1
export LD_LIBRARY_PATH='$library'\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}
END
