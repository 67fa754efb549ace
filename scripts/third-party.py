"""Prints the licences of all crates that are compiled into the program, as they come with the crates.

    python3 scripts/third-party.py [TARGET] > LICENSE-THIRD-PARTY     (without a target, for this machine)

Texts that several crates share are printed once; every crate has the address of its source. Fails where a crate comes
without a text and is under none of the licences that need no more than naming.
"""

import json
import pathlib
import re
import subprocess
import sys

NAMES = re.compile(r"(?i)^(un)?licen[cs]e|^copying|^copyright|^notice")


def main():
    host = re.search(r"^host: (.*)$", output("rustc", "--version", "--verbose"), re.M).group(1)
    target = sys.argv[1] if len(sys.argv) > 1 else host
    tree = output(
        *("cargo", "tree", "--locked", f"--target={target}", "--edges=normal,no-proc-macro", "--prefix=none"),
        *("--format={p}", "--no-dedupe"),
    )
    compiled_in = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    metadata = json.loads(output("cargo", "metadata", "--locked", "--format-version=1"))
    found, bare = {}, []
    for package in metadata["packages"]:
        if (package["name"], f"v{package['version']}") not in compiled_in or package["source"] is None:
            continue
        title = f"{package['name']} {package['version']} ({package['license'] or 'see below'})"
        title += f", https://crates.io/crates/{package['name']}/{package['version']}"
        folder = pathlib.Path(package["manifest_path"]).parent
        texts = [read(path) for path in sorted(folder.iterdir()) if path.is_file() and NAMES.match(path.name)]
        if not texts:
            bare.append(title)
        for text in texts:
            found.setdefault(text, []).append(title)
    unknown = [title for title in bare if not re.search(r"MIT|Apache-2\.0|MPL-2\.0", title)]
    if unknown:
        sys.exit(f"third-party.py: without the text of their licence: {', '.join(unknown)}")
    print("The program retrial contains these crates, under the licences that stand below their names.\n")
    if bare:
        print("Without a text of their own; those of SPDX apply (https://spdx.org/licenses):", *bare, sep="\n    ", end="\n\n")
    for text, titles in sorted(found.items(), key=lambda entry: entry[1]):
        print("=" * 80, *dict.fromkeys(titles), "-" * 80, text, "", sep="\n")


def read(path):
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
main()
