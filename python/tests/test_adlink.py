"""The wheel against the fixture, numpy's corners, and the program: the same hashes, the same tables."""

import csv
import io
import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import adlink

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "fixtures" / "ads"
PHOTOS = sorted((FIXTURE / "images").rglob("*.jpg"))
PROGRAM = os.environ.get("ADLINK")


@pytest.fixture(scope="session")
def linked(tmp_path_factory):
    path = tmp_path_factory.mktemp("case") / "case.adlink"
    with adlink.Case(path) as case:
        counts = case.ingest(FIXTURE / "ads.jsonl")
        assert counts["records_used"] > 50 and counts["images_hashed"] > 100
        assert sum(counts["images_skipped"].values()) > 0
        yield case, case.link()


def test_a_hash_from_path_bytes_and_array_is_one():
    path = PHOTOS[0]
    of_file = adlink.hash(path)
    assert adlink.hash(str(path)) == of_file == adlink.hash(path.read_bytes())
    assert len(of_file.hex) == 64 and of_file.quality == 100
    assert of_file.bits.shape == (256,) and set(of_file.bits) <= {0, 1}
    assert np.packbits(of_file.bits).tobytes() == of_file.bytes.tobytes() == bytes.fromhex(of_file.hex)
    assert len(of_file.turns) == 8 and of_file.turns["none"] == of_file.hex
    assert of_file - of_file == 0 and len({of_file, adlink.hash(path)}) == 1


def test_arrays_of_any_layout_are_read_as_they_look():
    random = np.random.default_rng(7)
    grey = random.integers(0, 256, (120, 90), np.uint8)
    whole = adlink.hash(grey)
    wide = np.zeros((120, 180), np.uint8)
    wide[:, ::2] = grey
    assert adlink.hash(wide[:, ::2]) == whole
    assert adlink.hash(np.asfortranarray(grey)) == whole
    assert adlink.hash(np.repeat(grey[:, :, None], 3, axis=2)) - whole <= 2
    assert adlink.hash(grey[:, ::-1]).hex == whole.turns["flipy"]
    assert whole.sha256 is None and whole.views == []


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((0, 5), np.uint8),
        np.zeros((5, 0), np.uint8),
        np.zeros((5, 5), np.float32),
        np.zeros((5, 5), np.uint16),
        np.zeros((5, 5, 4), np.uint8),
        np.zeros(5, np.uint8),
        3,
        None,
    ],
)
def test_what_is_no_picture_is_refused(bad):
    with pytest.raises((TypeError, ValueError)):
        adlink.hash(bad)


def test_errors_name_the_file_and_the_reason(tmp_path):
    with pytest.raises(adlink.ImageError) as missing:
        adlink.hash(tmp_path / "none.jpg")
    assert missing.value.reason == "MISSING" and "none.jpg" in str(missing.value)
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(adlink.ImageError) as text:
        adlink.hash(tmp_path / "text.jpg")
    assert text.value.reason != "MISSING"
    with pytest.raises(adlink.AdlinkError) as none:
        adlink.Case(tmp_path / "none.adlink", read_only=True)
    assert "none.adlink" in str(none.value)


def test_many_at_once_keep_their_order_and_their_errors(tmp_path):
    told = []
    found = adlink.hash_many([PHOTOS[0], tmp_path / "none.jpg", PHOTOS[1]], progress=lambda *one: told.append(one))
    assert found[0] == adlink.hash(PHOTOS[0]) and found[2] == adlink.hash(PHOTOS[1])
    assert isinstance(found[1], adlink.ImageError)
    assert told[-1] == ("hashing", 3, 3)


