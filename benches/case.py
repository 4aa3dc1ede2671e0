#!/usr/bin/env python3
"""What a case of many images costs: bytes, time to open it for a search, and an ingest's work beside looking at pictures.

  cargo build --release
  python benches/case.py FOLDER PHOTOS [--images 1000000]

FOLDER takes the case (some 700 MB a million images, and as many names of files) and must be empty; PHOTOS is a folder
of photos of about 500 px. The case is written by the real stages of an ingest, with made-up hashes in place of looking
at files: see src/ingest/hashing/large.rs. Then ten of the photos are ingested, and searched for.

CPU seconds, user and system, of one core. Hashing is what `adlink hash` takes for PHOTOS: reading, three digests,
decoding, PDQ in eight orientations, views, second hash.
"""
import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADLINK = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/adlink"
HASHES = "same-file,near-copy,transformed"


def measured(*command: object) -> tuple[float, float, str]:
    """CPU seconds, peak MiB and output of a process of its own, so that peaks are told apart."""
    inner = (
        "import resource, subprocess, sys, json\n"
        "ran = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, ran.returncode, ran.stdout, ran.stderr]))"
    )
    said = subprocess.run([sys.executable, "-c", inner, *map(str, command)], capture_output=True, text=True, check=True)
    seconds, mib, code, out, err = json.loads(said.stdout)
    if code not in (0, 3):
        sys.exit(f"{command}: {err}")
    return seconds, mib, out


def of_records(case: Path) -> int:
    """Bytes of what ads say, which has nothing to do with their images."""
    with sqlite3.connect(f"{case.resolve().as_uri()}?mode=ro", uri=True) as db:
        query = "SELECT sum(pgsize) FROM dbstat WHERE name IN ('record', 'sqlite_autoindex_record_1', 'origin')"
        return db.execute(query).fetchone()[0]


def hashing(photos: Path) -> float:
    """Milliseconds a photo."""
    count = len(json.loads("[" + ",".join(measured(ADLINK, "hash", photos, "--format", "jsonl")[2].splitlines()) + "]"))
    start = min(measured(ADLINK, "--version")[0] for _ in range(3))
    least = min(measured(ADLINK, "hash", photos, "--threads", 1)[0] for _ in range(3))
    return 1000 * (least - start) / count


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("photos", type=Path)
    asked.add_argument("--images", type=int, default=1_000_000)
    args = asked.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    case = args.folder / "case.adlink"
    if not case.exists():
        env = os.environ | {"ADLINK_BENCH_FOLDER": str(args.folder.resolve()), "ADLINK_BENCH_IMAGES": str(args.images)}
        test = ["cargo", "test", "--release", "--lib", "writes_a_large_case", "--", "--ignored"]
        subprocess.run(test, cwd=ROOT, env=env, check=True, capture_output=True)
    figures = json.loads((args.folder / "figures.json").read_text())
    each = {name: 1000 * seconds / args.images for name, seconds in figures.items()}
    photo = hashing(args.photos)
    both = sum(each.values())
    size, records = case.stat().st_size, of_records(case)
    print(f"bytes an image      {(size - records) / args.images:8.1f}, and {records / args.images:.1f} for the ads' own words")
    print(f"bookkeeping         {both:8.4f} ms an image (reading {each['reading']:.4f}, storing {each['storing']:.4f})")
    print(f"hashing a photo     {photo:8.4f} ms; bookkeeping is {100 * both / photo:.1f} % of it")
    with tempfile.TemporaryDirectory() as some:
        for path in sorted(p for p in args.photos.iterdir() if p.is_file())[:10]:
            shutil.copy(path, some)
        measured(ADLINK, "ingest", some, "--case", case, "--features", 0)
        query = sorted(Path(some).iterdir())[0]
        for name, more in [("one query", [query]), ("ten queries", [some])]:
            seconds, mib, out = min(measured(ADLINK, "search", *more, "--case", case, "--json", "--tiers", HASHES) for _ in range(3))
            hits = sum(len(answer["hits"]) for answer in json.loads(out))
            print(f"search, {name:11} {seconds:8.2f} CPU-s, peak {mib:.0f} MiB, {hits} images found")


if __name__ == "__main__":
    main()
