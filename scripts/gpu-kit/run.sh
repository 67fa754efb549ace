#!/usr/bin/env bash
# Takes evidence on this machine's GPU, within a budget, going on from what is there. docs/gpu.md explains it.
#
#     run.sh --budget SECONDS --out DIR        (all options: run.sh --help)
#
# Needs Python 3.9 or newer with the PyTorch that the kit was built against.
set -euo pipefail
exec "${PYTHON:-python3}" "$(dirname "$(readlink -f "$0")")/kit.py" "$@"
