#!/usr/bin/env bash
# Do two runs of the same bench agree within their intervals? Nothing else should run meanwhile.
# Usage: scripts/measure-agreement.sh PATH-TO-RETRIAL CONFIG [MORE ARGUMENTS OF retrial bench]
set -euo pipefail
retrial=$1
config=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for run in 1 2; do
  "$retrial" bench "$config" --cache "$scratch/cache" "$@" > "$scratch/$run"
done
# variant mode batch pixels threads rate lower "to" upper ...: a line of the table is known by its fifth and eighth words.
awk '
  $8 != "to" || $5 !~ /^[0-9]+$/ { next }
  { cell = $1 " " $2 ", " $3 " images of " $4 " px on " $5 " threads" }
  NR == FNR { rate[cell] = $6; lower[cell] = $7; upper[cell] = $9; next }
  cell in rate {
    both++
    if ($7 <= upper[cell] && lower[cell] <= $9) agree++
    else printf "apart: %s: %s (%s to %s), then %s (%s to %s)\n", cell, rate[cell], lower[cell], upper[cell], $6, $7, $9
    ratio = $6 / rate[cell]
    if (ratio < 1) ratio = 1 / ratio
    if (ratio > most) most = ratio
  }
  END {
    if (!both) { print "no measurement has an interval in both runs" > "/dev/stderr"; exit 1 }
    printf "%d of %d measurements agree within their intervals; the largest ratio of two medians is %.2f\n", agree, both, most
  }
' "$scratch/1" "$scratch/2"