def test_pdqhash_agrees():
    pdqhash = pytest.importorskip("pdqhash")
    random = np.random.default_rng(3)
    rows = np.linspace(0, 4, 300)[:, None, None]
    for _ in range(20):
        waves = np.sin(rows * random.uniform(1, 9, 3)) + np.cos(np.linspace(0, 5, 400)[None, :, None] * random.uniform(1, 9, 3))
        picture = np.ascontiguousarray(127 + 60 * waves).astype(np.uint8)
        theirs, quality = pdqhash.compute(picture)
        ours, own = adlink.compute(picture)
        assert np.count_nonzero(theirs != ours) <= 4 and abs(quality - own) <= 1


def test_evidence_of_a_copy_and_of_two_photos():
    copy = adlink.compare(PHOTOS[0], PHOTOS[0])
    assert copy and copy.tier == "same-file" and copy.strength == "identical" and copy.distance == 0
    grey = np.random.default_rng(1).integers(0, 256, (200, 200), np.uint8)
    other = adlink.compare(PHOTOS[0], grey)
    assert not other and other.tier is None and other.score is None
    assert "not the same photo" in repr(other)


def brute(hashes, queries, radius):
    bits = np.unpackbits(hashes, axis=1).astype(np.int16)
    asked = np.unpackbits(queries, axis=1).astype(np.int16)
    found = []
    for query, row in enumerate(asked):
        distance = np.abs(bits - row).sum(axis=1)
        near = np.flatnonzero(distance <= radius)
        near = near[np.lexsort((near, distance[near]))]
        found += [(query, int(row), int(distance[row])) for row in near]
    return found


def some_hashes(count, seed):
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 256, (count, 32), np.uint8)
    for row in range(0, count, 3):  # near copies
        hashes[row] = hashes[0] ^ (random.random((32,)) < 0.05).astype(np.uint8)
    return hashes


def triples(found):
    return list(zip(*(side.tolist() for side in found)))


@pytest.mark.parametrize("radius", [0, 1, 31, 90, 256])
def test_the_index_is_exact(radius):
    hashes, queries = some_hashes(300, 1), some_hashes(20, 2)
    queries[:5] = hashes[:5]
    index = adlink.RadiusIndex(hashes, radius)
    assert triples(index.search(queries)) == brute(hashes, queries, radius)
    pairs = [(a, b, d) for a, b, d in brute(hashes, hashes, radius) if a < b]
    assert triples(adlink.RadiusIndex.join(hashes, radius)) == sorted(
        [(a, b, d) for a, b, d in pairs]
    )
    two = adlink.RadiusIndex.join(queries, radius, hashes)
    assert triples(two) == sorted(brute(hashes, queries, radius))


def test_rows_are_added_and_removed_for_good():
    hashes = some_hashes(50, 5)
    index = adlink.RadiusIndex(radius=10)
    assert len(index) == 0 and index.add(hashes[:20]) == 0 and index.add(hashes[20:]) == 20
    assert len(index) == 50 and index.remove(7) and not index.remove(7) and not index.remove(50)
    left = [one for one in brute(hashes, hashes, 10) if one[1] != 7]
    assert triples(index.search(hashes)) == left
    assert triples(index.search(hashes[::2][:3])) == [one for one in brute(hashes, hashes[::2][:3], 10) if one[1] != 7]
    hexes = [bytes(row).hex() for row in hashes]
    assert triples(index.search(hexes)) == left


@pytest.mark.parametrize("bad", [np.zeros((3, 31), np.uint8), np.zeros((3, 32), np.int64), np.zeros(32, np.uint8), ["xyz"], [1]])
def test_what_are_no_hashes_is_refused(bad):
    with pytest.raises((TypeError, ValueError)):
        adlink.RadiusIndex(bad)


def test_an_empty_array_finds_nothing():
    none = np.zeros((0, 32), np.uint8)
    index = adlink.RadiusIndex(none)
    assert all(len(side) == 0 for side in index.search(none))
    assert all(len(side) == 0 for side in adlink.RadiusIndex.join(none))


