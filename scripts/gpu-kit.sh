#!/usr/bin/env bash
# Builds a folder that takes evidence on a machine with a GPU and PyTorch, and without Rust: docs/gpu.md explains it.
#
#     scripts/gpu-kit.sh [--torch VERSION] [--images FILE] [--out DIR] [--env FILE]
#
# --torch VERSION   the PyTorch of that machine (default: 2.11.0); installed here, about 7 GB
# --images FILE     an archive of images that goes along, for the trials
# --out DIR         the kit (default: gpu-kit)
# --env FILE        build in an environment that scripts/libtorch.sh has made already, instead of making one
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."

fail() { printf 'gpu-kit.sh: %s\n' "$1" >&2; exit 1; }
absolute() { case $1 in /*) printf '%s\n' "$1" ;; *) printf '%s\n' "$here/$1" ;; esac; }

version=2.11.0 images='' out='' environment=''
while [ $# -gt 0 ]; do
  case $1 in
    --torch) version=${2:?a version of torch} ;;
    --images) images=$(absolute "${2:?an archive}") ;;
    --out) out=$(absolute "${2:?a folder}") ;;
    --env) environment=$(absolute "${2:?a file}") ;;
    *) fail "unknown option $1" ;;
  esac
  shift 2
done
out=${out:-gpu-kit}
for tool in strip readelf objdump gzip; do
  command -v "$tool" >/dev/null 2>&1 || fail "there is no $tool: on Debian, install binutils and gzip"
done
[ -z "$images" ] || [ -f "$images" ] || fail "there is no $images"
[ ! -e "$out" ] || [ -f "$out/kit.json" ] || fail "$out is there already, and it is no kit"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ -z "$environment" ]; then
  scripts/libtorch.sh --torch "$version" > "$scratch/libtorch.env"
  environment=$scratch/libtorch.env
  # Cargo does not see that another torch is in the same place of the search path.
  CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/torch-$version
  export CARGO_TARGET_DIR
fi
# shellcheck disable=SC1090
. "$environment"
found=$(python -c 'import torch; print(torch.__version__.split("+")[0])')
libraries=$(python -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))')

executable() { # of the build with this kind of target, as cargo tells it
  python -c '
import json, sys
found = [message["executable"] for line in sys.stdin if (message := json.loads(line)).get("reason") == "compiler-artifact"
         and message["target"]["kind"] == [sys.argv[1]] and message["target"]["name"] == "retrial" and message["executable"]]
print(found[-1])' "$1"
}
format=--message-format=json-render-diagnostics
retrial=$(cargo build --release --features libtorch --bin retrial "$format" | executable bin)
tests=$(cargo test --release --features libtorch --lib --no-run "$format" | executable lib)

said=$("$retrial" doctor --device libtorch | sed -n 's/^libtorch version  *//p')
[ "$said" = "$found" ] || fail "$retrial was built against libtorch $said and not $found: give CARGO_TARGET_DIR another folder"
if [ -e "$libraries/libtorch_cuda.so" ]; then
  # A linker that leaves it out makes a program that sees no GPU anywhere.
  for program in "$retrial" "$tests"; do
    readelf -d "$program" | grep -q 'NEEDED.*libtorch_cuda' || fail "$program is not linked with libtorch_cuda"
  done
fi

rm -rf "$out"
mkdir -p "$out/bin"
for name in retrial tests; do
  strip -o "$scratch/$name" "${!name}"
  gzip -9 -n -c "$scratch/$name" > "$out/bin/$name.gz"
done
cp -r configs templates benches/pytorch/train_step.py scripts/gpu-kit/*.py scripts/gpu-kit/run.sh "$out"
packed=null
if [ -n "$images" ]; then
  cp "$images" "$out/"
  packed=$(python -c 'import json, os, sys; print(json.dumps(os.path.basename(sys.argv[1])))' "$images")
fi
needs() { objdump -T "$scratch/retrial" "$scratch/tests" | grep -v ' w ' | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1; }
id=$(cat "$scratch/retrial" "$scratch/tests" "$out/train_step.py" "$out/configs/article.yaml" | sha256sum | cut -c 1-16)
glibc=$(needs) commit=$(git rev-parse HEAD 2>/dev/null || true)
cat > "$out/kit.json" <<END
{
 "schema": 1,
 "id": "$id",
 "commit": "$commit",
 "torch": "$found",
 "glibc": "${glibc#GLIBC_}",
 "images": $packed
}
END

bytes() { find "$@" -type f -printf '%s\n' | awk '{ bytes += $1 } END { print bytes + 0 }'; }
mebibytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f MiB", bytes / 1048576 }'; }
all=$(bytes "$out")
own=$all
[ -z "$images" ] || own=$((all - $(bytes "$images")))
[ "$own" -lt $((45 * 1048576)) ] || fail "$out has $(mebibytes "$own") without images: it should have less than 45 MiB"
echo "$out: $(mebibytes "$all") for PyTorch $found, glibc ${glibc#GLIBC_} or newer; docs/gpu.md says how to run it"
