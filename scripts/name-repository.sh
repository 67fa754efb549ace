#!/usr/bin/env bash
# Writes into Cargo.toml where this repository is: crates.io shows it, and `cargo binstall` fetches from there.
#
#     scripts/name-repository.sh https://github.com/OWNER/NAME
#
# Does nothing where it is there already, and fails where another address is.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'name-repository.sh: %s\n' "$1" >&2; exit 1; }

address=${1:-}
case $address in https://?*/?*/?*) ;; *) fail 'name an address such as https://github.com/OWNER/NAME' ;; esac
named=$(sed -n 's/^repository = "\(.*\)"$/\1/p' Cargo.toml)
if [ "$named" = "$address" ]; then exit 0; fi
[ -z "$named" ] || fail "Cargo.toml says $named, not $address"

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
awk -v line="repository = \"$address\"" '{ print } /^license.workspace = / && !done { print line; done = 1 }' Cargo.toml > "$scratch"
grep -qxF "repository = \"$address\"" "$scratch" || fail 'Cargo.toml has no license after which to write it'
cat "$scratch" > Cargo.toml
