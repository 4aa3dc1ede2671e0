#!/usr/bin/env python3
"""adlink beside other image hashers, on the same files, in the same run, one core each.

  pip install -r benches/peers/requirements-hash.txt
  cargo build --release
  python benches/peers/hash.py PHOTOS [--size 1080x1440] [--count 100] [--rounds 3]

PHOTOS is a folder of pictures. With --size they are first enlarged (Lanczos, plus grain) and saved as JPEG
quality 85, so that the set has the size of a phone's photos. Every contestant goes from file to hash; adlink
goes further, to the committed record: three digests, PDQ in eight orientations, content box, panes, second hash.
CPU seconds (user + system) of whole processes, the least of the rounds, taken in turn so that a machine whose
speed drifts treats all alike. `czkawka_cli` and `imagededup` take part when they are installed.

The answers are checked too: adlink's hashes must lie within 10 bits of pdqhash's wherever quality is 80 or more.
"""
import argparse
import csv
import io
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from measuring import program

ROOT = Path(__file__).resolve().parents[2]
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"

PEERS = {
    "cv2 + pdqhash": """
import cv2, pdqhash
def run(path): return pdqhash.compute(cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB))
""",
    "Pillow + imagehash.phash": """
import imagehash
from PIL import Image
def run(path): return imagehash.phash(Image.open(path))
""",
    "imagededup PHash": """
from imagededup.methods import PHash
hasher = PHash(verbose=False)
def run(path): return hasher.encode_image(path)
""",
}


def enlarge(photos: list[Path], size: tuple[int, int], out: Path) -> None:
    import numpy as np
    from PIL import Image

    grain = np.random.default_rng(7)
    for n, path in enumerate(photos):
        with Image.open(path) as im:
            im = im.convert("RGB")
        if (im.width > im.height) != (size[0] > size[1]):
            size = size[::-1]
        big = np.asarray(im.resize(size, Image.LANCZOS), np.float32)
        big = big + grain.normal(0, 4, big.shape[:2])[..., None]
        Image.fromarray(big.clip(0, 255).astype(np.uint8)).save(out / f"{n:04d}.jpg", quality=85)


def cpu(command: list[str]) -> tuple[float, str]:
    """CPU seconds of a finished child, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()[-300:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def python(setup: str, files: list[str]) -> list[str]:
    """A child that hashes the files; with no files it measures its own start."""
    return [sys.executable, "-c", setup + "\nimport sys\nfor path in sys.argv[1:]: run(path)", *files]


def contestants(folder: Path, files: list[str], scratch: Path) -> dict:
    def ingest(features: str):
        case = scratch / "case.adlink"
        for old in scratch.glob("case.adlink*"):
            old.unlink()
        return cpu([str(RELEASE / "adlink"), "ingest", str(folder), "--case", str(case), "--threads", "1",
                    "--features", features, "-q"])[0]

    decode_floor = program("decode_floor")
    runs = {
        "zune-jpeg luma decode alone": lambda: cpu([decode_floor, str(folder)])[0],
        "adlink ingest (whole record)": lambda: ingest("0"),
        "the same with 100 features": lambda: ingest("100"),
        "adlink hash": lambda: cpu([str(RELEASE / "adlink"), "hash", str(folder), "--threads", "1", "-q"])[0],
    }
    for name, setup in PEERS.items():
        try:
            cpu(python(setup, files[:1]))
        except RuntimeError as reason:
            print(f"{name}: left out ({str(reason).splitlines()[-1]})")
            continue
        runs[name] = lambda setup=setup: cpu(python(setup, files))[0] - cpu(python(setup, []))[0]
    if shutil.which("czkawka_cli"):
        runs["czkawka_cli image"] = lambda: cpu(
            ["czkawka_cli", "image", "-d", str(folder), "-T", "1", "-H", "-f", str(scratch / "czkawka.txt")])[0]
    else:
        print("czkawka_cli: left out (not installed)")
    return runs


def check_answers(folder: Path) -> None:
    import cv2
    import numpy as np
    import pdqhash

    _, out = cpu([str(RELEASE / "adlink"), "hash", str(folder), "-q"])
    worst = same = 0
    rows = [row for row in csv.DictReader(io.StringIO(out)) if not row["error"]]
    assert rows, "adlink hashed nothing"
    for row in rows:
        rgb = cv2.cvtColor(cv2.imread(row["path"]), cv2.COLOR_BGR2RGB)
        bits, quality = pdqhash.compute(rgb)
        theirs = int("".join(map(str, np.asarray(bits))), 2)
        distance = (theirs ^ int(row["pdq"], 16)).bit_count()
        same += distance == 0
        if quality >= 80:
            worst = max(worst, distance)
    print(f"answers: {same} of {len(rows)} hashes identical to pdqhash, at most {worst} bits off at quality >= 80")
    assert worst <= 10, "adlink and pdqhash disagree"


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("photos", type=Path)
    ap.add_argument("--size", help="enlarge to WIDTHxHEIGHT first")
    ap.add_argument("--count", type=int, default=100)
    ap.add_argument("--rounds", type=int, default=3)
    args = ap.parse_args()

    photos = sorted(p for p in args.photos.iterdir() if p.suffix.lower() in {".jpg", ".jpeg"})[: args.count]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        folder = scratch / "set"
        folder.mkdir()
        if args.size:
            enlarge(photos, tuple(map(int, args.size.split("x"))), folder)
        else:
            for path in photos:
                shutil.copy(path, folder)
        files = sorted(map(str, folder.iterdir()))
        check_answers(folder)
        runs = contestants(folder, files, scratch)
        best = {name: min(times) for name, times in
                zip(runs, zip(*[[run() for run in runs.values()] for _ in range(args.rounds)]))}
    floor, ours = best["zune-jpeg luma decode alone"], best["adlink ingest (whole record)"]
    print(f"\n{len(files)} files, CPU per image, least of {args.rounds} rounds")
    print(f"{'':32} {'ms':>8} {'x decode':>9} {'x adlink ingest':>16}")
    for name, seconds in best.items():
        print(f"{name:32} {1000 * seconds / len(files):8.2f} {seconds / floor:9.2f} {seconds / ours:16.2f}")


if __name__ == "__main__":
    main()
