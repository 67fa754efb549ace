#!/usr/bin/env bash
# Runs workflows/Snakefile on two local cores, kills one of its trials, and compares the outcome with a run in one piece.
#
#     scripts/test-snakemake.sh [RETRIAL]     (default: target/release/retrial)
#
# Needs Python 3.11 or newer with venv, and PyPI for the first run; the environment is kept in .venv-snakemake.
set -euo pipefail
cd "$(dirname "$0")/.."

version=9.27.1
retrial=$(realpath "${1:-target/release/retrial}")
python=${PYTHON:-python3}
environment=.venv-snakemake
options='--set variants=[bn,plain] --set seeds=[1,2] --set data.per_class=120 --set train.epochs=3'

fail() { printf 'test-snakemake.sh: %s\n' "$1" >&2; exit 1; }

test -x "$retrial" || fail "there is no $retrial: cargo build --release"
if ! "$environment/bin/snakemake" --version 2>/dev/null | grep -qx "$version"; then
  "$python" -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet "snakemake==$version"
fi

scratch=$(mktemp -d)
workflow=
cleanup() {
  # The workflow and its jobs are this script's own, in a process group of their own.
  if [ -n "$workflow" ]; then kill -KILL -- "-$workflow" 2>/dev/null || true; fi
  rm -rf "$scratch"
}
trap cleanup EXIT

# A process of retrial that trains a trial of this very test, once both that run have kept a checkpoint.
trial() {
  local process checkpoints
  checkpoints=$(find "$scratch/cache/checkpoints" -name '*.checkpoint' -printf '%h\n' 2>/dev/null | sort -u | wc -l)
  if [ "$checkpoints" -lt 2 ]; then return; fi
  for process in $(pgrep -x "$(basename "$retrial" | cut -c 1-15)" || true); do
    if tr '\0' ' ' < "/proc/$process/cmdline" 2>/dev/null | grep -q -- "--only .*$scratch/work"; then
      echo "$process"
      return
    fi
  done
}

workflow() {
  "$environment/bin/snakemake" --snakefile workflows/Snakefile --cores 2 --directory "$scratch" --config \
    experiment="$PWD/configs/quick.yaml" retrial="$retrial" options="$options" \
    run_options='--checkpoint-every 0' work="$scratch/work" cache="$scratch/cache" > "$scratch/$1" 2>&1
}

set -m # a process group for the workflow
workflow log.txt &
workflow=$!
set +m

killed=
while [ -z "$killed" ] && kill -0 "$workflow" 2>/dev/null; do
  process=$(trial)
  if [ -n "$process" ] && kill -KILL "$process" 2>/dev/null; then killed=$process; fi
  sleep 0.05
done
wait "$workflow" || { cat "$scratch/log.txt" >&2; fail 'the workflow failed'; }
workflow=
test -n "$killed" || fail 'no trial could be killed'
grep -q 'Trying to restart job' "$scratch/log.txt" || { cat "$scratch/log.txt" >&2; fail 'nothing was retried'; }
grep -q 'goes on after step' "$scratch"/work/logs/*.txt || fail 'the retried trial did not go on from its checkpoint'

# From a copy with nothing published near it: a run beside a publication says how it compares, collect only if asked.
cp configs/quick.yaml "$scratch/quick.yaml"
# shellcheck disable=SC2086 # several options
"$retrial" run "$scratch/quick.yaml" $options --no-throughput --quiet --cache "$scratch/cache" --out "$scratch/whole"
cmp "$scratch/work/bundle/results.json" "$scratch/whole/results.json"
cmp "$scratch/work/bundle/report.md" "$scratch/whole/report.md"
"$retrial" verify "$scratch/work/bundle" --tier report > /dev/null || fail 'the bundle does not hold'
test "$(find "$scratch/work/parts" -name trial.json | wc -l)" = 4 || fail 'there are not four parts'
workflow again.txt
grep -q 'Nothing to be done' "$scratch/again.txt" || { cat "$scratch/again.txt" >&2; fail 'a second call found work'; }
echo 'snakemake: 4 trials, one of them killed, retried, and gone on from its checkpoint; results.json and report.md are those of a run in one piece'
