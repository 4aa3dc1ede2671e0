"""VICS: the shape that independent readers expect, and back through adlink's own."""

import json
import re
import shutil

from conftest import FIXTURE, adlink, rows


def test_media_have_their_keys(results):
    text = results.export("vics.json", "hash-only").read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["@odata.context"].endswith("/$metadata#Media")
    media = document["value"]
    assert [medium["MediaID"] for medium in media] == list(range(1, len(media) + 1))
    for medium in media:
        assert medium["Category"] == 0
        assert re.fullmatch("[0-9A-F]{32}", medium["MD5"]) and re.fullmatch("[0-9A-F]{40}", medium["SHA1"])
        assert medium["MediaSize"] > 0 and "Unit 3" in medium["Comments"]
        for other in medium["AlternativeHashes"]:
            assert re.fullmatch("[0-9a-f]{64}", other["HashValue"])


def test_it_comes_back_as_hashes_and_as_files(results, tmp_path):
    """With the pictures every pair is found again; by the hashes alone, those that hashes of whole pictures tell."""
    path = results.export("vics.json")
    wanted = {pair for pair in results.two_files}
    shutil.copy(path, tmp_path / "vics.json")
    adlink("link", tmp_path / "vics.json", "--images", FIXTURE.parent / "images", "--out", tmp_path / "files", codes=(0, 3))
    again = {(row["sha256_a"], row["sha256_b"]) for row in rows(tmp_path / "files" / "pairs.csv")}
    assert wanted <= again
    adlink("link", tmp_path / "vics.json", "--out", tmp_path / "hashes", codes=(0, 3))
    near = {(row["sha256_a"], row["sha256_b"]) for row in rows(results.out / "pairs.csv") if row["tier"] == "near-copy"}
    by_hash = {(row["sha256_a"], row["sha256_b"]) for row in rows(tmp_path / "hashes" / "pairs.csv")}
    assert len(near & by_hash) > len(near) / 2 > 0
    assert all("SOURCE_HASH_ONLY" in row["caveats"] for row in rows(tmp_path / "hashes" / "links.csv"))
