#!/usr/bin/env python3
"""Fit the strength of evidence in src/verify/calibration.csv, and show how reliable it is.

  python benches/calibrate.py GENERATOR PHOTOS PHOTOS.csv WORK src/verify/calibration.csv

GENERATOR is the repost generator (make_reposts.py), PHOTOS its base photos, PHOTOS.csv their list with the column
lookalike_group. The photos are dealt into two halves, look-alikes kept together; corpora of reposts are generated
from either half (seeds below) into WORK, their pairs measured by `benches/measure/measure_pairs.rs`. The committed table is
fitted to all of them; the reliability tables of candidates are those of either half under a fit to the other half alone, so that
neither the photos nor the seeds judged were ever fitted. A last table is of what `adlink link` lists with the
committed table, of corpora of all photos whose seeds (HELD below) were never fitted: linking refuses nearly all that
is doubtful, so nearly all of it should stand at the top.

The model is additive, in nats of log-likelihood ratio, so that

    ln odds(same photo) = ln(true pairs / other pairs of the corpus) + sum of curves

  by hashes       upright or transformed (each by distance) + second + quality + overlap
  by features     features + sameness, for pairs whose hashes are more than 31 bits apart
  without pixels  alone, for the same pairs when the originals are gone

    certainty   no pair is taken for surer than 1 - 3 / n, n being the pairs that verification accepted and none of
                which was false (the rule of three; with false ones among them, the bound for so many)

Every curve is piecewise linear between knots, fitted by logistic regression with a penalty on bends (so that it
goes on as a straight line where no accident was ever seen: an extrapolation below about 64 bits), and made
monotone. The pairs that verification refuses are part of the fit: they are what accidents near its thresholds look
like. Needs numpy, cargo and what the generator needs; deterministic.
"""
import csv
import hashlib
import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from measuring import program

ADS = ["--networks", "20", "--distractors", "75", "--stock", "3"]
CORPORA = {                      # name: half, flags of the generator
    **{f"a-ads-{seed}": ("a", ["--seed", str(seed), *ADS]) for seed in range(101, 107)},
    "a-edits-101": ("a", ["--seed", "101", "--per-edit", "--limit", "15"]),
    **{f"b-ads-{seed}": ("b", ["--seed", str(seed), *ADS]) for seed in range(201, 207)},
    "b-edits-201": ("b", ["--seed", "201", "--per-edit", "--limit", "10"]),
}
HELD = {                         # name: flags of the generator, from all photos
    "held-ads-301": ["--seed", "301"],
    "held-ads-302": ["--seed", "302"],
    "held-edits-301": ["--seed", "301", "--per-edit", "--limit", "10"],
}
# A decile is judged where it has pairs enough that twice the error of its share is at most the width allowed; with
# fewer, a right probability fails by luck alone. Were pairs drawn one by one, a share of 0.5 would need 400 of them and
# one of 0.9 would need 144. They are not: copies of the same two photos stray together, so the error is that of
# the sums over each two photos.
ALLOWED = 0.05
RADIUS, FARTHEST = 31, 100
DISTANCES = [0, 8, 16, 24, 32, 40, 48, 56, 64, 70, 76, 82, 88, 94, 100]
# Curve: knots, falling (-1) or rising (+1), knot at which it is 0 (None: it carries the level).
HASHES = {
    "upright": (DISTANCES, -1, None),
    "transformed": (DISTANCES, -1, None),
    "second": ([0, 16, 32, 48, 64, 80, 96, 128], -1, 64),
    "quality": ([50, 75, 100], +1, 100),
    "overlap": ([0, 0.25, 0.5, 0.75, 1], +1, 1),
}
FEATURES = {
    "features": ([3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 60], +1, None),
    "sameness": ([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], +1, 0.5),
}
ALONE = {"alone": (FEATURES["features"][0], +1, None)}
# Penalties on bends and on distance from 0. Nearly every photo has quality 100, so little is known of others: the
# curve stays near 0 unless much speaks for it.
BEND, LEVEL, SHY = 3.0, 1e-3, {"quality": 1.0}


def deal(photos, listing, work):
    """Two folders of links to the photos; photos of one look-alike group go to the same."""
    for row in csv.DictReader(open(listing, newline="")):
        key = row["lookalike_group"] or row["file"]
        half = work / ("a" if hashlib.sha256(key.encode()).digest()[0] % 2 == 0 else "b")
        half.mkdir(parents=True, exist_ok=True)
        link = half / row["file"]
        if not link.exists():
            link.symlink_to((photos / row["file"]).resolve())


