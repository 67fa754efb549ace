"""Runs the kit's steps within a budget: the most valuable first, each with its own limit and log, packed as it goes.

What a step has shown lies in the work folder, so whatever is there need not be done again. Nothing is lost by stopping at
any time but the step that runs; a trial goes on from its checkpoint.
"""

import argparse
import ctypes
import importlib.util
import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import parcel
import summary

KIT = Path(__file__).resolve().parent
KINDS = ["machine", "determinism", "tests", "throughput", "trials"]
# Kept free at the end of the budget: a trial stops and writes its checkpoint, everything is packed.
RESERVE = 25.0
# A child that is asked to end has this long before it is killed.
GRACE = 15.0
PACK_EVERY = 120.0
# Exit codes, those of retrial where it has one for it.
FAILED, STOPPED = 1, 8


@dataclass
class Setting:
    """What differs between a real run and a rehearsal."""

    device: str = "cuda"
    precisions: tuple = ("fp32", "tf32", "bf16")
    sizes: tuple = ((224, 32), (96, 64), (32, 128))
    # (options of the peer, seconds to allow): torch.compile compiles at its first step.
    peers: dict = field(
        default_factory=lambda: {
            "eager": ("", 90),
            "compile": ("--compile default", 180),
            "max-autotune": ("--compile max-autotune", 300),
        }
    )
    turns: tuple = ()
    tests: dict = field(default_factory=lambda: {"engine": ["engine::"], "training": ["train::tests::", "every_engine"]})
    # By worth: the article's two, its two missing controls, then a signal that lives; a seed of all before the next.
    variants: tuple = ("dropout_only", "bn_dropout", "bn", "plain", "plain_he", "dropout_he")
    seeds: tuple = (1, 2, 3)
    overrides: tuple = ()
    checkpoint_every: int = 60


def rehearsal():
    """Every kind of step in miniature, on a machine without a GPU."""
    tiny = [
        "data={source: synthetic, per_class: {train: 24, test: 4}}",
        *("train.image_size=32", "train.batch_size=8", "train.epochs=6", "model.width=0.35", "seeds=[1]"),
    ]
    backend = "--backend aot_eager"  # inductor would need a compiler here, and a minute
    return Setting(
        device="libtorch",
        precisions=("fp32", "bf16"),
        sizes=((32, 4),),
        peers={
            "eager": ("", 120),
            "compile": (f"--compile default {backend}", 120),
        },
        turns=("--turns", "3", "--turn-seconds", "0.2"),
        tests={"engine": ["engine::"]},
        variants=("dropout_only", "bn_dropout"),
        seeds=(1,),
        overrides=tuple(word for override in tiny for word in ("--set", override)),
        checkpoint_every=0,
    )


@dataclass
class Step:
    kind: str
    name: str
    command: list
    limit: float
    # Not worth starting with less time than this.
    least: float
    environment: dict = field(default_factory=dict)


