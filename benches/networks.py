#!/usr/bin/env python3
"""Networks on generated corpora: pairwise and B-cubed figures, with what ads say and by their photos alone.

    cargo build --release
    python benches/networks.py ../shared/bench/make_reposts.py ../shared/data/photos --seeds 1-10
    python benches/networks.py MAKE PHOTOS --seeds 1-2 --variant "--sites 40" --variant "--stock 40 --stock-rate 0.4"

Each corpus is linked twice: without phones, posters, titles and texts, and as it is. Results stay below --work, images
do not. Ends with 1 when a figure falls short of what is asked: mean precision and recall of pairs, mean B-cubed F1, F1 of
pairs on every corpus, and what photos alone may lose of it.
"""

import argparse
import csv
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

SAID = ("phone", "phones", "poster", "title", "text")
MOST_LOST = 0.03
LEAST_F1 = 0.93
LEAST_RECALL = 0.93
LEAST_CUBED_F1 = 0.96


def corpus(seed, variant):
    name = "-".join([f"seed{seed}", *variant.replace("--", "").split()])
    folder = OPTIONS.work / name
    if not (folder / "images").exists():
        shutil.rmtree(folder, ignore_errors=True)
        command = [sys.executable, OPTIONS.make, OPTIONS.photos, folder, "--seed", str(seed), *shlex.split(variant)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with open(folder / "silent.jsonl", "w") as silent:
        for line in open(folder / "ads.jsonl"):
            ad = {key: value for key, value in json.loads(line).items() if key not in SAID}
            silent.write(json.dumps(ad) + "\n")
    return folder


def networks(folder, manifest):
    """Network of every ad that has one."""
    out = folder / f"{manifest}-out"
    command = [OPTIONS.adlink, "link", folder / manifest, "--images", folder / "images", "--out", out, "-q"]
    command += ["--case", folder / "case.adlink", *shlex.split(OPTIONS.flags)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    if done.returncode not in (0, 3):
        sys.exit(f"adlink ended with {done.returncode}")
    return {row["ad_id"]: row["network_id"] for row in csv.DictReader(open(out / "networks.csv"))}


def figures(folder, found):
    """Pairwise precision, recall, F1; B-cubed precision, recall, F1."""
    truth = {}
    for row in csv.DictReader(open(folder / "truth.csv")):
        if row["ad_id"]:
            truth[row["ad_id"]] = row["network_id"] or "alone " + row["ad_id"]
    found = {ad: found.get(ad, "alone " + ad) for ad in truth}
    both = Counter((truth[ad], found[ad]) for ad in truth)
    true, made = Counter(truth.values()), Counter(found.values())
    pairs = lambda sizes: sum(n * (n - 1) // 2 for n in sizes.values())
    f1 = lambda p, r: 2 * p * r / (p + r) if p + r else 0.0
    precision, recall = pairs(both) / max(pairs(made), 1), pairs(both) / max(pairs(true), 1)
    cubed = [sum(n * n / sizes[key[side]] for key, n in both.items()) / len(truth)
             for side, sizes in ((1, made), (0, true))]
    return precision, recall, f1(precision, recall), *cubed, f1(*cubed)


def main():
    first, _, last = OPTIONS.seeds.partition("-")
    print("corpus                              precision recall     F1   B-cubed P      R     F1   F1 by photos alone")
    fails, all_figures = [], []
    for variant in OPTIONS.variant or [""]:
        for seed in range(int(first), int(last or first) + 1):
            folder = corpus(seed, variant)
            # Silent first: the case then knows all images, and what ads say is filled in.
            silent = figures(folder, networks(folder, "silent.jsonl"))
            said = figures(folder, networks(folder, "ads.jsonl"))
            shutil.rmtree(folder / "images")
            p, r, f1, *cubed = said
            print(f"{folder.name:36} {p:8.4f} {r:6.4f} {f1:6.4f}      {cubed[0]:6.4f} {cubed[1]:6.4f} {cubed[2]:6.4f}"
                  f"   {silent[2]:6.4f}", flush=True)
            all_figures.append(said)
            if f1 < LEAST_F1:
                fails.append(f"{folder.name}: F1 {f1:.4f}")
            if f1 - silent[2] > MOST_LOST:
                fails.append(f"{folder.name}: photos alone lose {f1 - silent[2]:.4f} of F1")
    means = [sum(column) / len(all_figures) for column in zip(*all_figures)]
    print(f"{'mean':36} {means[0]:8.4f} {means[1]:6.4f} {means[2]:6.4f}      "
          f"{means[3]:6.4f} {means[4]:6.4f} {means[5]:6.4f}")
    asked = [("precision", means[0], OPTIONS.precision), ("recall", means[1], LEAST_RECALL),
             ("B-cubed F1", means[5], LEAST_CUBED_F1)]
    fails += [f"mean {name} {mean:.4f}" for name, mean, least in asked if mean < least]
    print(*fails, sep="\n")
    return 1 if fails else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("make", type=Path, help="make_reposts.py")
    parser.add_argument("photos", type=Path, help="folder of base photos")
    parser.add_argument("--seeds", default="1-3", help="FIRST-LAST")
    parser.add_argument("--variant", action="append", help="more flags of make_reposts.py; may be repeated")
    parser.add_argument("--flags", default="", help="more flags of adlink link")
    parser.add_argument("--precision", type=float, default=0.98, help="least mean pairwise precision")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "adlink-networks")
    parser.add_argument("--adlink", type=Path, default=Path(__file__).parents[1] / "target/release/adlink")
    OPTIONS = parser.parse_args()
    OPTIONS.work.mkdir(parents=True, exist_ok=True)
    sys.exit(main())