def measure(generator, work):
    """Generates and measures what WORK does not hold yet -> {name: measured}."""
    tool = [program("measure_pairs")]
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
    for curve, tier in (("upright", "near-copy"), ("transformed", "transformed")):
        found[curve] = np.where(np.array([r["tier"] == tier for r in rows]), found["distance"], np.nan)
    with open(path.with_suffix("") / "truth.csv", newline="") as f:
        photo = {r["image"]: r["photo_id"] for r in csv.DictReader(f)}
    found["photos"] = np.array(["+".join(sorted({photo[r["image_a"]], photo[r["image_b"]]})) for r in rows])
    found["accepted"] = np.array([r["verdict"] not in ("", "same-scene") for r in rows], float)
    found["prior"] = np.full(len(rows), np.log(int(words[2]) / int(words[4])))
    found["alone"] = found["features"]
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
    """{curve: values at its knots}. A curve that would run the wrong way is left out, and the rest fitted again."""
    flat = set()
    while True:
        raw, found = regress(data, curves, flat), {}
        for name, (knots, sign, zero) in curves.items():
            values = monotone(raw[name], sign)
            found[name] = values - (0 if zero is None else values[knots.index(zero)])
        wrong = {name for name in found if np.ptp(found[name]) == 0} - flat
        if not wrong:
            break
        flat |= wrong
    if "transformed" in found:
        found["transformed"] = np.minimum(found["transformed"], found["upright"])
    return {name: values + 0.0 for name, values in found.items()}


def regress(data, curves, flat):
    """Penalised logistic regression, with the curves of `flat` held at 0."""
    x = np.hstack([hats(data[name], knots) for name, (knots, _, _) in curves.items()])
    y, offset = data["same"], data["prior"]
    penalty, at = LEVEL * np.eye(x.shape[1]), 0
    for name, (knots, _, zero) in curves.items():
        here = slice(at, at + len(knots))
        steps = bends(knots, (knots[-1] - knots[0]) / 10)
        penalty[here, here] += BEND * steps.T @ steps + (1e6 if name in flat else SHY.get(name, 0)) * np.eye(len(knots))
        if zero is not None:
            penalty[at + knots.index(zero), at + knots.index(zero)] += 1e6
        at += len(knots)
    beta = np.zeros(x.shape[1])
    for _ in range(200):
        p = 1 / (1 + np.exp(-np.clip(offset + x @ beta, -40, 40)))
        w = np.maximum(p * (1 - p), 1e-9)
        step = np.linalg.solve((x * w[:, None]).T @ x + penalty, x.T @ (y - p) - penalty @ beta)
        beta += step * min(1, 5 / max(1e-9, np.abs(step).max()))
        if np.abs(step).max() < 1e-6:
            break
    ends = np.cumsum([len(knots) for knots, _, _ in curves.values()])[:-1]
    return dict(zip(curves, np.split(beta, ends)))


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


def reliability(title, bins):
    """Prints (decile, pairs, mean p, true share, error of the share)."""
    print(f"\n{title}\n  p              pairs     mean p   true share   twice its error")
    for k, pairs, mean, share, error in bins:
        if pairs:
            verdict = "too few" if 2 * error > ALLOWED else "" if abs(mean - share) <= ALLOWED else "STRAYS"
            print(f"  {k / 10:.1f} to {(k + 1) / 10:.1f} {pairs:9d} {mean:10.3f} {share:12.3f} {2 * error:14.3f}   {verdict}")


def deciles(p, same, photos):
    """(decile, pairs, mean p, true share, error of the share) of pairs that show the same two photos or others."""
    at, found = np.minimum((p * 10).astype(int), 9), []
    for k in range(10):
        here = at == k
        n = int(here.sum())
        if n:
            off = np.bincount(np.unique(photos[here], return_inverse=True)[1], same[here] - p[here])
            found.append((k, n, p[here].mean(), same[here].mean(), np.sqrt((off ** 2).sum()) / n))
    return found


def most_accidents(seen):
    """So many accidents, on average, still give no more than `seen` in one sample of twenty: 3.0 for none."""
    low, high = float(seen), seen + 10.0
    for _ in range(60):
        middle = (low + high) / 2
        term, chance = math.exp(-middle), 0.0
        for k in range(seen + 1):
            chance += term
            term *= middle / (k + 1)
        low, high = (middle, high) if chance > 0.05 else (low, middle)
    return high


def least_doubt(sets):
    """Share of the pairs that verification accepts that may be false by what was measured; how many, how many false."""
    same = np.concatenate([s["same"][s["accepted"] == 1] for s in sets])
    wrong = int((same == 0).sum())
    return most_accidents(wrong) / len(same), len(same), wrong


