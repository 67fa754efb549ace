#!/usr/bin/env bash
# Packs a program with its manual, completions and licences as a release has it, and prints where the archive is.
#
#     scripts/archive.sh RETRIAL TARGET FOLDER     (TARGET as `rustc -vV` names its host; the program must run here)
#
# Cargo.toml's [package.metadata.binstall] says what the archives are called.
set -euo pipefail

fail() { printf 'archive.sh: %s\n' "$1" >&2; exit 1; }

[ $# = 3 ] && [ -x "$1" ] || fail 'name a program, a target and a folder'
repository=$(cd "$(dirname "$0")/.." && pwd)
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$3"
folder=$(cd "$3" && pwd)
version=$("$program" --version | tr -d '\r')
name=retrial-v${version#retrial }-$2

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
mkdir -p "$name/completions"
cp "$program" "$name/"
cp "$repository"/{README.md,CHANGELOG.md,LICENSE-APACHE,LICENSE-MIT} "$name/"
for shell in bash elvish fish powershell zsh; do
  "$program" completions "$shell" > "$name/completions/retrial.$shell"
done
"$program" man "$name/man" > /dev/null
[ -s "$name/man/retrial.1" ] || fail 'there is no manual page'

case $2 in
  *windows*) archive=$name.zip && "${PYTHON:-python3}" -m zipfile --create "$archive" "$name" ;;
  *) archive=$name.tar.gz && tar -czf "$archive" "$name" ;;
esac
mv "$archive" "$folder/"
printf '%s\n' "$folder/$archive"
