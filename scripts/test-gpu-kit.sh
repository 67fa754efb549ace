#!/usr/bin/env bash
# Rehearses a kit for a GPU on the CPU: all of its steps in miniature, stopped and gone on with, packed, and collected.
#
#     scripts/test-gpu-kit.sh FILE     (FILE: what scripts/libtorch.sh printed)
#
# Builds nothing where `cargo test --release --features libtorch` has been run in that environment.
set -euo pipefail
environment=$(realpath "${1:?the environment that scripts/libtorch.sh printed}")
cd "$(dirname "$0")/.."

fail() { printf 'test-gpu-kit.sh: %s\n' "$1" >&2; exit 1; }
scratch=$(mktemp -d)
runner=
cleanup() {
  if [ -n "$runner" ]; then kill -KILL "$runner" 2>/dev/null || true; fi
  rm -rf "$scratch"
}
trap cleanup EXIT

scripts/gpu-kit.sh --env "$environment" --out "$scratch/kit"
# The kit must find libtorch by itself.
# shellcheck disable=SC1090
PYTHON=$(. "$environment" && command -v python)
export PYTHON
run() { "$scratch/kit/run.sh" --smoke --budget 900 "$@"; }
state() { grep -o '"result": "[a-z]*"' "$scratch/$1-work/steps/$2/state.json" | cut -d '"' -f 4; }
starts() { grep -c '^== ' "$scratch/$1-work/steps/$2/log.txt"; }

# Stopped in its first trial, which comes before what is measured where that has no share.
"$scratch/kit/run.sh" --smoke --budget 900 --share 0 --out "$scratch/one" > "$scratch/first.txt" 2>&1 &
runner=$!
until find "$scratch/one-work/cache/checkpoints" -name '*.checkpoint' 2>/dev/null | grep -q .; do
  kill -0 "$runner" 2>/dev/null || { cat "$scratch/first.txt" >&2; fail 'it ended before its first trial had a checkpoint'; }
  sleep 0.1
done
kill -TERM "$runner"
code=0
wait "$runner" || code=$?
runner=
cat "$scratch/first.txt"
[ "$code" = 8 ] || fail "stopped, it ended with $code and not with 8"
[ "$(state one trial-dropout_only-1)" = cut ] || fail 'the trial that was stopped is not due again'
for step in machine determinism-fp32 determinism-bf16 tests-engine; do
  [ "$(state one "$step")" = 'done' ] || { cat "$scratch/one-work/steps/$step/log.txt" >&2; fail "$step is not done"; }
done

# Gone on with elsewhere, from what was packed.
run --from "$scratch/one" --work "$scratch/two-work" --out "$scratch/two"
for folder in "$scratch"/two-work/steps/*; do
  step=$(basename "$folder")
  [ "$(state two "$step")" = 'done' ] || { cat "$folder/log.txt" >&2; fail "$step is not done"; }
done
[ "$(starts two determinism-fp32)" = 1 ] || fail 'what was done was done again'
grep -q '"event":"trial_started".*"steps_done":[1-9]' "$scratch/two-work/steps/trial-dropout_only-1/log.txt" ||
  fail 'the trial did not go on from its checkpoint'
for said in '| determinism-bf16 | done' '| 32, 4 | fp32 | eager |' '| 32, 4 | bf16 | compile |' '| bn_dropout-1 | done' '6 of 6'; do
  grep -qF "$said" "$scratch/two-work/summary.md" || { cat "$scratch/two-work/summary.md" >&2; fail "no summary of $said"; }
done
grep -q 'level .bitwise.' "$scratch/two-work/summary.md" || fail 'no determinism was shown'

# Another machine with another trial; what both bring makes one bundle.
run --steps trials --only bn/1 --out "$scratch/three"
for run in two three; do
  [ "$(find "$scratch/$run" -type f | wc -l)" -le 8 ] || fail "$run has more than 8 files"
  [ -z "$(find "$scratch/$run" -type f -size +16M)" ] || fail "$run has a file of more than 16 MiB"
  "$PYTHON" scripts/gpu-kit/parcel.py unpack "$scratch/$run" --to "$scratch/parts/$run"
done
# shellcheck disable=SC1090
collected=$(. "$environment" && "$scratch/three-work/bin/retrial" collect "$scratch"/parts/*/runs/article --out "$scratch/collected")
grep -q '^3 trials collected' <<< "$collected" || { echo "$collected" >&2; fail 'not all trials were collected'; }

# A piece that was cut off is refused.
piece=$(find "$scratch/two" -name 'results-*' | head -1)
truncate -s -1 "$piece"
if "$PYTHON" scripts/gpu-kit/parcel.py unpack "$scratch/two" --to "$scratch/damaged" 2>/dev/null; then
  fail 'a damaged piece was unpacked'
fi
echo "the kit: every step in miniature, a trial stopped and gone on with elsewhere, 3 trials of two runs collected ($SECONDS s)"