def listed(generator, photos, work):
    """Deciles of what linking lists, of corpora whose seeds were not fitted; prints what each expects to be false."""
    adlink = ["cargo", "run", "--release", "--quiet", "--bin", "adlink", "--"]
    total = {k: [0, 0.0, 0] for k in range(10)}
    for name, flags in HELD.items():
        corpus, out = work / name, work / f"{name}-out"
        if not corpus.exists():
            subprocess.run([sys.executable, generator, photos, corpus, *flags], check=True)
        shutil.rmtree(out, ignore_errors=True)
        ads = [corpus / "ads.jsonl"] if "ads" in name else [corpus / "images", "--ad-per", "image"]
        done = subprocess.run([*adlink, "link", *ads, "--images", corpus / "images", "--out", out, "-q"])
        if done.returncode not in (0, 3):
            sys.exit(f"adlink ended with {done.returncode}")
        judged = subprocess.run([*adlink, "eval", corpus / "truth.csv", out / "pairs.csv", "--json"],
                                check=True, capture_output=True).stdout
        for k, row in enumerate(json.loads(judged)["by_probability"]):
            total[k][0] += row["pairs"]
            total[k][1] += row["pairs"] * row["mean"]
            total[k][2] += row["true"]
        expected = json.loads((out / "run.json").read_text())["expected_false_pairs"]
        print(f"\n{name}: expected_false_pairs {expected:.2f}")
    shares = {k: true / max(n, 1) for k, (n, _, true) in total.items()}
    return [(k, n, mean / max(n, 1), shares[k], math.sqrt(shares[k] * (1 - shares[k]) / max(n, 1)))
            for k, (n, mean, _) in total.items()]


def render(rows, provenance):
    """The committed file: `#` lines of provenance, then curve,at,nats with fixed decimals."""
    lines = [f"# {line}\n" for line in provenance] + ["curve,at,nats\n"]
    return "".join(lines + [f"{curve},{at:.2f},{nats + 0.0:.4f}\n".replace("-0.0000", "0.0000") for curve, at, nats in rows])


def fit_all(sets):
    """{what: (its pairs of a corpus, its curves, their values)} and the mean number of copies of an image."""
    ads = [s for name, s in sets.items() if "ads" in name]
    models = {}
    for what, (pick, curves) in {
        "hashes": (by_hashes, HASHES),
        "features": (by_features, FEATURES),
        "features without pixels": (by_features, ALONE),
    }.items():
        models[what] = pick, curves, fit(joined([pick(s) for s in sets.values()]), curves)
    return models, np.mean([2 * s["pairs"][0] / s["images"] for s in ads])


def judge(sets, models, copies):
    """{what: [(probabilities, truth, photos)]} of the corpora of ads, with the prior that linking assumes."""
    found = {what: [] for what in models}
    for s in (s for name, s in sets.items() if "ads" in name):
        prior = np.log(copies / (s["images"] - 1))
        for what, (pick, curves, values) in models.items():
            data = pick(s)
            z = prior + score(data, curves, values)
            found[what].append((1 / (1 + np.exp(-np.clip(z, -700, 700))), data["same"], data["photos"]))
    return found


def main():
    generator, photos, listing, work, out = map(Path, sys.argv[1:])
    deal(photos, listing, work)
    sets = measure(generator, work)
    models, copies = fit_all(sets)
    doubt, accepted, wrong = least_doubt(sets.values())
    rows = [("copies", 0, np.log(copies)), ("doubt", 0, np.log(doubt))]
    for _, curves, found in models.values():
        rows += [(name, at, nats) for name, (knots, _, _) in curves.items() for at, nats in zip(knots, found[name])]
    same, other = (sum(s["pairs"][k] for s in sets.values()) for k in (0, 1))
    out.write_text(render(rows, [
        "Made by benches/calibrate.py; see there for the model. Nats; straight lines between knots.",
        "Corpora (half, kind, seed): " + ", ".join(f"{name} ({s['images']} images)" for name, s in sets.items()) + ".",
        f"Edits: all of the generator's in edits, its mix for posters and sites in ads. Pairs: {same} true, {other} others.",
        f"Of {accepted} pairs that verification accepts, {wrong} are false.",
    ]))

    halves = [{name: s for name, s in sets.items() if name.startswith(half)} for half in "ab"]
    unseen = [judge(halves[1 - k], *fit_all(halves[k])) for k in (0, 1)]
    for what in models:
        parts = unseen[0][what] + unseen[1][what]
        found = map(np.concatenate, zip(*parts))
        reliability(f"candidates in ads of the half that was not fitted, by {what}", deciles(*found))
    reliability("pairs that linking lists, of seeds that were not fitted", listed(generator, photos, work))


if __name__ == "__main__":
    main()
