#!/usr/bin/env bash
# Opens pages in headless Chromium and checks them:
# `scripts/check-pages.sh [--shots DIR] [--words N] [--screens N] [--sheets N] PAGE.html...`
# Needs node with npm, and Chromium (or CHROMIUM=/path/to/it). The first call fetches two packages from npm.
set -euo pipefail
here=$(cd "$(dirname "$0")/browser" && pwd)
for tool in node npm; do
  command -v "$tool" >/dev/null 2>&1 || { echo "$tool is missing: install Node.js, then run this again" >&2; exit 2; }
done
if [ ! -d "$here/node_modules" ]; then
  (cd "$here" && npm ci --no-audit --no-fund --silent)
fi
exec node "$here/check.mjs" "$@"
