#!/usr/bin/env python3
"""Learn the projection of src/features/projection.rs from a folder of photos.

  python benches/learn_projection.py PHOTOS OUT.csv

Each photo is edited in ways that keep positions (re-encoding, resizing, blur,
text, stretching). Keypoints at the same place and scale before and after give
pairs of descriptors; their differences are the noise. The noise is whitened, the
leading directions are kept, random rows are drawn from them, and 16 are picked
that flip seldom and correlate little with each other and with their images under
the eight symmetries. OUT.csv: 16 lines, threshold first, then 128 weights.

A new table makes new codes: case files with codes of the old one must be ingested
again. Needs Pillow, numpy and cargo; deterministic for given photos.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from measuring import program

DIRECTIONS, EXPONENT, DRAWN, KEPT, ROWS = 64, 0.6, 1200, 500, 16
SHRINKAGE, PER_PHOTO, SAMPLE = 0.1, 100, 8000


def edits(photo):
    """(name, picture, JPEG quality) of every edit."""
    w, h = photo.size
    text = photo.copy()
    draw = ImageDraw.Draw(text)
    font = ImageFont.load_default(size=max(8, round(0.09 * w)))
    for i in range(3):
        draw.text((w / 2, h * (0.25 + 0.25 * i)), "available now", font=font, fill="white", stroke_width=2,
                  stroke_fill="black", anchor="mm")
    small = photo.copy()
    small.thumbnail((128, 128), Image.LANCZOS)
    yield "jpeg10", photo, 10
    yield "quarter", photo.resize((max(1, w // 4), max(1, h // 4)), Image.LANCZOS), 90
    yield "thumb", small, 90
    yield "blur", photo.filter(ImageFilter.GaussianBlur(4 * min(w, h) / 480)), 90
    yield "text", text, 90
    yield "marked", Image.blend(photo, text, 0.5), 90
    yield "wide115", photo.resize((round(1.15 * w), h), Image.LANCZOS), 90
    yield "wide140", photo.resize((round(1.4 * w), h), Image.LANCZOS), 90


def describe(folder):
    """Positions (n x 2, shares of the sides), scales and descriptors of every image of a folder, by name."""
    out = folder.with_suffix(".bin")
    subprocess.run([program("descriptors"), folder, out], check=True)
    data, at, found = out.read_bytes(), 0, []
    record = np.dtype([("place", "<f4", 2), ("scale", "<f4"), ("values", "u1", 128)])
    while at < len(data):
        w, h, count = np.frombuffer(data, "<u4", 3, at)
        keypoints = np.frombuffer(data, record, count, at + 12)
        at += 12 + count * record.itemsize
        scale = keypoints["scale"] - np.log2(np.sqrt(float(w) * h))
        found.append((keypoints["place"] / [w, h], scale, keypoints["values"].astype(np.float32)))
    return found


def symmetry(e):
    """For every bin of a descriptor under symmetry e, the bin it comes from."""
    source = np.zeros(128, int)
    for bin in range(128):
        y, x, k = bin // 32, bin // 8 % 4, bin % 8
        if e & 4:
            x, y, k = y, x, 2 - k
        if e & 1:
            x, k = 3 - x, 4 - k
        if e & 2:
            y, k = 3 - y, -k
        source[(y * 4 + x) * 8 + k % 8] = bin
    return source


def pairs(originals, copies):
    """Descriptors of the same points before and after."""
    before, after = [], []
    for (place, scale, values), (place2, scale2, values2) in zip(originals, copies):
        if len(values) == 0 or len(values2) == 0:
            continue
        distance = np.linalg.norm(place[:, None] - place2[None], axis=2)
        distance += 9 * (np.abs(scale[:, None] - scale2[None]) > 0.35)
        nearest = distance.argmin(1)
        same = distance[np.arange(len(place)), nearest] < 0.01
        before.append(values[same])
        after.append(values2[nearest[same]])
    return np.concatenate(before), np.concatenate(after)


def learn(before, after, everything, rng):
    maps = [symmetry(e) for e in range(8)]
    symmetric = lambda c: sum(c[np.ix_(m, m)] for m in maps) / 8
    mean = sum(everything.mean(0)[m] for m in maps) / 8
    noise = symmetric((before - after).T @ (before - after) / len(before)) / 2
    total = symmetric((everything - mean).T @ (everything - mean) / len(everything))
    noise = (1 - SHRINKAGE) * noise + SHRINKAGE * np.trace(noise) / 128 * np.eye(128)
    values, vectors = np.linalg.eigh(noise)
    whiten = vectors @ np.diag(values ** -0.5) @ vectors.T
    values, vectors = np.linalg.eigh(whiten @ total @ whiten)
    order = values.argsort()[::-1][:DIRECTIONS]
    basis = whiten @ vectors[:, order] @ np.diag(values[order] ** (-EXPONENT / 2))
    rows = (basis @ rng.normal(size=(DIRECTIONS, DRAWN))).T
    sample = everything[rng.permutation(len(everything))[:SAMPLE]]
    seen = np.concatenate([sample[:2000][:, m] for m in maps])
    thresholds = np.median(seen @ rows.T, axis=0)
    flips = ((before @ rows.T > thresholds) != (after @ rows.T > thresholds)).mean(0)
    candidates = flips.argsort()[:KEPT]

    def bits(row):
        """The row's bit under all eight symmetries, as +-1 columns of unit length."""
        images = np.zeros((8, 128))
        for image, m in zip(images, maps):
            image[m] = rows[row]
        return (np.where(sample @ images.T > thresholds[row], 1, -1) / np.sqrt(len(sample))).astype(np.float32)

    columns = [bits(row) for row in candidates]
    alone = np.array([((b.T @ b) ** 2).sum() - 8 for b in columns])
    crossed = np.zeros(len(candidates))
    chosen = []
    for count in range(ROWS):
        cost = (alone + 2 * crossed) / (64 * (count + 1)) + flips[candidates]
        cost[chosen] = np.inf
        best = int(cost.argmin())
        chosen.append(best)
        crossed += [((b.T @ columns[best]) ** 2).sum() for b in columns]
    picked = candidates[chosen]
    print(f"flips {flips[picked].mean():.3f} on average of {len(before)} pairs")
    return thresholds[picked], rows[picked]


def main(photos, out):
    paths = sorted(p for p in Path(photos).iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})
    with tempfile.TemporaryDirectory() as work:
        for number, path in enumerate(paths):
            photo = Image.open(path).convert("RGB")
            photo.thumbnail((640, 640), Image.LANCZOS)
            for name, picture, quality in [("original", photo, 95), *edits(photo)]:
                folder = Path(work) / name
                folder.mkdir(exist_ok=True)
                picture.save(folder / f"{number:06}.jpg", quality=quality)
        originals = describe(Path(work) / "original")
        found = [pairs(originals, describe(folder)) for folder in sorted(Path(work).iterdir())
                 if folder.is_dir() and folder.name != "original"]
    before, after = (np.concatenate(side) for side in zip(*found))
    everything = np.concatenate([values[:PER_PHOTO] for _, _, values in originals])
    thresholds, rows = learn(before, after, everything, np.random.default_rng(3))
    # Whole numbers up to 1000, so that a dot product with a descriptor is exact.
    factor = 1000 / np.abs(rows).max(1)
    with open(out, "w") as file:
        for threshold, row, f in zip(thresholds, rows, factor):
            file.write(",".join(str(round(v * f)) for v in [threshold, *row]) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