def test_tables_are_those_of_the_files(linked):
    pytest.importorskip("pyarrow")
    _, found = linked
    assert found.link_count > 0 and found.network_count > 0
    pairs = adlink.table(found, "pairs")
    rows = list(csv.DictReader(io.StringIO(found.file("pairs.csv").decode())))
    assert pairs.num_rows == len(rows) > 0
    assert pairs.column("image_a").to_pylist() == [row["image_a"] for row in rows]
    with pytest.raises(adlink.AdlinkError, match="known: "):
        found.file("nothing.csv")


@pytest.mark.skipif(not PROGRAM, reason="ADLINK names no program to compare with")
def test_the_program_writes_the_same(linked, tmp_path):
    _, found = linked
    found.write(tmp_path / "python")
    command = [PROGRAM, "link", FIXTURE / "ads.jsonl", "--out", tmp_path / "program", "--quiet"]
    assert subprocess.run(command, check=False).returncode == 3
    for theirs in sorted((tmp_path / "program").iterdir()):
        if theirs.suffix in (".csv", ".jsonl", ".graphml", ".gexf"):
            assert (tmp_path / "python" / theirs.name).read_bytes() == theirs.read_bytes(), theirs.name
    run = [json.loads((tmp_path / side / "run.json").read_text()) for side in ("python", "program")]
    assert run[0]["parameters"] == run[1]["parameters"]


def test_results_replace_nothing_by_accident(tmp_path, recwarn):
    """What `adlink link --out` refuses, with the same words."""
    for name in ("a", "b"):
        with adlink.Case(tmp_path / f"{name}.adlink") as case:
            case.ingest(FIXTURE / "ads.jsonl", features=0)
            case.link().write(tmp_path / name)
            case.link().write(tmp_path / name)
            linked = case.link()
    theirs = (tmp_path / "a" / "run.json").read_bytes()
    with pytest.raises(adlink.AdlinkError, match="another case"):
        linked.write(tmp_path / "a")
    assert (tmp_path / "a" / "run.json").read_bytes() == theirs
    notes = tmp_path / "notes" / "links.csv"
    notes.parent.mkdir()
    notes.write_text("notes of the interview")
    with pytest.raises(adlink.AdlinkError, match="did not write"):
        linked.write(notes.parent)
    with pytest.raises(adlink.AdlinkError, match="it is a file"):
        linked.write(tmp_path / "b.adlink")
    assert notes.read_text() == "notes of the interview" and not recwarn
    with pytest.warns(UserWarning, match="replaces"):
        linked.write(notes.parent, force=True)
    assert json.loads((notes.parent / "run.json").read_text())["case_id"]


def test_a_case_closes_after_what_another_thread_does_with_it(tmp_path):
    case, done = adlink.Case(tmp_path / "c.adlink"), []
    closer = threading.Thread(target=case.close)

    def close_once(*_):
        if not closer.ident:
            closer.start()
            # The interpreter is not held by who waits for the case.
            time.sleep(0.05)
            done.append(closer.is_alive())

    case.ingest(FIXTURE / "ads.jsonl", features=0, progress=close_once)
    closer.join(timeout=30)
    assert done and not closer.is_alive()
    with pytest.raises(adlink.AdlinkError, match="closed"):
        case.link()


def test_search_finds_where_a_photo_was(linked):
    case, _ = linked
    [hits, nothing] = case.search(PHOTOS[0], np.random.default_rng(2).integers(0, 256, (200, 200), np.uint8))
    assert hits[0]["tier"] == "same-file" and hits[0]["ads"][0]["ad_id"]
    assert nothing == []


