#!/usr/bin/env bash
# Packages the crates, builds what was packaged, and checks that its trials have the keys of those of a checkout's program.
#
#     scripts/test-crate.sh [RETRIAL]     (default: the program in cargo's release folder)
#
# Dependencies that are compiled already are not compiled again; the checkout's own crate is, when it is built next.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-$PWD/target}
retrial=${1:-$target/release/retrial}
limit=2000000 # bytes; crates.io takes five times as much
fail() { printf 'test-crate.sh: %s\n' "$1" >&2; exit 1; }

[ -x "$retrial" ] || fail "there is no $retrial: cargo build --release"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$retrial" "$scratch/from-checkout" # a build that shares the folder replaces the program

# Changes that are not committed are packaged as well: this is about what the crate holds.
cargo package --workspace --no-verify --locked --allow-dirty --quiet --target-dir "$target"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
crate=$target/package/retrial-$version.crate
bytes=$(wc -c < "$crate" | tr -d ' ')
[ "$bytes" -lt "$limit" ] || fail "the crate has $bytes bytes"
source=$target/package/retrial-$version
kernels=$target/package/retrial-kernels-$version
rm -rf "$source" "$kernels"
# With the time of now: cargo compiles what is newer than its last build.
tar -xzmf "$crate" -C "$target/package"
tar -xzmf "$kernels.crate" -C "$target/package"
# The same dependencies, of which one is to be found at crates.io rather than beside the crate.
lock() { awk 'BEGIN { RS = ""; ORS = "\n\n" } !/name = "retrial-kernels"/' "$1/Cargo.lock"; }
[ "$(lock .)" = "$(lock "$source")" ] || fail 'the crate has another Cargo.lock'
# It only has to plan, so it is not optimised.
cargo build --release --manifest-path "$source/Cargo.toml" --target-dir "$target" \
  --config "patch.crates-io.retrial-kernels.path='$kernels'" \
  --config 'profile.release.package.retrial.opt-level=0'
mv "$target/release/retrial" "$scratch/from-crate"
cp "$scratch/from-checkout" "$target/release/retrial"

for program in from-checkout from-crate; do
  "$scratch/$program" plan configs/quick.yaml --json --cache "$scratch/cache" --out "$scratch/none" > "$scratch/$program.json"
done
grep -q '"key"' "$scratch/from-crate.json" || fail 'the plan has no keys'
cmp "$scratch/from-checkout.json" "$scratch/from-crate.json"
printf 'crates: %s, %s bytes, and %s; plan the same trials under the same keys\n' "$(basename "$crate")" "$bytes" "$(basename "$kernels").crate"