class Kit:
    def __init__(self, options):
        self.options = options
        self.setting = rehearsal() if options.smoke else Setting()
        if options.device:
            self.setting.device = options.device
        if options.sizes:
            self.setting.sizes = options.sizes
        self.work = options.work.resolve()
        self.about = json.loads((KIT / "kit.json").read_text())
        self.started = time.monotonic()
        self.deadline = self.started + options.budget - RESERVE
        self.child = None
        self.stopped = False
        self.packed = 0.0
        self.retrial = self.work / "bin" / "retrial"

    # -- what there is to do -------------------------------------------------------------------------------------------

    def steps(self):
        device, python = self.setting.device, sys.executable
        yield Step("machine", "machine", [python, str(KIT / "machine.py")], 60, 5)
        for precision in self.setting.precisions:
            command = ["doctor", "--device", device, "--determinism", "--precision", precision]
            yield Step("determinism", f"determinism-{precision}", [str(self.retrial), *command], 120, 10)
        for name, filters in self.setting.tests.items():
            binary = str(self.work / "bin" / "tests")
            # One at a time: the switches that the tests turn belong to the whole process.
            yield Step(
                "tests",
                f"tests-{name}",
                [binary, "--test-threads", "1", *filters],
                240,
                20,
                {"RETRIAL_TEST_DEVICE": device},
            )
        yield from self.contests()
        yield from self.trials()

    def contests(self):
        """Throughput in turns with each peer: every size beside eager PyTorch, and the article's size beside all."""
        largest, *others = self.setting.sizes
        eager, *compiled = self.setting.peers
        order = [(eager, largest), *((peer, largest) for peer in compiled[:1])]
        order += [(eager, size) for size in others]
        order += [(peer, size) for peer in compiled for size in self.setting.sizes if (peer, size) not in order]
        for peer, (size, batch) in order:
            options, limit = self.setting.peers[peer]
            for precision in self.setting.precisions:
                where = "cuda" if self.setting.device.startswith("cuda") else "cpu"
                script = f"'{sys.executable}' '{KIT / 'train_step.py'}' --device {where} --precision {precision} {options}"
                command = [str(self.retrial), "bench", str(KIT / "configs/article.yaml"), "--device", self.setting.device]
                command += ["--cache", str(self.work / "cache"), "--variant", "bn_dropout", "--peer", script.strip()]
                command += [*self.setting.turns, "--set", "data={source: synthetic}", "--set", f"train.image_size={size}"]
                command += ["--set", f"train.batch_size={batch}", "--set", f"train.precision={precision}"]
                yield Step("throughput", f"throughput-{size}-{batch}-{precision}-{peer}", command, limit, limit / 2)

    def trials(self):
        overrides = list(self.setting.overrides)
        images = self.images()
        if images:
            overrides = ["--set", "data.source=images", "--data", str(images), *overrides]
        elif not self.options.smoke:
            print("no trials: there are no images, neither in the kit nor by --images", flush=True)
            return
        for override in self.options.overrides:
            overrides += ["--set", override]
        names = [f"{variant}/{seed}" for seed in self.setting.seeds for variant in self.setting.variants]
        for name in self.options.only or names:
            command = [str(self.retrial), "run", str(KIT / "configs/article.yaml"), "--device", self.setting.device]
            command += ["--cache", str(self.work / "cache"), "--out", str(self.work / "runs/article"), "--only", name]
            command += ["--checkpoint-every", str(self.setting.checkpoint_every), "--json", *overrides]
            yield Step("trials", "trial-" + name.replace("/", "-"), command, float("inf"), 30)

    def images(self):
        if self.options.images:
            return self.options.images.resolve()
        if self.about.get("images") and not self.options.smoke:
            return KIT / self.about["images"]
        return None

    # -- doing it ------------------------------------------------------------------------------------------------------

    def run(self):
        if self.options.source and not (self.work / "steps").exists():
            parcel.unpack(self.options.source, self.work)
        self.ready()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        steps = [step for step in self.steps() if step.kind in self.options.steps]
        before = [step for step in steps if KINDS.index(step.kind) < KINDS.index("throughput")]
        contests = [step for step in steps if step.kind == "throughput"]
        trials = [step for step in steps if step.kind == "trials"]
        self.do(before, self.deadline)
        # The trials must get their share of each budget, or measuring would take the first few whole.
        now = time.monotonic()
        share = self.options.share if trials else 1.0
        self.do(contests, now + share * (self.deadline - now))
        self.do(trials, self.deadline)
        self.do(contests, self.deadline)
        self.pack()
        left = [step.name for step in steps if self.is_due(step)]
        failed = [step.name for step in steps if self.state(step).get("result") == "failed"]
        print(summary.of(self.work), flush=True)
        print(f"{len(steps) - len(left) - len(failed)} of {len(steps)} steps done in {self.elapsed():.0f} s", end="")
        print(f"; failed: {', '.join(failed)}" if failed else "", end="")
        print(f"; left: {', '.join(left)}" if left else "", flush=True)
        return FAILED if failed else STOPPED if left else 0

    def do(self, steps, until):
        for step in steps:
            remaining = self.deadline - time.monotonic()
            if self.stopped or time.monotonic() >= until:
                return
            if self.is_due(step) and remaining >= step.least * self.options.least_factor:
                self.do_one(step, remaining)
                self.pack()

    def do_one(self, step, remaining):
        folder = self.work / "steps" / step.name
        folder.mkdir(parents=True, exist_ok=True)
        start = time.monotonic()
        print(f"[{self.elapsed():4.0f} s] {step.name}", end=" ", flush=True)
        with open(folder / "log.txt", "ab") as log:
            log.write(f"== {json.dumps(self.plain(step.command))}\n".encode())
            log.flush()
            ended = self.call(step, min(step.limit, remaining), log)
        seconds = time.monotonic() - start
        if ended == "out of time" and step.limit > remaining:
            result = "cut"
        elif self.stopped or ended == STOPPED:
            result = "cut"
        else:
            result = "done" if ended == 0 else "failed"
        state = {"kit": self.about["id"], "command": self.plain(step.command), "result": result, "ended": ended}
        previous = self.state(step).get("seconds", 0.0) if self.state(step).get("result") == "cut" else 0.0
        state["seconds"] = round(previous + seconds, 1)
        parcel.write(folder / "state.json", json.dumps(state, indent=1).encode() + b"\n")
        print(f"{result} after {seconds:.0f} s" + ("" if ended == 0 else f" ({ended})"), flush=True)

    def call(self, step, limit, log):
        """The exit code, or `out of time`."""
        environment = {**os.environ, **self.environment(), **step.environment}
        start = time.monotonic()
        self.child = subprocess.Popen(
            step.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=self.work,
            start_new_session=True,
            preexec_fn=dies_with_its_parent,
        )
        while True:
            try:
                return self.child.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                if self.stopped or time.monotonic() - start > limit:
                    ended = self.end()
                    # Asked to stop, a trial ends with its checkpoint written.
                    return ended if ended == STOPPED else "out of time"
                if time.monotonic() - self.packed > PACK_EVERY:
                    self.pack()

    def end(self):
        for number, grace in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
            try:
                os.killpg(self.child.pid, number)
                return self.child.wait(timeout=grace)
            except ProcessLookupError:
                return self.child.wait()
            except subprocess.TimeoutExpired:
                continue
        return "does not end"

    def stop(self, _number, _frame):
        self.stopped = True

    # -- what is there -------------------------------------------------------------------------------------------------

    def state(self, step):
        try:
            return json.loads((self.work / "steps" / step.name / "state.json").read_text())
        except (OSError, ValueError):
            return {}

    def is_due(self, step):
        state = self.state(step)
        if (state.get("kit"), state.get("command")) != (self.about["id"], self.plain(step.command)):
            return True
        return state["result"] == "cut" or (state["result"] == "failed" and self.options.again and not self.tried(step))

    def tried(self, step):
        """Whether this very call of the kit has had the step fail."""
        return (self.work / "steps" / step.name / "state.json").stat().st_mtime > self.began

    def plain(self, command):
        """The command without the places of this machine, so that it is the same on the next."""
        places = [(str(self.work), "WORK"), (str(KIT), "KIT"), (sys.executable, "python3")]
        for place, name in places:
            command = [word.replace(place, name) for word in command]
        return command

    def pack(self):
        parcel.write(self.work / "summary.md", summary.of(self.work).encode())
        parcel.pack(self.work, self.options.out, self.about)
        self.packed = time.monotonic()

    def elapsed(self):
        return time.monotonic() - self.started

    # -- the machine ---------------------------------------------------------------------------------------------------

    def ready(self):
        self.began = time.time()
        folder, version = torch()
        wanted = self.about["torch"]
        if version.split(".")[:2] != wanted.split(".")[:2]:
            sys.exit(f"this kit is for PyTorch {wanted}, and here is {version}: scripts/gpu-kit.sh --torch {version}")
        has, needs = platform.libc_ver()[1], self.about["glibc"]
        if has and [int(part) for part in has.split(".")] < [int(part) for part in needs.split(".")]:
            sys.exit(f"this kit needs glibc {needs}, and here is {has}: build it on an older system")
        self.options.out.mkdir(parents=True, exist_ok=True)
        for name in ("retrial", "tests"):
            parcel.expand(KIT / "bin" / f"{name}.gz", self.work / "bin" / name)
        libraries = [folder / "lib", *sorted(folder.parent.glob("nvidia/*/lib"))]
        self.libraries = ":".join([*map(str, libraries), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])])

    def environment(self):
        cache = self.work / "cache"
        return {
            "LD_LIBRARY_PATH": self.libraries,
            "NO_COLOR": "1",
            "TORCHINDUCTOR_CACHE_DIR": str(cache / "inductor"),
            "TRITON_CACHE_DIR": str(cache / "triton"),
        }


