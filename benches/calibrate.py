#!/usr/bin/env python3
"""Fit the strength of evidence in src/verify/calibration.csv, and show how reliable it is.

  python benches/calibrate.py GENERATOR PHOTOS PHOTOS.csv WORK src/verify/calibration.csv

GENERATOR is the repost generator (make_reposts.py), PHOTOS its base photos, PHOTOS.csv their list with the column
lookalike_group. The photos are dealt into two halves, look-alikes kept together; corpora of reposts are generated
from either half (seeds below) into WORK, their pairs measured by `examples/measure_pairs.rs`. The first half is
fitted, the second only judged.

The model is additive, in nats of log-likelihood ratio, so that

    ln odds(same photo) = ln(true pairs / other pairs of the corpus) + sum of curves

  by hashes       distance + transformed + second + quality + overlap
  by features     features + sameness, for pairs whose hashes are more than 31 bits apart

Every curve is piecewise linear between knots, fitted by logistic regression with a penalty on bends (so that it
goes on as a straight line where no accident was ever seen: an extrapolation below about 66 bits), and made
monotone. Needs numpy, cargo and what the generator needs; deterministic.
"""
import csv
import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np

ADS = ["--networks", "20", "--distractors", "75", "--stock", "3"]
CORPORA = {                      # name: half, flags of the generator
    "fit-ads-101": ("fit", ["--seed", "101", *ADS]),
    "fit-ads-102": ("fit", ["--seed", "102", *ADS]),
    "fit-ads-103": ("fit", ["--seed", "103", *ADS]),
    "fit-edits-101": ("fit", ["--seed", "101", "--per-edit", "--limit", "15"]),
    "held-ads-201": ("held", ["--seed", "201", *ADS]),
    "held-ads-202": ("held", ["--seed", "202", *ADS]),
    "held-edits-201": ("held", ["--seed", "201", "--per-edit", "--limit", "10"]),
}
RADIUS, FARTHEST = 31, 100
# Curve: knots, falling (-1) or rising (+1), knot at which it is 0 (None: it carries the level).
HASHES = {
    "distance": ([0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 90, 100], -1, None),
    "transformed": ([0, 1], -1, 0),
    "second": ([0, 16, 32, 48, 64, 80, 96, 128], -1, 64),
    "quality": ([50, 75, 100], +1, 100),
    "overlap": ([0, 0.25, 0.5, 0.75, 1], +1, 1),
}
FEATURES = {
    "features": ([3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 60], +1, None),
    "sameness": ([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], +1, 0.5),
}
# Penalties on bends and on distance from 0. Nearly every photo has quality 100, so little is known of others: the
# curve stays near 0 unless much speaks for it.
BEND, LEVEL, SHY = 3.0, 1e-3, {"quality": 1.0}


def deal(photos, listing, work):
    """Two folders of links to the photos; photos of one look-alike group go to the same."""
    for row in csv.DictReader(open(listing, newline="")):
        key = row["lookalike_group"] or row["file"]
        half = work / ("fit" if hashlib.sha256(key.encode()).digest()[0] % 2 == 0 else "held")
        half.mkdir(parents=True, exist_ok=True)
        link = half / row["file"]
        if not link.exists():
            link.symlink_to((photos / row["file"]).resolve())


def measure(generator, work):
    """Generates and measures what WORK does not hold yet -> {name: measured}."""
    tool = ["cargo", "run", "--release", "--quiet", "--example", "measure_pairs", "--"]
    found = {}
    for name, (half, flags) in CORPORA.items():
        table = work / f"{name}.csv"
        if not table.exists():
            subprocess.run([sys.executable, generator, work / half, work / name, *flags], check=True)
            subprocess.run([*tool, work / name, table], check=True)
        found[name] = read(table)
    return found


def read(path):
    with open(path, newline="") as f:
        words = f.readline().split()
        rows = list(csv.DictReader(f))
    column = lambda name: np.array([float(r[name]) if r[name] else np.nan for r in rows])
    found = {name: column(name) for name in ["same", "distance", "quality", "second", "overlap", "features", "sameness"]}
    found["transformed"] = np.array([{"near-copy": 0, "transformed": 1}.get(r["tier"], np.nan) for r in rows])
    found["prior"] = np.full(len(rows), np.log(int(words[2]) / int(words[4])))
    return found | {"pairs": (int(words[2]), int(words[4])), "images": int(words[6])}


def hats(values, knots):
    """Values as weights of the knots around them; all 0 where there is no value."""
    knots, values = np.asarray(knots, float), np.asarray(values, float)
    known = ~np.isnan(values)
    x = np.clip(np.where(known, values, knots[0]), knots[0], knots[-1])
    right = np.clip(np.searchsorted(knots, x), 1, len(knots) - 1)
    share = (x - knots[right - 1]) / (knots[right] - knots[right - 1])
    out = np.zeros((len(x), len(knots)))
    out[np.arange(len(x)), right - 1], out[np.arange(len(x)), right] = 1 - share, share
    return out * known[:, None]


