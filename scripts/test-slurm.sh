#!/usr/bin/env bash
# Runs workflows/slurm-array.sh on a Slurm of one node that is set up here, stops one of its tasks, and compares the
# outcome with a run in one piece.
#
#     scripts/test-slurm.sh [RETRIAL]     (default: target/release/retrial)
#
# Needs Debian and root: it installs slurm-wlm and munge where they are missing. The daemons are its own, on ports of
# their own, and end with it.
set -euo pipefail
cd "$(dirname "$0")/.."

retrial=$(realpath "${1:-target/release/retrial}")
options=(--set 'variants=[bn,plain]' --set 'seeds=[1,2]' --set data.per_class=120 --set train.epochs=3)

fail() {
  printf 'test-slurm.sh: %s\n' "$1" >&2
  tail -n 20 "$scratch"/*.log "$scratch"/sweep/logs/* >&2 2>/dev/null || true
  exit 1
}
# Waits until the command succeeds, or fails with the words.
until_true() { # seconds, words, command
  local limit=$((SECONDS + $1)) words=$2
  shift 2
  until "$@"; do
    if [ "$SECONDS" -ge "$limit" ]; then fail "$words"; fi
    sleep 0.1
  done
}

scratch=$(mktemp -d)
chmod 755 "$scratch" # munged wants everybody to reach its socket
test -x "$retrial" || fail "there is no $retrial: cargo build --release"
if ! { command -v slurmctld && command -v slurmd && command -v sbatch && command -v munged; } > /dev/null; then
  apt-get update --quiet > "$scratch/apt.log"
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends slurm-wlm munge > "$scratch/apt.log" 2>&1 ||
    fail 'cannot install slurm-wlm and munge'
fi

daemons=()
cleanup() {
  scancel --user root --quiet 2>/dev/null || true
  if [ "${#daemons[@]}" -gt 0 ]; then
    kill "${daemons[@]}" 2>/dev/null || true
    wait "${daemons[@]}" 2>/dev/null || true
  fi
  rm -rf "$scratch"
}
trap cleanup EXIT

node=$(hostname -s)
mkdir "$scratch/state" "$scratch/spool"
cat > "$scratch/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$scratch/munge.socket
StateSaveLocation=$scratch/state
SlurmdSpoolDir=$scratch/spool
SlurmctldPidFile=$scratch/slurmctld.pid
SlurmdPidFile=$scratch/slurmd.pid
SlurmctldLogFile=$scratch/slurmctld.log
SlurmdLogFile=$scratch/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=60
END
export SLURM_CONF=$scratch/slurm.conf

dd if=/dev/urandom of="$scratch/munge.key" bs=1024 count=1 status=none
chmod 400 "$scratch/munge.key"
munged --foreground --key-file="$scratch/munge.key" --socket="$scratch/munge.socket" --pid-file="$scratch/munge.pid" \
  --log-file="$scratch/munged.log" --seed-file="$scratch/munge.seed" > "$scratch/munged-start.log" 2>&1 &
daemons+=($!)
until_true 10 'munged does not start' test -S "$scratch/munge.socket"
slurmctld -D > "$scratch/slurmctld-start.log" 2>&1 &
daemons+=($!)
slurmd -D > "$scratch/slurmd-start.log" 2>&1 &
daemons+=($!)
idle() { sinfo --noheader --format=%T 2>/dev/null | grep -qx idle; }
until_true 60 'the node does not become idle' idle

RETRIAL=$retrial SWEEP=$scratch/sweep SWEEP_RUN='--checkpoint-every 0' \
  workflows/slurm-array.sh configs/quick.yaml "${options[@]}"

# What Slurm does when a time limit comes near: the batch script of one task is sent SIGTERM, once it has a checkpoint.
checkpoints() { test "$(find "$scratch/sweep/cache/checkpoints" -name '*.checkpoint' -printf '%h\n' 2>/dev/null | sort -u | wc -l)" -ge 2; }
until_true 120 'no task makes a checkpoint' checkpoints
task=$(squeue --noheader --array --states=RUNNING --format=%i --name=retrial | head -n 1)
# It is delivered at once, but scancel is told that a job on its way back into the queue cannot be altered, and insists.
timeout 3 scancel --batch --signal=TERM "$task" 2> "$scratch/scancel.log" || true
requeued() { grep -q 'stopped, with a checkpoint' "$scratch"/sweep/logs/*.txt; }
until_true 60 "task $task does not stop" requeued
# Slurm holds back what was requeued for two minutes, which nobody needs to wait for here.
pending() { squeue --noheader --array --states=PENDING --format=%i --name=retrial | grep -qx "$task"; }
until_true 60 "task $task does not go back into the queue" pending
scontrol update JobId="$task" StartTime=now

ended() { test -z "$(squeue --noheader --format=%i)"; }
until_true 300 'the jobs do not end' ended
test -s "$scratch/sweep/bundle/results.json" || fail 'there is no bundle'
grep -q 'goes on after step' "$scratch"/sweep/logs/*.txt || fail 'the stopped task did not go on from its checkpoint'

# From a copy with nothing published near it: a run beside a publication says how it compares, collect only if asked.
cp configs/quick.yaml "$scratch/quick.yaml"
"$retrial" run "$scratch/quick.yaml" "${options[@]}" --no-throughput --quiet --cache "$scratch/cache" --out "$scratch/whole"
cmp "$scratch/sweep/bundle/results.json" "$scratch/whole/results.json"
cmp "$scratch/sweep/bundle/report.md" "$scratch/whole/report.md"
"$retrial" verify "$scratch/sweep/bundle" --tier report > /dev/null || fail 'the bundle does not hold'
RETRIAL=$retrial SWEEP=$scratch/sweep workflows/slurm-array.sh configs/quick.yaml "${options[@]}" | grep -q 'Nothing to do' ||
  fail 'a second call found work'
echo 'slurm: an array of 4 trials, one of them stopped, requeued, and gone on from its checkpoint; results.json and report.md are those of a run in one piece'
