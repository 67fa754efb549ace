#!/usr/bin/env bash
# The trials of an experiment as a Slurm array job, and behind it a job that collects them into one bundle.
#
#     workflows/slurm-array.sh CONFIG [OPTION…]
#
# is called where jobs are submitted, with options that `retrial plan` and `retrial run` both take: --set, --data,
# --device. Called again, it submits what the bundle does not have yet. From the environment:
#
#     RETRIAL        the program [retrial]
#     SWEEP          a folder that every node sees, for parts, checkpoints, logs and the bundle [sweeps/NAME of the file]
#     SWEEP_TASKS    most tasks of the array; each then takes several trials, one after the other [1000]
#     SWEEP_SBATCH   options of each task for sbatch, such as "--partition=gpu --gres=gpu:1 --time=4:00:00" []
#     SWEEP_RUN      options for `retrial run` alone, such as "--checkpoint-every 300" []
set -euo pipefail

collect() { # folder
  rm -rf "$1/bundle.new"
  "$RETRIAL" collect "$1"/parts/*/* --out "$1/bundle.new"
  rm -rf "$1/bundle"
  mv "$1/bundle.new" "$1/bundle"
}

# Trains every n-th trial of the list, from the task's own place on. Slurm's warning before the end of the time limit
# makes retrial write a checkpoint and stop; the task then goes back into the queue and on from there.
task() { # folder, list, number of tasks, config, options
  local folder=$1 list=$2 tasks=$3 config=$4 trial code child=
  shift 4
  trap 'kill -TERM "$child" 2>/dev/null || true' TERM
  while read -r trial; do
    # shellcheck disable=SC2086 # several options
    "$RETRIAL" run "$config" --only "$trial" --jobs 1 --cache "$folder/cache" --out "$folder/parts/$trial" \
      "$@" ${SWEEP_RUN:-} &
    child=$! code=0
    wait "$child" || code=$?
    if kill -0 "$child" 2>/dev/null; then # the wait was cut short by the signal
      code=0
      wait "$child" || code=$?
    fi
    if [ "$code" = 8 ]; then
      scontrol requeue "$SLURM_JOB_ID"
      sleep 60 # Slurm ends the task by itself
    fi
    if [ "$code" != 0 ]; then return "$code"; fi
  done < <(sed -n "$SLURM_ARRAY_TASK_ID~${tasks}p" "$list")
}

submit() { # config, options
  local config=$1 folder list trials tasks array
  shift
  folder=$(realpath -m "${SWEEP:-sweeps/$(basename "${config%.*}")}")
  config=$(realpath "$config")
  RETRIAL=$(realpath "$(command -v "${RETRIAL:-retrial}")")
  export RETRIAL
  mkdir -p "$folder/logs" "$folder/parts"
  list=$(mktemp "$folder/trials.XXXXXX")
  "$RETRIAL" plan "$config" --names --cache "$folder/cache" --out "$folder/bundle" "$@" > "$list"
  trials=$(wc -l < "$list")
  if [ "$trials" = 0 ]; then
    rm "$list"
    echo "Nothing to do: $folder/bundle has every trial"
    return
  fi
  tasks=$((trials < ${SWEEP_TASKS:-1000} ? trials : ${SWEEP_TASKS:-1000}))
  # shellcheck disable=SC2086 # several options
  array=$(sbatch --parsable --job-name=retrial --array="1-$tasks" --requeue --open-mode=append --signal=B:TERM@120 \
    --output="$folder/logs/%A-%a.txt" ${SWEEP_SBATCH:-} "$0" --task "$folder" "$list" "$tasks" "$config" "$@")
  sbatch --parsable --job-name=retrial-collect --dependency="afterany:$array" --output="$folder/logs/%j-collect.txt" \
    "$0" --collect "$folder" > "$folder/collect-job"
  echo "$trials trial(s) in array job $array; job $(cat "$folder/collect-job") collects them into $folder/bundle"
}

case ${1:-} in
  --task) shift && task "$@" ;;
  --collect) shift && collect "$@" ;;
  '' | -*) echo "usage: slurm-array.sh CONFIG [OPTION…]" >&2 && exit 2 ;;
  *) submit "$@" ;;
esac