def test_decisions_hold(tmp_path):
    with adlink.Case(tmp_path / "c.adlink") as case:
        case.ingest(FIXTURE / "ads.jsonl", features=0)
        before = case.link()
        pair = next(
            row
            for row in csv.DictReader(io.StringIO(before.file("pairs.csv").decode()))
            if row["sha256_a"] != row["sha256_b"]
        )
        assert case.decide(pair["sha256_a"], pair["sha256_b"], "reject", reviewer="A. Tester") == 1
        after = list(csv.DictReader(io.StringIO(case.link().file("pairs.csv").decode())))
        assert not [row for row in after if {row["sha256_a"], row["sha256_b"]} == {pair["sha256_a"], pair["sha256_b"]}]
        with pytest.raises(ValueError, match="expected confirm"):
            case.decide(pair["sha256_a"], pair["sha256_b"], "maybe", reviewer="A. Tester")
    with pytest.raises(adlink.AdlinkError, match="closed"):
        case.link()


def test_progress_is_told_and_its_exception_stops(tmp_path):
    told = []
    with adlink.Case(tmp_path / "c.adlink") as case:
        case.ingest(FIXTURE / "ads.jsonl", features=0, progress=lambda *one: told.append(one))
        assert any(stage == "hashing" for stage, _, _ in told)

    def refuse(*_):
        raise RuntimeError("enough")

    with adlink.Case(tmp_path / "d.adlink") as case, pytest.raises(RuntimeError, match="enough"):
        case.ingest(FIXTURE / "ads.jsonl", progress=refuse)


def test_control_c_stops_and_the_same_call_goes_on(tmp_path):
    with adlink.Case(tmp_path / "c.adlink") as case:
        threading.Timer(0.15, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        started = time.monotonic()
        try:
            for _ in range(100):
                case.ingest(FIXTURE / "ads.jsonl")
        except KeyboardInterrupt:
            pass
        else:
            pytest.fail("Ctrl-C was not heard")
        assert time.monotonic() - started < 30
        case.ingest(FIXTURE / "ads.jsonl")
        assert case.link().link_count > 0


def test_a_run_is_judged(tmp_path, linked):
    _, found = linked
    (tmp_path / "pairs.csv").write_bytes(found.file("pairs.csv"))
    figures = adlink.evaluate(FIXTURE / "truth.csv", tmp_path / "pairs.csv")
    assert figures["precision"] == 1 and figures["recall"] > 0.5


def test_files_are_joined_by_tiles(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    rng = np.random.default_rng(3)
    centres = rng.integers(0, 256, (40, 32), np.uint8)
    hashes = np.repeat(centres, 5, axis=0)
    for row in hashes:
        for bit in rng.integers(0, 256, 9):
            row[bit // 8] ^= 1 << (bit % 8)
    ids = np.arange(len(hashes), dtype=np.int64)
    files = []
    for share in range(2):
        mine = ids % 2 == share
        table = {"image_id": ids[mine], "pdq": [row.tobytes() for row in hashes[mine]]}
        files.append(tmp_path / f"{share}.parquet")
        pq.write_table(pa.table(table), files[-1])
    found, outputs = set(), []
    for left, right in [(0, 0), (0, 1), (1, 1)]:
        outputs.append(tmp_path / f"{left}-{right}.parquet")
        count = adlink.join_files(files[left], files[right], outputs[-1], upright=True)
        rows = pq.read_table(outputs[-1])
        assert rows.num_rows == count
        found |= set(zip(*(rows[name].to_pylist() for name in ("a", "b", "d"))))
    a, b, distance = adlink.RadiusIndex.join(hashes)
    assert found == set(zip(a.tolist(), b.tolist(), distance.tolist()))
    assert adlink.components(outputs, tmp_path / "c.parquet") == 40
    components = pq.read_table(tmp_path / "c.parquet")["component"].to_pylist()
    assert components == [5 * (row // 5) for row in range(200)]
    with pytest.raises(adlink.AdlinkError, match="adlink join"):
        adlink.components(files, tmp_path / "c.parquet")


def test_sections_give_the_tables_of_the_whole(linked):
    case, whole = linked
    cut = case.link(sections=5)
    for name in ("links.csv", "pairs.csv", "photo_groups.csv", "networks.csv", "leads.csv"):
        assert cut.file(name) == whole.file(name), name
