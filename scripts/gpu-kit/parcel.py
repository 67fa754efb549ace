"""Packs a work folder into at most 8 files of 16 MiB, whatever is in it, and unpacks it again.

    parcel.py unpack OUT --to DIR

A pack is `index.json` and the pieces it names: one gzipped tar, cut. The index is written last, so that a pack is whole or
the one before it. Of a trial's checkpoints the newest goes along; what has no room is named in the index.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
from pathlib import Path

SCHEMA = 1
PIECE = 16 * 2**20
PIECES = 7


def write(path, content):
    """In one go: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)


def expand(packed, path):
    """A program from its gzip file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    with gzip.open(packed) as source, open(unfinished, "wb") as target:
        shutil.copyfileobj(source, target)
    unfinished.chmod(0o755)
    os.replace(unfinished, path)


def contents(work):
    """What is packed, the dearest first: results, then the newest checkpoint of each trial, latest first."""
    files = [path for name in ("steps", "runs") for path in sorted((work / name).rglob("*")) if path.is_file()]
    files = [work / "summary.md", *(path for path in files if path.suffix not in (".new", ".lock"))]
    newest = [max(trial.glob("*.checkpoint"), default=None) for trial in (work / "cache/checkpoints").glob("*")]
    newest = sorted(filter(None, newest), key=lambda path: path.stat().st_mtime, reverse=True)
    return files, newest


def pack(work, out, kit):
    files, checkpoints = contents(work)
    stream = io.BytesIO()
    names, left_out = [], []
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=4, mtime=0) as zipped:
        with tarfile.open(fileobj=zipped, mode="w") as tar:
            for path in [*files, *checkpoints]:
                name = path.relative_to(work).as_posix()
                try:
                    content = path.read_bytes()
                except FileNotFoundError:
                    continue  # a checkpoint that has made way for the next
                # Weights hardly shrink, so this is about what it will take.
                if path in checkpoints and stream.tell() + len(content) > PIECE * PIECES - 2**20:
                    left_out.append(name)
                    continue
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(content), 0o644
                tar.addfile(entry, io.BytesIO(content))
                names.append(name)
                zipped.flush()
    data = stream.getvalue()
    pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
    if len(pieces) > PIECES:
        sys.exit(f"{work} has {len(data)} bytes to pack, which is more than {PIECES} pieces of {PIECE}")
    digest = hashlib.sha256(data).hexdigest()
    index = {"schema": SCHEMA, "kit": kit, "sha256": digest, "pieces": [], "files": names, "left_out": left_out}
    out.mkdir(parents=True, exist_ok=True)
    for number, piece in enumerate(pieces):
        name = f"results-{digest[:12]}.tar.gz.{number}"
        write(out / name, piece)
        index["pieces"].append(name)
    write(out / "index.json", json.dumps(index, indent=1).encode() + b"\n")
    for old in out.glob("results-*.tar.gz.*"):
        if old.name not in index["pieces"]:
            old.unlink()


def unpack(out, work):
    index = json.loads((out / "index.json").read_text())
    if index.get("schema") != SCHEMA:
        sys.exit(f"{out / 'index.json'} is of schema {index.get('schema')}, and this reads {SCHEMA}")
    data = b"".join((out / Path(name).name).read_bytes() for name in index["pieces"])
    if hashlib.sha256(data).hexdigest() != index["sha256"]:
        sys.exit(f"the pieces in {out} are not what its index.json says")
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        for entry in tar:
            parts = Path(entry.name).parts
            if not entry.isfile() or Path(entry.name).is_absolute() or ".." in parts:
                sys.exit(f"{entry.name} is nothing that was packed here")
            write(work / entry.name, tar.extractfile(entry).read())
    for name in index["left_out"]:
        print(f"{name} was left out for lack of room", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(prog="parcel.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("unpack", help="put what was packed back where it was, in a folder")
    command.add_argument("out", type=Path, help="the folder with index.json")
    command.add_argument("--to", type=Path, required=True, metavar="DIR")
    options = parser.parse_args()
    unpack(options.out, options.to)


if __name__ == "__main__":
    main()
