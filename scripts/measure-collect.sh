#!/usr/bin/env bash
# Measures `retrial collect` on many trials: a tiny trial of each of ten variants is trained, and copied under other
# seeds and keys into as many parts as asked for, such that every check of `collect` passes.
#
#     scripts/measure-collect.sh [RETRIAL [TRIALS [STEPS]]]     (default: target/release/retrial 1000 15630)
#
# STEPS is how long each trial pretends to have been; 15630 is ten epochs of CIFAR-10 in batches of 32. Needs Python 3
# and room for TRIALS * STEPS * 58 bytes twice. Prints wall time, peak memory and the size of what was merged.
set -euo pipefail
cd "$(dirname "$0")/.."

retrial=$(realpath "${1:-target/release/retrial}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

python3 - "$retrial" "$scratch" "${2:-1000}" "${3:-15630}" <<'END'
import hashlib, json, pathlib, resource, subprocess, sys, time

retrial, scratch = sys.argv[1], pathlib.Path(sys.argv[2])
trials, steps = int(sys.argv[3]), int(sys.argv[4])
variants = 10
seeds = -(-trials // variants)
names = [f"v{i}" for i in range(variants)]
experiment = scratch / "many.yaml"
experiment.write_text(
    "schema: 1\ntitle: Many trials\ndata: {source: synthetic, per_class: {train: 8, test: 4}}\n"
    f"seeds: {seeds}\nmodel: {{width: 0.35}}\ntrain: {{epochs: 2, batch_size: 16, image_size: 32}}\n"
    "variants:\n" + "".join(
        f"  - {{id: {name}, train: {{learning_rate: 0.0{i + 1:02}}}}}\n" for i, name in enumerate(names)
    )
)
plan = json.loads(subprocess.check_output([retrial, "plan", experiment, "--json", "--out", scratch / "none"]))
firsts = {trial["variant"]: trial["trial"] for trial in reversed(plan["trials"])}
base = scratch / "base"
only = [word for trial in firsts.values() for word in ("--only", trial)]
subprocess.run([retrial, "run", experiment, *only, "--out", base, "--quiet", "--cache", scratch / "cache"], check=True)


def stretched(folder):
    """A finished trial's record and files, its fingerprints repeated until there are enough."""
    record = json.loads((folder / "trial.json").read_text())
    lines = [json.loads(line) for line in (folder / "fingerprints.jsonl").read_text().splitlines()]
    last = lines[-1]["parameters"]
    lines = [dict(lines[i % len(lines)], step=i) for i in range(max(steps, len(lines)))]
    lines[-1]["parameters"] = last
    record["steps"] = len(lines)
    files = {name: (folder / name).read_bytes() for name in ("metrics.jsonl", "probes.json", "environment.json")}
    files["fingerprints.jsonl"] = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
    return record, files


trained = {variant: stretched(base / "trials" / variant / f"seed-{trial.split('/')[1]}") for variant, trial in firsts.items()}
shared = {file.name: file.read_bytes() for file in base.iterdir() if file.is_file()}
parts = []
for trial in plan["trials"][:trials]:
    part = scratch / "parts" / trial["variant"] / str(trial["seed"])
    folder = part / "trials" / trial["variant"] / f"seed-{trial['seed']}"
    folder.mkdir(parents=True)
    for name, content in shared.items():
        (part / name).write_bytes(content)
    record, files = trained[trial["variant"]]
    for name, content in files.items():
        (folder / name).write_bytes(content)
    key = dict(record["key"]["parts"], seed=trial["seed"])
    # The canonical JSON of text and small whole numbers (RFC 8785): sorted keys and no blanks.
    canonical = json.dumps(key, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    assert digest == trial["key"], "the key is not what retrial plans for this trial"
    changed = dict(record, variant=trial["variant"], seed=trial["seed"], key={"digest": digest, "parts": key})
    (folder / "trial.json").write_text(json.dumps(changed, indent=2) + "\n")
    parts.append(part)

subprocess.run(["sync"], check=True)
for again in (False, True):
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([retrial, "collect", *parts, "--out", scratch / "merged"], check=True, capture_output=True, text=True)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    count = next(line for line in done.stdout.splitlines() if "collected" in line)
    # On Linux ru_maxrss is the largest child's so far, in KiB; the only larger one, training, is much smaller than it.
    print(f"{'the same again' if again else 'into an empty folder'}: {wall:.1f} s wall, "
          f"{after.ru_utime - before.ru_utime:.1f} s user, {after.ru_stime - before.ru_stime:.1f} s system, "
          f"peak {after.ru_maxrss / 1024:.0f} MiB; {count}")
size = sum(file.stat().st_size for file in (scratch / "merged").rglob("*") if file.is_file())
files = sum(file.is_file() for file in (scratch / "merged").rglob("*"))
print(f"{len(parts)} trials of {steps} steps: {files} files, {size / 2**20:.0f} MiB merged")
END
