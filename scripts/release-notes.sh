#!/usr/bin/env bash
# Prints what CHANGELOG.md says of this version, for a release.
#
#     scripts/release-notes.sh [TAG]     (without a tag, a version that has no section yet has what is unreleased)
#
# Fails where the tag is not of the version in Cargo.toml.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'release-notes.sh: %s\n' "$1" >&2; exit 1; }

tag=${1:-}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
[ -z "$tag" ] || [ "$tag" = "v$version" ] || fail "the tag is $tag, but Cargo.toml says version $version"
section() {
  awk -v name="$1" '/^## / { inside = ($2 == name); next } inside' CHANGELOG.md
}
notes=$(section "$version")
if [ -z "$notes" ] && [ -z "$tag" ]; then notes=$(section Unreleased); fi
[ -n "$notes" ] || fail "CHANGELOG.md has no section \"## $version\""
printf '%s\n' "$notes"
