#!/usr/bin/env python3
"""Holds what adlink finds on small generated corpora against `benches/floor.csv`: a figure may rise, never fall.

    pip install -r benches/ratchet-requirements.txt
    cargo build --release && python benches/ratchet.py

Worlds of ads with a known answer, look-alikes that must not be linked, and hard edits each on its own, of one seed and
in small sizes: about one CPU minute. The generators and photos are looked for in `../shared`; where they are
absent this says so and ends with 0. A figure whose name ends in `_false` is a ceiling, all others are floors. When a
figure is better than its floor that is printed, so that whoever improved it raises the floor in the same change. The
trap: the same seed gives the same pictures only with the versions in `ratchet-requirements.txt`.
"""

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
FLOOR = ROOT / "benches" / "floor.csv"
SEED = "1"
# A few sizes of every family of worlds.
WORLDS = (
    "one-photo-4,one-photo-8,one-photo-12,one-photo-9-,set-8,set-12,whole-case-1x10,stock-4,stock-9,badge-20,"
    "template-3,template-9,logo-3,logo-6,stolen-4,touring-4,mirror-12"
)


def run(script, *arguments):
    """What a script of the benchmark prints; scorers end with 1 when not all is right, which is no failure here."""
    command = [sys.executable, SHARED / "bench" / script, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{script} failed with {done.returncode}")
    return done.stdout


def numbers(text, pattern):
    """The numbers that the last match of a pattern holds."""
    found = re.findall(pattern, text)
    if not found:
        sys.exit(f"no {pattern!r} in:\n{text[-2000:]}")
    last = found[-1] if isinstance(found[-1], tuple) else (found[-1],)
    return [float(number) for number in last]


def worlds(program, photos, work):
    run("make_worlds.py", photos, work, "--seed", SEED, "--only", WORLDS)
    right, _ = numbers(run("score_worlds.py", work, "--bin", program), r"(\d+) of (\d+) worlds right")
    return {"worlds_right": right}


def lookalikes(program, photos, work):
    run("make_lookalikes.py", photos, work, "--seed", SEED, "--count", "6", "--designs", "1")
    result = work / "result"
    subprocess.run([program, "link", work / "images", "--ad-per", "image", "--out", result, "-q"], check=True)
    text = run("score_lookalikes.py", work / "truth.csv", result / "pairs.csv")
    true, _, false, _ = numbers(text, r"true (\d+) of (\d+) found, false (\d+) of (\d+)")
    return {"lookalikes_true": true, "lookalikes_false": false}


def hard_edits(program, photos, work):
    run("hard_edits.py", photos, work, "--seed", SEED, "--limit", "6", "--jobs", "2")
    text = run("score_isolated.py", work, "--bin", program)
    recall, false = numbers(text, r"all ([\d.]+) % of \d+, lead only [\d.]+ %, false (\d+)")
    return {"hard_edits_recall": recall, "hard_edits_false": false}


def holds(name, value, floor):
    return value <= floor if name.endswith("_false") else value >= floor


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default=str(RELEASE / "adlink"), help="the program to measure")
    parser.add_argument("--write", action="store_true", help="write the figures as the new floor")
    options = parser.parse_args()
    photos = SHARED / "data" / "photos"
    if not photos.is_dir() or not (SHARED / "bench").is_dir():
        print(f"nothing was measured: no generators or photos in {SHARED}")
        return
    program = str(Path(options.bin).resolve())
    figures = {}
    with tempfile.TemporaryDirectory() as work:
        for measure in (worlds, lookalikes, hard_edits):
            figures |= measure(program, photos, Path(work) / measure.__name__)
    if options.write:
        lines = [f"{name},{value:g}\n" for name, value in figures.items()]
        FLOOR.write_text("name,value\n" + "".join(lines))
    with open(FLOOR, newline="") as table:
        floors = {row["name"]: float(row["value"]) for row in csv.DictReader(table)}
    fallen = floors.keys() ^ figures.keys()
    for name, value in figures.items():
        floor = floors.get(name, value)
        word = "as before" if value == floor else "BETTER: raise the floor" if holds(name, value, floor) else "WORSE"
        print(f"{name:20} {value:8g}  floor {floor:8g}  {word}")
        if word == "WORSE":
            fallen.add(name)
    if fallen:
        sys.exit("below the floor, or without one: " + ", ".join(sorted(fallen)))


if __name__ == "__main__":
    main()
