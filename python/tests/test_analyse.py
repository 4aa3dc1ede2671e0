"""Analyses for a case elsewhere, and the index of local features, on the fixture and on corners."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import adlink

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
PROGRAM = os.environ.get("ADLINK")
FIXTURE = ROOT / "fixtures" / "ads"
IMAGES = FIXTURE / "images"
# Some of the fixture are cut or no pictures.
PHOTOS = [path for path in sorted(IMAGES.rglob("*.jpg"))[:45] if adlink.analyse(path, features=0)["error"] is None]
TABLES = ["pairs.csv", "links.csv", "networks.csv", "photo_groups.csv", "leads.csv", "timeline.csv", "common.csv"]


def test_a_row_says_what_a_hash_says_and_raises_for_no_picture(tmp_path):
    for photo in PHOTOS[:3]:
        row, found = adlink.analyse(photo), adlink.hash(photo)
        assert row == adlink.analyse(photo.read_bytes()) == adlink.analyse(str(photo))
        assert (row["pdq"].hex(), row["pdq_quality"], row["sha256"].hex()) == (found.hex, found.quality, found.sha256)
        assert (row["width"], row["height"]) == found.size and row["error"] is None
        assert len(row["analysis"]) > len(adlink.analyse(photo, features=0)["analysis"])
    (tmp_path / "page.jpg").write_text("<!doctype html><html></html>")
    page = adlink.analyse(tmp_path / "page.jpg")
    assert page["error"].startswith("NOT_AN_IMAGE: ") and page["pdq"] is None and page["analysis"]
    gone = adlink.analyse(tmp_path / "gone.jpg")
    assert gone["error"].startswith("MISSING") and gone["analysis"] is None and gone["sha256"] is None
    assert adlink.analyse(b"")["error"].startswith("EMPTY")
    with pytest.raises(TypeError, match="bytes of an image file"):
        adlink.analyse(np.zeros((9, 9), np.uint8))
    with pytest.raises(TypeError):
        adlink.analyse(None)


def test_rows_of_workers_make_the_case_that_an_ingest_makes(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    with adlink.Case(tmp_path / "plain.adlink") as case:
        plain_counts = case.ingest(FIXTURE / "ads.jsonl")
        plain = case.link()
    assert plain.lacking == []
    files = sorted(path for path in IMAGES.rglob("*") if path.is_file())
    for share in range(3):
        rows = [{"path": str(f.relative_to(IMAGES)), **adlink.analyse(f)} for f in files[share::3]]
        # As Spark does, an image that came before has its digest only.
        seen = set()
        for row in rows:
            if row["sha256"] in seen:
                row["analysis"] = None
            seen.add(row["sha256"])
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"{share}.parquet")
    (tmp_path / "ads.jsonl").write_bytes((FIXTURE / "ads.jsonl").read_bytes())
    originals = tmp_path / "originals"
    originals.mkdir()
    with adlink.Case(tmp_path / "c.adlink") as case:
        counts = case.ingest(tmp_path / "ads.jsonl", analysed=[tmp_path / f"{share}.parquet" for share in range(3)])
        assert counts["images_hashed"] == 0 and counts["images_taken"] == plain_counts["images_hashed"]
        assert counts["images_skipped"] == plain_counts["images_skipped"] and counts["analyses_refused"] == 0
        wanted = []
        for _ in range(9):
            linked = case.link(originals=originals)
            if not linked.lacking:
                break
            wanted += linked.lacking
            for file in files:
                digest = adlink.analyse(file, features=0)["sha256"].hex()
                if digest in linked.lacking:
                    (originals / digest).write_bytes(file.read_bytes())
        assert wanted and not linked.lacking
    for name in TABLES:
        assert linked.file(name) == plain.file(name), name


@pytest.mark.skipif(not PROGRAM, reason="ADLINK names no program to compare with")
def test_a_corpus_of_reposts_analysed_in_shares_links_as_one(tmp_path):
    make, photos = SHARED / "bench" / "make_reposts.py", SHARED / "data" / "photos"
    if not make.exists() or not photos.exists():
        pytest.skip(f"no generator and photos in {SHARED}")
    pytest.importorskip("PIL", reason="the generator needs Pillow")
    corpus = tmp_path / "corpus"
    of = ["--seed", "7", "--limit", "140", "--distractors", "60", "--jobs", "1"]
    subprocess.run([sys.executable, make, photos, corpus, *of], check=True)
    for share in ("1/3", "2/3", "3/3"):
        out = tmp_path / "analysed" / f"{share[0]}.parquet"
        out.parent.mkdir(exist_ok=True)
        command = [PROGRAM, "hash", corpus / "images", "--analyses", "--shard", share, "-o", out, "--quiet"]
        subprocess.run(command, check=True)
    link = [PROGRAM, "link", corpus / "ads.jsonl", "--quiet", "--out"]
    subprocess.run([*link, tmp_path / "one"], check=True)
    subprocess.run([*link, tmp_path / "shares", "--analysed", tmp_path / "analysed"], check=True)
    run = json.loads((tmp_path / "shares" / "run.json").read_text())
    assert "\"hashed_now\": 0" in json.dumps(run) and "\"taken\": 0" not in json.dumps(run)
    tables = [path for path in (tmp_path / "one").iterdir() if path.suffix in (".csv", ".jsonl", ".graphml")]
    assert len((tmp_path / "one" / "links.csv").read_text().splitlines()) > 50
    for table in tables:
        assert (tmp_path / "shares" / table.name).read_bytes() == table.read_bytes(), table.name


def triples(found):
    return list(zip(*(side.tolist() for side in found)))


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_part_of_a_photo_is_found_and_rows_keep_their_numbers(tmp_path, on_disk):
    folder = tmp_path / "index" if on_disk else None
    index = adlink.FeatureIndex(folder) if on_disk else adlink.FeatureIndex()
    assert len(index) == 0 and all(len(side) == 0 for side in index.search(PHOTOS[:1]))
    assert all(len(side) == 0 for side in index.search([])) and index.add([]) == 0
    assert index.add(PHOTOS[:5]) == 0
    assert index.add([PHOTOS[5], PHOTOS[6].read_bytes(), adlink.analyse(PHOTOS[7])["analysis"]]) == 5
    assert len(index) == 8
    query, row, evidence = index.search(PHOTOS[:8])
    assert query.dtype == row.dtype == evidence.dtype == np.uint32
    # Copies of a photo find each other, too.
    assert {(n, n) for n in range(8)} <= {(q, r) for q, r, _ in triples((query, row, evidence))}
    assert evidence[query == 0].tolist() == sorted(evidence[query == 0], reverse=True)
    # A picture that agrees in two turns is there once.
    found = list(zip(query, row))
    assert len(set(found)) == len(found)
    assert (np.diff(query.astype(int)) >= 0).all()
    assert len(index.search(PHOTOS[:1], most=1)[0]) == 1
    assert index.remove(3) and not index.remove(3) and not index.remove(99)
    assert 3 not in index.search([PHOTOS[3]])[1] and len(index) == 7
    with pytest.raises(adlink.ImageError, match="MISSING"):
        index.add([PHOTOS[0], tmp_path / "none.jpg"])
    assert len(index) == 7 and index.add([PHOTOS[3]]) == 8
    if not on_disk:
        with pytest.raises(ValueError, match="in memory"):
            index.save()
        return
    before = triples(index.search(PHOTOS[:8]))
    index.save()
    del index
    again = adlink.FeatureIndex(folder)
    assert len(again) == 8 and triples(again.search(PHOTOS[:8])) == before
    assert again.add([PHOTOS[8]]) == 9


def test_both_indexes_find_the_same_and_arrays_of_any_layout_are_pictures(tmp_path):
    memory, disk = adlink.FeatureIndex(), adlink.FeatureIndex(tmp_path / "index")
    for index in (memory, disk):
        index.add(PHOTOS[:30])
    assert triples(memory.search(PHOTOS[:40])) == triples(disk.search(PHOTOS[:40]))
    waves = np.random.default_rng(5).integers(0, 256, (60, 80), np.uint8).repeat(4, 0).repeat(4, 1)
    row = memory.add([waves])
    wide = np.zeros((240, 640), np.uint8)
    wide[:, ::2] = waves
    for same in (wide[:, ::2], np.asfortranarray(waves), waves[::-1]):
        assert row in memory.search([same])[1]


@pytest.mark.parametrize("bad", ["a.jpg", b"bytes", 3, None, [3], [np.zeros((0, 5), np.uint8)], [np.zeros((5, 5), np.float32)]])
def test_what_are_no_pictures_is_refused(bad):
    index = adlink.FeatureIndex()
    with pytest.raises((TypeError, ValueError)):
        index.add(bad)
    with pytest.raises((TypeError, ValueError)):
        index.search(bad)


def test_an_index_beside_a_case_is_left_alone_and_features_are_wanted(tmp_path):
    with pytest.raises(adlink.AdlinkError, match="local features"):
        adlink.FeatureIndex().add([adlink.analyse(PHOTOS[0], features=0)["analysis"]])
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(adlink.AdlinkError):
        adlink.FeatureIndex(tmp_path / "file").add([PHOTOS[0]])
