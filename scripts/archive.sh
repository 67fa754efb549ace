#!/usr/bin/env bash
# Packs the program of a wheel with its manual, completions and licences, and prints where the archive is.
#
#     scripts/archive.sh WHEEL TARGET FOLDER     (TARGET as `rustc -vV` names its host; the program must run here)
#
# It is called as Cargo.toml's [package.metadata.binstall] says, by which `cargo binstall` finds it. Needs Python 3.
set -euo pipefail

fail() { printf 'archive.sh: %s\n' "$1" >&2; exit 1; }

[ $# = 3 ] && [ -f "$1" ] || fail 'name a wheel, a target and a folder'
repository=$(cd "$(dirname "$0")/.." && pwd)
wheel=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
python=${PYTHON:-python3}
mkdir -p "$3"
folder=$(cd "$3" && pwd)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
"$python" -m zipfile --extract "$wheel" wheel
program=$(echo wheel/retrial-*.data/scripts/retrial*)
chmod +x "$program"
version=$("$program" --version | tr -d '\r')
name=retrial-v${version#retrial }-$2
mkdir -p "$name/completions"
cp "$program" "$repository"/{README.md,CHANGELOG.md} wheel/retrial-*.dist-info/licenses/* "$name/"
for shell in bash elvish fish powershell zsh; do
  "$program" completions "$shell" > "$name/completions/retrial.$shell"
done
"$program" man "$name/man" > /dev/null
[ -s "$name/man/retrial.1" ] || fail 'there is no manual page'

ending=.tar.gz
case $2 in *windows*) ending=.zip ;; esac
named=$(sed -n "s|^pkg-url = .*/\\(.*$ending\\)\"\$|\\1|p" "$repository/Cargo.toml")
archive=$(sed "s/{ name }/retrial/; s/{ version }/${version#retrial }/; s/{ target }/$2/" <<< "$named")
[ "$archive" = "$name$ending" ] || fail "Cargo.toml would call $name$ending: $archive"
case $ending in
  .zip) "$python" -m zipfile --create "$archive" "$name" ;;
  *) tar -czf "$archive" "$name" ;;
esac
mv "$archive" "$folder/"
printf '%s\n' "$folder/$archive"
