#!/usr/bin/env python3
"""Tiles of a join against the whole: the same pairs, and what cutting costs.

  cargo build --release
  pip install numpy pyarrow
  python benches/tiles.py [--count 1000000] [--blocks 4]

Makes hashes as corpora hold them: three quarters random; a fifth in clusters of 2 to 12, each at most 22 bits from its
centre; pairs at 29 to 33 bits, about the radius; hashes repeated hundreds of times; and one family of near-blank
pictures. Joins them in one file, then block by block, every tile in a process of its own. Asserts that both list the same
pairs, that the pairs of a sample are those of comparing it with everything, and that the forests of all tiles connect what
all pairs connect. Reports CPU-seconds, which hold on a machine that does other things, and peak memory.
"""
import argparse
import os
import resource
import subprocess
import tempfile
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
ADLINK = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/adlink"
RADIUS = 31


def flipped(rng, hashes, counts):
    """Each hash with so many of its bits turned, all different."""
    bits = np.unpackbits(hashes, axis=1)
    order = np.argsort(rng.random(bits.shape, dtype=np.float32), axis=1)
    mask = np.zeros_like(bits)
    rows, places = np.nonzero(np.arange(256)[None, :] < counts[:, None])
    mask[rows, order[rows, places]] = 1
    return np.packbits(bits ^ mask, axis=1)


def corpus(count, seed):
    """`count` hashes of 32 bytes, shuffled."""
    rng = np.random.default_rng(seed)
    parts = []
    centres = rng.integers(0, 256, (count * 3 // 100, 32), dtype=np.uint8)
    sizes = rng.integers(2, 13, len(centres))
    members = np.repeat(centres, sizes, axis=0)
    parts.append(flipped(rng, members, rng.integers(0, 23, len(members))))
    near = rng.integers(0, 256, (count // 200, 32), dtype=np.uint8)
    parts += [near, flipped(rng, near, rng.integers(29, 34, len(near)))]
    for copies in (count // 500, count // 1000, count // 2000):
        parts.append(np.repeat(rng.integers(0, 256, (1, 32), dtype=np.uint8), copies, axis=0))
    blank = np.repeat(rng.integers(0, 256, (1, 32), dtype=np.uint8), count // 250, axis=0)
    parts.append(flipped(rng, blank, rng.integers(0, 9, len(blank))))
    rest = count - sum(map(len, parts))
    parts.append(rng.integers(0, 256, (rest, 32), dtype=np.uint8))
    return rng.permutation(np.concatenate(parts))


def write(path, ids, hashes):
    column = pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(hashes), [None, pa.py_buffer(hashes.tobytes())])
    pq.write_table(pa.table({"image_id": pa.array(ids, pa.int64()), "pdq": column}), path)


def run(*args):
    """CPU-seconds of one process. `--upright`: the hashes are of no pictures, so turning them says nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([ADLINK, *map(str, args), "--quiet"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def pairs(paths):
    """Sorted rows (a, b, d) of files of pairs, as 64-bit integers."""
    tables = [pq.read_table(path) for path in paths]
    rows = np.concatenate([np.stack([np.asarray(table[name], np.int64) for name in "abd"], 1) for table in tables])
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]


def sample_is_exact(hashes, found, sample):
    """The pairs of the first `sample` hashes with all, by comparing them all."""
    words = hashes.view(np.uint64)
    expected = []
    for a in range(sample):
        bits = np.bitwise_count(words[a + 1:] ^ words[a]).sum(1)
        near = np.nonzero(bits <= RADIUS)[0]
        expected += [(a, a + 1 + b, bits[b]) for b in near]
    expected = np.array(expected, np.int64).reshape(-1, 3)
    assert np.array_equal(found[found[:, 0] < sample], expected), "the sample's pairs are not those of comparing all"
    return len(expected)


def joined_whole(folder):
    """CPU-seconds and peak MiB of joining everything in one process."""
    everything = folder / "all.parquet"
    spent = run("join", everything, everything, "--upright", "-o", folder / "pairs.parquet")
    return spent, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def joined_by_tiles(folder, tiles, kind, *more):
    """CPU-seconds of all tiles together."""
    return sum(
        run("join", folder / f"{a}.parquet", folder / f"{b}.parquet", "--upright", *more, "-o", folder / f"{kind}-{a}-{b}.parquet")
        for a, b in tiles
    )


def connect_alike(folder):
    """At every distance the forests connect what all pairs connect."""
    sources = {"whole": [folder / "pairs.parquet"], "forest": sorted(folder.glob("forest-*.parquet"))}
    for within in (8, 16, 24, RADIUS):
        for name, files in sources.items():
            run("components", *files, "--within", within, "-o", folder / f"connected-{name}-{within}.parquet")
        whole, forest = (pq.read_table(folder / f"connected-{name}-{within}.parquet") for name in sources)
        assert whole.num_rows and whole.equals(forest), f"components within {within} bits differ"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--blocks", type=int, default=4)
    options.add_argument("--sample", type=int, default=300)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    hashes, ids = corpus(options.count, options.seed), np.arange(options.count)
    tiles = list(combinations_with_replacement(range(options.blocks), 2))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write(folder / "all.parquet", ids, hashes)
        for block in range(options.blocks):
            at = ids % options.blocks == block
            write(folder / f"{block}.parquet", ids[at], hashes[at])
        whole, peak = joined_whole(folder)
        cut = joined_by_tiles(folder, tiles, "pairs")
        forests = joined_by_tiles(folder, tiles, "forest", "--forest")
        found = pairs([folder / "pairs.parquet"])
        assert np.array_equal(found, pairs(folder.glob("pairs-*.parquet"))), "tiles and whole differ"
        sampled = sample_is_exact(hashes, found, options.sample)
        connect_alike(folder)
        edges = sum(pq.read_metadata(path).num_rows for path in folder.glob("forest-*.parquet"))
    print(f"{options.count} hashes, {len(found)} pairs, {sampled} of them checked by comparing all")
    print(f"whole: {whole:.1f} CPU-s, peak {peak:.0f} MiB")
    print(f"{len(tiles)} tiles: {cut:.1f} CPU-s, {cut / whole:.2f}x the whole; the same pairs")
    print(f"forests: {forests:.1f} CPU-s, {edges} pairs; the same components within 8, 16, 24 and {RADIUS} bits")


if __name__ == "__main__":
    main()
