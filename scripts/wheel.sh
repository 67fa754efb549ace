#!/usr/bin/env bash
# Builds the Python wheel that has the program in it, and prints where it is.
#
#     scripts/wheel.sh [FOLDER [OPTION...]]     (default: wheels/ in cargo's target folder; options are maturin's)
#     scripts/wheel.sh dist --zig --target x86_64-unknown-linux-gnu --compatibility manylinux2014   # for older systems
#     scripts/wheel.sh dist --sdist     # the sources instead, from which pip builds a wheel where there is Rust
#
# Needs Rust, Python 3.8 or newer with venv, and PyPI for the first run; the environment is kept in .venv-maturin. Without
# --target, what cargo has compiled for `cargo build --release` is used and not compiled again. Progress goes to standard
# error.
set -euo pipefail

maturin=1.16.0
zig=0.15.2
repository=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
environment=$repository/.venv-maturin

fail() { printf 'wheel.sh: %s\n' "$1" >&2; exit 1; }

folder=${1:-${CARGO_TARGET_DIR:-$repository/target}/wheels}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if [ $# != 0 ]; then shift; fi

command -v cargo >/dev/null 2>&1 || fail 'there is no cargo: install Rust from https://rustup.rs'
command -v "$python" >/dev/null 2>&1 || fail "there is no $python: install Python 3, or name one with PYTHON=…"
packages=("maturin==$maturin")
for option in "$@"; do
  if [ "$option" = --zig ]; then packages+=("ziglang==$zig"); fi
done
if [ ! -d "$environment" ]; then
  "$python" -m venv "$environment" >&2 || fail "cannot make $environment; on Debian, install python3-venv"
fi
tools=$environment/bin
if [ -d "$environment/Scripts" ]; then tools=$environment/Scripts; fi # Windows
"$tools/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" >&2

build=(build --release --locked "$@")
if [ "${1:-}" = --sdist ]; then build=(sdist); fi
target=
for ((i = 1; i < $#; i++)); do
  if [ "${!i}" = --target ]; then target=${*:i+1:1}; fi
done
licences=$repository/LICENSE-THIRD-PARTY # pyproject.toml takes it into the wheel
# In a folder of its own, so that exactly one file is there afterwards. Zig is found as the Python package beside maturin.
built=$(mktemp -d "$folder/.wheel.XXXXXX")
trap 'rm -rf "$built" "$licences"' EXIT
if [ "${build[0]}" = build ]; then
  (cd "$repository" && "$tools/python" scripts/third-party.py ${target:+"$target"} > "$licences")
fi
(cd "$repository" && PATH=$tools:$PATH maturin "${build[@]}" --out "$built" >&2)
file=$(basename "$built"/*)
mv "$built/$file" "$folder/$file"
printf '%s\n' "$folder/$file"
