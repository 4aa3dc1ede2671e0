#!/usr/bin/env python3
"""Exact radius search and joins: adlink against faiss-cpu and usearch, in one run on the same data.

Every engine must return the same set of (query, row, distance) as faiss's IndexBinaryFlat, or the run fails.
Times are CPU seconds of one thread, so that they hold on a busy machine; latencies (p50, p99) are wall time of
single queries, Python's call included for the peers. The load average stands beside every figure.

    pip install -r benches/peers/requirements-search.txt
    python benches/peers/search.py                         # uniform, skewed, copies; 1 M rows
    python benches/peers/search.py --hex pdq_of_a_corpus.txt
    python benches/peers/search.py --rows 100000 --graphs  # HNSW engines too
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np
from usearch.index import Index

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from measuring import program

BITS, BYTES = 256, 32


def adlink(*arguments):
    """One call of benches/measure/index_bench on one thread; its JSON answer."""
    environment = dict(os.environ, RAYON_NUM_THREADS="1")
    command = [OPTIONS.bench or program("index_bench"), *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE).stdout)


def load():
    return "-" if not hasattr(os, "getloadavg") else f"{os.getloadavg()[0]:.1f}"


def cpu(work):
    """Result and CPU seconds of `work()`."""
    begin = time.process_time()
    result = work()
    return result, time.process_time() - begin


def latencies(search, queries, count=200):
    """p50 and p99 of single queries, in microseconds of wall time."""
    times = []
    for query in queries[:count]:
        begin = time.perf_counter()
        search(query[None, :])
        times.append((time.perf_counter() - begin) * 1e6)
    return np.percentile(times, 50), np.percentile(times, 99)


def table(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def sorted_rows(triples):
    return triples[np.lexsort((triples[:, 2], triples[:, 1], triples[:, 0]))]


def faiss_range(index, queries, radius):
    """(query, row, distance), sorted. faiss takes the first distance that is too far."""
    limits, distances, rows = index.range_search(queries, radius + 1)
    owners = np.repeat(np.arange(len(queries)), np.diff(limits).astype(np.int64))
    return sorted_rows(np.stack([owners, rows, distances.astype(np.int64)], axis=1).astype(np.uint32))


def same(name, found, wanted):
    if found.shape != wanted.shape or not (found == wanted).all():
        sys.exit(f"error: {name} returned {len(found)} pairs, IndexBinaryFlat {len(wanted)}, or other ones")


def compare_queries(name, base, path, folder):
    """Queries are rows of the data, evenly spaced, with a few bits changed."""
    queries = base[:: max(1, len(base) // OPTIONS.queries)][: OPTIONS.queries].copy()
    flips = np.random.default_rng(5).integers(0, BITS, (len(queries), 6))
    for row, bits in zip(queries, flips):
        np.bitwise_xor.at(row, bits // 8, (1 << (bits % 8)).astype(np.uint8))
    queries.tofile(folder / "queries.bin")
    faiss.omp_set_num_threads(1)

    flat, built = cpu(lambda: make_faiss(faiss.IndexBinaryFlat(BITS), base))
    multi = faiss.IndexBinaryMultiHash(BITS, 16, 16)
    multi.nflip = 1
    multi, multi_built = cpu(lambda: make_faiss(multi, base))
    for index in (flat, multi):  # The first call is slower.
        index.range_search(queries[:20], 32)
    for radius in OPTIONS.radius:
        wanted, flat_seconds = cpu(lambda: faiss_range(flat, queries, radius))
        flat_rate = len(queries) / flat_seconds

        def row(engine, rate, p50, p99, build, memory):
            times = f"{rate / flat_rate:.1f}x"
            table(name, radius, engine, f"{rate:.0f}", times, f"{p50:.1f}", f"{p99:.1f}", f"{build:.2f}", memory, load())

        row("faiss BinaryFlat", flat_rate, *latencies(lambda q: flat.range_search(q, radius + 1), queries), built, BYTES)
        if radius < 32:
            found, seconds = cpu(lambda: faiss_range(multi, queries, radius))
            same("faiss BinaryMultiHash", found, wanted)
            times = latencies(lambda q: multi.range_search(q, radius + 1), queries)
            row("faiss BinaryMultiHash 16x16", len(queries) / seconds, *times, multi_built, "-")
        for engine, kernel in [("auto", "best"), ("auto", "avx2"), ("auto", "scalar"), ("flat", "best")]:
            out = folder / "found.bin"
            answer = adlink("query", path, folder / "queries.bin", radius, engine, kernel, out)
            found = np.fromfile(out, dtype="<u4").reshape(-1, 3)
            same(f"adlink {engine} {kernel}", found, wanted)
            per_hash = f"{answer['bytes'] / answer['distinct']:.0f}"
            times = (answer["p50_us"], answer["p99_us"], answer["build_cpu_s"])
            row(f"adlink {answer['engine']} {kernel}, one by one", answer["single_qps"], *times, per_hash)
            row(f"adlink {answer['engine']} {kernel}, batch", answer["batch_qps"], *times, per_hash)


def make_faiss(index, base):
    index.add(base)
    return index


def compare_joins(name, base, path, folder):
    """faiss compares a sample of rows with all; its whole join is that much larger, and is credited for symmetry."""
    radius, sample = 31, min(len(base), OPTIONS.queries)
    flat = make_faiss(faiss.IndexBinaryFlat(BITS), base)
    found, seconds = cpu(lambda: faiss_range(flat, base[:sample], radius))
    whole = seconds * len(base) / sample
    pairs = found[found[:, 1] > found[:, 0]]
    out = folder / "pairs.bin"
    answer = adlink("join", path, radius, out)
    ours = np.fromfile(out, dtype="<u4").reshape(-1, 3)
    same("adlink join", ours[ours[:, 0] < sample], pairs)
    forest = adlink("forest", path, radius)
    table(name, f"{whole:.0f}", f"{answer['cpu_s']:.2f}", f"{whole / answer['cpu_s']:.0f}x",
          f"{whole / 2 / answer['cpu_s']:.0f}x", answer["pairs"], f"{forest['cpu_s']:.2f}", forest["edges"], load())


def compare_graphs(name, base, path, folder):
    """Recall of the 10 nearest distinct hashes, ties counted as found."""
    distinct = np.unique(base, axis=0)
    np.random.default_rng(3).shuffle(distinct)
    distinct.tofile(folder / "distinct.bin")
    queries = distinct[: min(1000, len(distinct))]
    queries.tofile(folder / "queries.bin")
    truth = make_faiss(faiss.IndexBinaryFlat(BITS), distinct).search(queries, 10)[0][:, -1:]

    def recall(distances):
        return (distances <= truth).mean()

    graph, built = cpu(lambda: make_faiss(faiss.IndexBinaryHNSW(BITS, 24), distinct))
    for ef in [64, 256, 1024]:
        graph.hnsw.efSearch = ef
        (distances, _), seconds = cpu(lambda: graph.search(queries, 10))
        table(name, "faiss BinaryHNSW", ef, f"{recall(distances):.4f}", f"{seconds / len(queries) * 1e6:.0f}", f"{built:.1f}", load())
    index = Index(ndim=BITS, metric="hamming", dtype="b1", connectivity=24, expansion_add=200)
    _, built = cpu(lambda: index.add(np.arange(len(distinct)), distinct, threads=1))
    for ef in [64, 256, 1024]:
        index.expansion_search = ef
        found, seconds = cpu(lambda: index.search(queries, 10, threads=1))
        table(name, "usearch", ef, f"{recall(found.distances):.4f}", f"{seconds / len(queries) * 1e6:.0f}", f"{built:.1f}", load())
    answer = adlink("hnsw", folder / "distinct.bin", folder / "queries.bin", 10)
    for point in answer["curve"]:
        table(name, "adlink hnsw", point["ef"], f"{point['recall']:.4f}", f"{point['cpu_us']:.0f}", f"{answer['build_cpu_s']:.1f}", load())
    table(name, "adlink exact k-NN", "-", "1.0000", f"{answer['exact_cpu_us']:.0f}", "-", load())


def datasets(folder):
    """(name, path) of each data set, in the form of benches/measure/index_bench."""
    if OPTIONS.hex:
        lines = Path(OPTIONS.hex).read_text().split()
        path = folder / "real.bin"
        np.frombuffer(bytes.fromhex("".join(lines)), dtype=np.uint8).tofile(path)
        yield "real PDQ", path
        return
    for kind in OPTIONS.kinds.split(","):
        path = folder / f"{kind}.bin"
        adlink("make", kind, OPTIONS.rows, OPTIONS.seed, path)
        yield f"{kind} {OPTIONS.rows}", path


def main():
    print(f"faiss {faiss.__version__} ({faiss.get_compile_options().strip()}), usearch, seed {OPTIONS.seed}, load {load()}")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name, path in datasets(folder):
            base = np.fromfile(path, dtype=np.uint8).reshape(-1, BYTES)
            table("data", "radius", "engine", "queries/CPU s", "to BinaryFlat", "p50 us", "p99 us", "build CPU s", "bytes per distinct hash", "load")
            table(*["---"] * 10)
            compare_queries(name, base, path, folder)
            if OPTIONS.joins:
                table("data", "BinaryFlat join CPU s (from a sample)", "adlink CPU s", "ratio", "ratio, symmetry credited", "pairs", "forest CPU s", "edges", "load")
                table(*["---"] * 9)
                compare_joins(name, base, path, folder)
            if OPTIONS.graphs:
                table("data", "engine", "ef", "recall@10", "CPU us per query", "build CPU s", "load")
                table(*["---"] * 7)
                compare_graphs(name, base, path, folder)


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", help="path of index_bench; built when it is not given")
    parser.add_argument("--kinds", default="uniform,skewed,copies")
    parser.add_argument("--hex", help="real hashes instead: 64 hex digits a line")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--radius", type=int, nargs="+", default=[31, 47, 63])
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--joins", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--graphs", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    OPTIONS = options()
    main()
