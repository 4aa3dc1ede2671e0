#!/usr/bin/env python3
"""What linking makes of real pictures that differ: nobody here made them, and none shows another's photo.

  python benches/real_pictures.py CLONES OUT --adlink target/release/adlink [--kinds faces,drone]

CLONES holds clones of the public repositories named below as OWNER+NAME (missing ones are cloned from GitHub; nothing of
them is committed here). Of each a fixed sample is copied to OUT, larger pictures at 1080 pixels as a site would show them,
and linked with one ad a picture. Every listed pair is wrong unless its two files are equal; leads are right answers. The
table gives, per kind, pictures, wrong pairs by tier, those above a probability of 0.99, and what `expected_false_pairs` said.

The trap: some sets do hold one picture twice, saved again. Look at what is listed before calling it wrong; `--show` names it.
Needs pillow and git.
"""
import argparse
import csv
import hashlib
import io
import json
import subprocess
from collections import Counter
from pathlib import Path

from PIL import Image

SIDE = 1080
# kind: repository, how many pictures at the most, what is hard about them
KINDS = {
    "faces": ("burakcakmak/experiment-ORL-Faces", 400),  # one person, other shots, 92 x 112 pixels
    "garments": ("alexeygrigorev/clothing-dataset-small", 1500),  # one floor, other garments
    "drone": ("OpenDroneMap/odm_data_seneca", 168),  # overlapping aerial shots
    "receipts": ("zzzDavid/ICDAR-2019-SROIE", 300),  # one shop's form
    "blood": ("Shenggan/BCCD_Dataset", 364),  # overlapping fields
    "boards": ("udacity/CarND-Advanced-Lane-Lines", 40),  # one chessboard from many sides
    "signs": ("ardamavi/Sign-Language-Digits-Dataset", 800),  # hands before one wall, 100 x 100 pixels
    "tree": ("alicevision/dataset_monstree", 60),  # one thing from many sides
    "castle": ("openMVG/ImageDataset_SceauxCastle", 11),
    "kangaroo": ("experiencor/kangaroo", 163),  # seconds apart
    "blood_cells": ("cosmicad/dataset", 200),
    "photographs": ("EliSchwartz/imagenet-sample-images", 1000),
}
ENDINGS = (".jpg", ".jpeg", ".png", ".pgm")


def git_directory(clones, repository):
    folder = clones / repository.replace("/", "+")
    if not folder.exists():
        subprocess.run(["git", "clone", "-q", "--depth", "1", f"https://github.com/{repository}", str(folder)], check=True)
    found = [path for path in (folder / ".git", folder / "repo" / ".git", folder / "repo") if path.exists()]
    return found[0]


def sample(git, most, out):
    """A fixed sample of the pictures of a repository, evenly over its list."""
    run = ["git", f"--git-dir={git}"]
    listed = subprocess.run([*run, "ls-tree", "-r", "--name-only", "-z", "HEAD"], capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().split("\0") if name.lower().endswith(ENDINGS)]
    names = names[:: max(1, len(names) // most)][:most]
    out.mkdir(parents=True, exist_ok=True)
    for name in names:
        data = subprocess.run([*run, "show", f"HEAD:{name}"], capture_output=True, check=True).stdout
        save(data, out / name.replace("/", "_"))


def save(data, path):
    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except (OSError, ValueError):
        return  # a pointer to large-file storage, say
    if max(picture.size) <= SIDE and path.suffix.lower() in (".jpg", ".jpeg"):
        path.write_bytes(data)
        return
    picture = picture.convert("RGB")
    picture.thumbnail((SIDE, SIDE))
    picture.save(path.with_suffix(".jpg"), quality=92)


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def judge(kind, images, result, adlink, show):
    command = [adlink, "link", images, "--ad-per", "image", "--out", result, "--quiet", "--force"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not (result / "pairs.csv").exists():
        raise SystemExit(f"{kind}: {done.stderr}")
    wrong = [row for row in rows(result / "pairs.csv") if row["sha256_a"] != row["sha256_b"]]
    if show:
        for row in wrong:
            print("   ", row["tier"], row["probability"], row["image_a"], row["image_b"])
    tiers = Counter(row["tier"] for row in wrong)
    sure = sum(float(row["probability"] or 0) > 0.99 for row in wrong)
    expected = json.loads((result / "run.json").read_text()).get("expected_false_pairs")
    leads = len(rows(result / "leads.csv"))
    pictures = sum(1 for path in images.iterdir() if path.is_file())
    print(f"{kind:12} {pictures:6} pictures  {len(wrong):4} wrong  {sure:4} above .99  expected {expected}  "
          f"{leads} leads  {dict(tiers)}", flush=True)
    return len(wrong), pictures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--adlink", default="target/release/adlink")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--show", action="store_true", help="name every wrong pair")
    args = parser.parse_args()
    wrong = pictures = 0
    for kind in args.kinds.split(","):
        repository, most = KINDS[kind]
        images = args.out / kind
        if not images.exists():
            sample(git_directory(args.clones, repository), most, images)
        version = hashlib.sha256(Path(args.adlink).read_bytes()).hexdigest()[:8]
        found = judge(kind, images, args.out / f"result-{kind}-{version}", args.adlink, args.show)
        wrong, pictures = wrong + found[0], pictures + found[1]
    print(f"all {pictures} pictures, {wrong} wrong pairs")


if __name__ == "__main__":
    main()