def bends(knots, scale):
    """Rows of changes of slope between neighbouring stretches."""
    k = np.asarray(knots, float) / scale
    out = np.zeros((len(k) - 2, len(k)))
    for i in range(1, len(k) - 1):
        out[i - 1, i - 1:i + 2] = 1 / (k[i] - k[i - 1]), -1 / (k[i] - k[i - 1]) - 1 / (k[i + 1] - k[i]), 1 / (k[i + 1] - k[i])
    return out


def monotone(values, sign):
    """Nearest monotone values: neighbours that stand the wrong way round are averaged."""
    blocks = []
    for value in values:
        blocks.append([sign * value, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (x, m), (y, n) = blocks[-2:]
            blocks[-2:] = [[(x * m + y * n) / (m + n), m + n]]
    return np.concatenate([np.full(n, sign * x) for x, n in blocks])


def fit(data, curves):
    """Penalised logistic regression -> {curve: values at its knots}."""
    parts = [hats(data[name], knots) for name, (knots, _, _) in curves.items()]
    x, y, offset = np.hstack(parts), data["same"], data["prior"]
    penalty, at = LEVEL * np.eye(x.shape[1]), 0
    for name, (knots, _, zero) in curves.items():
        steps = bends(knots, (knots[-1] - knots[0]) / 10)
        penalty[at:at + len(knots), at:at + len(knots)] += BEND * steps.T @ steps
        if zero is not None:
            penalty[at:at + len(knots), at:at + len(knots)] += SHY.get(name, 0) * np.eye(len(knots))
            penalty[at + knots.index(zero), at + knots.index(zero)] += 1e6
        at += len(knots)
    beta = np.zeros(x.shape[1])
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(offset + x @ beta, -40, 40)))
        w = np.maximum(p * (1 - p), 1e-9)
        step = np.linalg.solve((x * w[:, None]).T @ x + penalty, x.T @ (y - p) - penalty @ beta)
        beta += step * min(1, 5 / max(1e-9, np.abs(step).max()))
        if np.abs(step).max() < 1e-6:
            break
    found, at = {}, 0
    for name, (knots, sign, zero) in curves.items():
        values = monotone(beta[at:at + len(knots)], sign)
        found[name] = values - (0 if zero is None else values[knots.index(zero)])
        at += len(knots)
    return found


def score(data, curves, found):
    return sum(hats(data[name], knots) @ found[name] for name, (knots, _, _) in curves.items())


def select(data, keep):
    return {name: v[keep] for name, v in data.items() if isinstance(v, np.ndarray)}


def by_hashes(data):
    return select(data, data["distance"] <= FARTHEST)


def by_features(data):
    return select(data, ~(data["distance"] <= RADIUS) & (data["features"] >= FEATURES["features"][0][0]))


def joined(sets):
    return {name: np.concatenate([s[name] for s in sets]) for name in sets[0]}


def reliability(title, p, same):
    print(f"\n{title}\n  p            pairs     mean p   true share")
    for k in range(10):
        here = np.minimum((p * 10).astype(int), 9) == k
        if here.any():
            print(f"  {k / 10:.1f} to {(k + 1) / 10:.1f} {here.sum():9d} {p[here].mean():10.3f} {same[here].mean():12.3f}")


def render(rows, provenance):
    """The committed file: `#` lines of provenance, then curve,at,nats with fixed decimals."""
    lines = [f"# {line}\n" for line in provenance] + ["curve,at,nats\n"]
    return "".join(lines + [f"{curve},{at:.2f},{nats:.4f}\n" for curve, at, nats in rows])


def main():
    generator, photos, listing, work, out = map(Path, sys.argv[1:])
    deal(photos, listing, work)
    sets = measure(generator, work)
    fitted = {name: s for name, s in sets.items() if name.startswith("fit")}
    hashes = fit(joined([by_hashes(s) for s in fitted.values()]), HASHES)
    features = fit(joined([by_features(s) for s in fitted.values()]), FEATURES)
    ads = [s for name, s in fitted.items() if "ads" in name]
    copies = np.mean([2 * s["pairs"][0] / s["images"] for s in ads])

    rows = [("copies", 0, np.log(copies))]
    for curves, found in ((HASHES, hashes), (FEATURES, features)):
        rows += [(name, at, nats) for name, (knots, _, _) in curves.items() for at, nats in zip(knots, found[name])]
    same, other = (sum(s["pairs"][k] for s in fitted.values()) for k in (0, 1))
    out.write_text(render(rows, [
        "Made by benches/calibrate.py; see there for the model. Nats; straight lines between knots.",
        "Corpora: " + ", ".join(f"{name} ({s['images']} images)" for name, s in fitted.items()) + ".",
        f"Edits: all of the generator's in edits, its mix for posters and sites in ads. Pairs: {same} true, {other} others.",
    ]))

    for name, s in sets.items():
        edits = "edits" in name
        # A corpus of ads has the prior that linking assumes; copies against originals have their own.
        prior = s["prior"][0] if edits else np.log(copies / (s["images"] - 1))
        for what, pick, curves, found in (("hashes", by_hashes, HASHES, hashes), ("features", by_features, FEATURES, features)):
            data = pick(s)
            p = 1 / (1 + np.exp(-np.clip(prior + score(data, curves, found), -700, 700)))
            reliability(f"{name}, by {what}{', prior of the corpus' if edits else ''}", p, data["same"])


if __name__ == "__main__":
    main()