def torch():
    """Folder and version of the PyTorch that this Python has; importing it would take seconds."""
    found = importlib.util.find_spec("torch")
    if not found or not found.origin:
        sys.exit(f"{sys.executable} has no PyTorch: name a Python that has one with PYTHON=…")
    folder = Path(found.origin).parent
    version = re.search(r"__version__ = '([^'+]+)", (folder / "version.py").read_text())
    return folder, version[1] if version else "unknown"


def dies_with_its_parent():
    # prctl(2): PR_SET_PDEATHSIG. Whoever kills the kit outright leaves no trial on the GPU.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def sizes(text):
    pairs = [pair.split(":") for pair in text.split(",")]
    return tuple((int(size), int(batch)) for size, batch in pairs)


def kinds(text):
    chosen = text.split(",")
    unknown = [kind for kind in chosen if kind not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(KINDS)}")
    return chosen


def arguments():
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__)
    parser.add_argument("--budget", type=float, required=True, metavar="SECONDS", help="the whole call ends within it")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="everything packed, in at most 8 files of 16 MiB")
    parser.add_argument("--work", type=Path, metavar="DIR", help="what is there already [default: OUT-work]")
    parser.add_argument("--from", dest="source", type=Path, metavar="DIR", help="go on from what an earlier call packed")
    parser.add_argument("--steps", type=kinds, default=KINDS, metavar="KINDS", help=f"only these: {','.join(KINDS)}")
    parser.add_argument("--only", action="append", metavar="VARIANT/SEED", help="these trials in this order, not the list")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE", help="of the trials")
    parser.add_argument("--images", type=Path, metavar="FILE", help="images of the trials, instead of the kit's")
    parser.add_argument("--device", metavar="DEVICE", help="cuda, cuda:N or libtorch [default: cuda]")
    parser.add_argument("--sizes", type=sizes, metavar="PX:BATCH,…", help="of the throughput [default: 224:32,96:64,32:128]")
    parser.add_argument("--share", type=float, default=0.35, help="of the time left that throughput gets before the trials")
    parser.add_argument("--again", action="store_true", help="do again what has failed, too")
    parser.add_argument("--smoke", action="store_true", help="rehearse all of it in miniature on libtorch's CPU")
    options = parser.parse_args()
    options.out = options.out.resolve()
    options.work = options.work or options.out.with_name(options.out.name + "-work")
    options.least_factor = 0.2 if options.smoke else 1.0
    return options


if __name__ == "__main__":
    sys.exit(Kit(arguments()).run())
