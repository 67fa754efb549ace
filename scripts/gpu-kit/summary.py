"""What a work folder shows so far, as Markdown: read from the steps' logs, so that nobody has to."""

import json
import re

TURNS = re.compile(r"^turn \d+: ", re.M)
MEDIANS = re.compile(r"^medians ([\d.]+) here, ([\d.]+) at the peer", re.M)
PEAK = re.compile(r"^peak memory.*? ([\d.]+ MiB|not known) here, ([\d.]+ MiB) at the peer", re.M)
RATIO = re.compile(r"^median ratio ([\d.]+)(?: \(([\d.]+) to ([\d.]+)\))?", re.M)
TESTS = re.compile(r"^test result: .*$", re.M)


def of(work):
    steps = {}
    for path in sorted((work / "steps").glob("*/state.json")):
        log = (path.parent / "log.txt").read_text(errors="replace")
        # Of a step that was done more than once, the last time counts.
        steps[path.parent.name] = (json.loads(path.read_text()), log.rpartition("\n== ")[2] or log)
    parts = ["# What this machine shows", *machine(steps), *plain(steps), *throughput(steps), *trials(steps, work)]
    return "\n".join(parts) + "\n"


def named(steps, start):
    return [(name, state, log) for name, (state, log) in steps.items() if name.startswith(start)]


def machine(steps):
    return [line for _, _, log in named(steps, "machine") for line in ["", "```", *log.splitlines()[1:], "```"]]


def plain(steps):
    rows = []
    for name, state, log in named(steps, "determinism-"):
        shown = re.search(r"^determinism, \w+ +(.*)$", log, re.M)
        rows.append((name, state, shown[1].strip() if shown else "nothing"))
    for name, state, log in named(steps, "tests-"):
        shown = TESTS.search(log)
        failed = re.findall(r"^test (\S+) \.\.\. FAILED$", log, re.M)
        rows.append((name, state, (shown[0] if shown else "no result") + "".join(f"; {test}" for test in failed)))
    return table("step | | seconds | shows", [f"{n} | {s['result']} | {s['seconds']:.0f} | {shown}" for n, s, shown in rows])


def throughput(steps):
    rows = []
    for name, state, log in sorted(named(steps, "throughput-"), key=lambda step: -int(step[0].split("-")[1])):
        _, size, batch, precision, peer = name.split("-", 4)
        medians, ratio, peak = MEDIANS.search(log), RATIO.search(log), PEAK.search(log)
        if not (medians and ratio):
            rows.append(f"{size}, {batch} | {precision} | {peer} | {state['result']}: {state['ended']} | | | |")
            continue
        interval = f" ({ratio[2]} to {ratio[3]})" if ratio[2] else ""
        memory = f"{peak[1]} / {peak[2]}" if peak else ""
        turns = len(TURNS.findall(log))
        rows.append(
            f"{size}, {batch} | {precision} | {peer} | {medians[1]} | {medians[2]} | {ratio[1]}{interval} | {memory} | {turns}"
        )
    return table("size, batch | precision | PyTorch | here, images/s | there | ratio | peak memory here / there | turns", rows)


def trials(steps, work):
    rows = []
    for name, state, _ in named(steps, "trial-"):
        events = list(read_events(work / "steps" / name / "log.txt"))
        epochs = [event for event in events if event["event"] == "epoch"]
        last = epochs[-1] if epochs else {}
        reached = f"{last.get('epoch')} of {last.get('epochs')}" if last else "0"
        accuracy = last.get("val_accuracy")
        shown = f"{100 * accuracy:.2f}%" if isinstance(accuracy, (int, float)) else ""
        rows.append(f"{name.removeprefix('trial-')} | {state['result']} | {state['seconds']:.0f} | {reached} | {shown}")
    return table("trial | | seconds | epochs | validation accuracy", rows)


def read_events(path):
    for line in path.read_text(errors="replace").splitlines():
        if line.startswith('{"event"'):
            try:
                yield json.loads(line)
            except ValueError:
                continue  # cut off in the middle


def table(heading, rows):
    if not rows:
        return []
    rule = " | ".join("---" for _ in heading.split("|"))
    return ["", f"| {heading} |", f"| {rule} |", *(f"| {row} |" for row in rows)]
