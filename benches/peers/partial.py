#!/usr/bin/env python3
"""Recall per family of edits: adlink beside `perception`'s local descriptors and plain PDQ, in one run.

  pip install -r benches/peers/requirements-partial.txt
  python make_reposts.py PHOTOS EDITS --per-edit --limit 20
  cargo build --release && python benches/peers/partial.py EDITS

EDITS holds `images/` and `truth.csv` (columns image, photo_id, edit, family, also_photo_ids): every photo once as it
is (edit `original`) and once for each edit. A copy is found when it is reported together with its own original; a
report of a copy with the original of another photo (unless that is shown in it, too) is false.

  adlink      `adlink link` over the whole folder, every image an ad, with and without local features
  perception  local_descriptor_deduplication, SIFT with the "object" settings of its own test suite, copies searched
              among originals; pictures of up to 1000 pixels as there, and of 256, its default
  pdqhash     one hash an image, 31 bits; and the copy in eight orientations

CPU seconds (user + system) of one thread. Bytes are what has to be kept of an image to find it later.
"""
import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(name, "1")

ROOT = Path(__file__).resolve().parents[2]
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"

# tests/test_local_descriptor_deduplication.py of perception 0.9.3, OBJECT_MATCH_PARAMS.
OBJECT = {"max_features": 256, "ratio": 0.5, "threshold": 100.0, "overlap": 0.001, "validation_match": 0.04,
          "validation_intersection": 0.04, "validation_inliers": 6}
PROBE = 0.1


class Truth:
    def __init__(self, folder: Path):
        with open(folder / "truth.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.images = folder / "images"
        self.of = {row["image"]: row for row in rows}
        self.originals = {row["photo_id"]: row["image"] for row in rows if row["edit"] == "original"}
        self.copies = [row["image"] for row in rows if row["edit"] != "original"]

    def score(self, pairs: set[tuple[str, str]]) -> tuple[dict[str, float], int]:
        """Recall of each family and of all edits, and the false pairs; pairs are (original, copy)."""
        found, all_, false = defaultdict(int), defaultdict(int), 0
        for copy in self.copies:
            row = self.of[copy]
            for family in (row["family"], "all edits"):
                all_[family] += 1
                found[family] += (self.originals[row["photo_id"]], copy) in pairs
        for original, copy in pairs:
            row = self.of[copy]
            shown = {row["photo_id"], *filter(None, row["also_photo_ids"].split(";"))}
            false += self.of[original]["photo_id"] not in shown
        return {family: found[family] / all_[family] for family in all_}, false

    def name(self, path: str) -> str:
        """The truth's name of a path: what follows `images/`."""
        return path.replace(str(self.images) + "/", "").removeprefix("images/")

    def between(self, pairs) -> set[tuple[str, str]]:
        """Pairs of an original and a copy, in this order; others are not asked for."""
        originals, kept = set(self.originals.values()), set()
        for a, b in pairs:
            if (a in originals) != (b in originals):
                kept.add((a, b) if a in originals else (b, a))
        return kept


def adlink(truth: Truth, tiers: str | None):
    with tempfile.TemporaryDirectory() as out:
        command = [str(RELEASE / "adlink"), "link", str(truth.images), "--ad-per", "image", "--out", out,
                   "--threads", "1", "-q"]
        command += ["--tiers", tiers, "--features", "0"] if tiers else []
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 3):
            sys.exit(f"adlink failed: {done.stderr.strip()[-300:]}")
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        size = (Path(out) / "case.adlink").stat().st_size
        with open(Path(out) / "pairs.csv", newline="") as file:
            pairs = truth.between((truth.name(row["image_a"]), truth.name(row["image_b"]))
                                  for row in csv.DictReader(file))
    n = len(truth.of)
    return pairs, 1000 * seconds / n, size / n


def perception(truth: Truth, side: int):
    import perception.local_descriptor_deduplication as ldd

    path = lambda image: str(truth.images / image)
    hasher = ldd.SIFT(**OBJECT)
    start = time.process_time()
    frames = [ldd.build_reference_df([path(image) for image in images], hasher=hasher, max_size=side)
              for images in (list(truth.originals.values()), truth.copies)]
    extracted = time.process_time()
    found = ldd.deduplicate_dfs(frames[0], frames[1], coarse_pct_probe=PROBE, max_workers=1, use_gpu=False,
                                hasher=hasher)
    matched = time.process_time()
    size = sum(row.keypoints.nbytes + row.descriptors.nbytes for frame in frames for row in frame.itertuples()
               if row.descriptors is not None)
    n = len(truth.of)
    print(f"perception {side}: extraction {1000 * (extracted - start) / n:.1f} ms an image, "
          f"matching {matched - extracted:.1f} s in all", file=sys.stderr)
    pairs = truth.between((truth.name(str(a)), truth.name(str(b))) for a, b in found)
    return pairs, 1000 * (matched - start) / n, size / n


def pdq(truth: Truth, turns: bool):
    import cv2
    import numpy as np
    import pdqhash

    start = time.process_time()

    def hashes(image):
        rgb = cv2.cvtColor(cv2.imread(str(truth.images / image)), cv2.COLOR_BGR2RGB)
        if not turns:
            return [np.packbits(np.asarray(pdqhash.compute(rgb)[0], np.uint8))]
        return [np.packbits(np.asarray(bits, np.uint8)) for bits in pdqhash.compute_dihedral(rgb)[0]]

    originals = list(truth.originals.values())
    table = np.stack([hashes(image)[0] for image in originals])
    pairs = set()
    for copy in truth.copies:
        near = np.zeros(len(originals), bool)
        for query in hashes(copy):
            near |= np.bitwise_count(table ^ query).sum(1) <= 31
        pairs |= {(originals[k], copy) for k in np.flatnonzero(near)}
    return pairs, 1000 * (time.process_time() - start) / len(truth.of), 32


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("edits", type=Path)
    ap.add_argument("--without", action="append", default=[], help="leave a contestant out, by its first letters")
    args = ap.parse_args()
    truth = Truth(args.edits)
    contestants = {
        "adlink": lambda: adlink(truth, None),
        "adlink, no features": lambda: adlink(truth, "same-file,near-copy,transformed"),
        "perception object": lambda: perception(truth, 1000),
        "same at 256 px": lambda: perception(truth, 256),
        "pdqhash x8": lambda: pdq(truth, True),
        "pdqhash": lambda: pdq(truth, False),
    }
    results = {}
    for name, run in contestants.items():
        if not any(name.startswith(left_out) for left_out in args.without):
            pairs, ms, size = run()
            results[name] = (*truth.score(pairs), ms, size)
    print("| recall % | " + " | ".join(results) + " |")
    print("|---" * (len(results) + 1) + "|")
    families = sorted({family for recall, *_ in results.values() for family in recall} - {"all edits"})
    for family in [*families, "all edits"]:
        cells = (f"{100 * recall[family]:.1f}" for recall, *_ in results.values())
        print(f"| {family} | " + " | ".join(cells) + " |")
    rows = {"false pairs": lambda r: str(r[1]), "ms an image": lambda r: f"{r[2]:.1f}",
            "bytes an image": lambda r: f"{r[3]:,.0f}"}
    for title, cell in rows.items():
        print(f"| {title} | " + " | ".join(cell(result) for result in results.values()) + " |")


if __name__ == "__main__":
    main()
