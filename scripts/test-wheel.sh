#!/usr/bin/env bash
# Installs a wheel into an empty environment and runs an experiment with it, far from this repository and without Rust.
#
#     scripts/test-wheel.sh WHEEL
#
# Needs Python 3 with venv; nothing is downloaded.
set -euo pipefail

python=${PYTHON:-python3}
fail() { printf 'test-wheel.sh: %s\n' "$1" >&2; exit 1; }

[ $# = 1 ] && [ -f "$1" ] || fail 'name the wheel'
wheel=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

"$python" -m zipfile --list "$wheel" > contents
for file in LICENSE-APACHE LICENSE-MIT LICENSE-THIRD-PARTY; do
  grep -q "dist-info/licenses/$file " contents || fail "the wheel has no $file"
done
"$python" -m venv environment
tools=$scratch/environment/bin
if [ -d environment/Scripts ]; then tools=$scratch/environment/Scripts; fi # Windows
"$tools/python" -m pip install --quiet --disable-pip-version-check --no-index "$wheel"
version=$("$tools/python" -c 'from importlib.metadata import version; print(version("retrial"))')

bash=$(command -v bash)
(
  # Nothing else can be found from here: no cargo, no compiler.
  export PATH=$tools
  said=$(retrial --version)
  [ "${said//$'\r'/}" = "retrial $version" ] || fail "the wheel is of version $version, the program says: $said"
  "$bash" -euc 'retrial init x && retrial run x/article.yaml'
)
for file in runs/article/index.html runs/article/report.md runs/article/manifest.json; do
  [ -s "$file" ] || fail "there is no $file"
done
printf 'wheel: %s, %s bytes, ran an experiment and wrote its report\n' "$(basename "$wheel")" "$(wc -c < "$wheel" | tr -d ' ')"
