"""Banks: lists that others write are read, and what is written others read."""

import csv
import json
import re

from conftest import FIXTURE, adlink, rows

IMAGES = FIXTURE.parent / "images"
HASH = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"


def bank(case, *args, codes=(0,)):
    return adlink("bank", args[0], *args[1:], "--case", case, codes=codes)


def shown(case, name):
    return json.loads(bank(case, "show", name, "--limit", 1000, "--json").stdout)["shown"]


def export(case, name, form, path):
    bank(case, "export", name, "--format", form, "-o", path, "--recipient", "Unit 3", "--purpose", "interop")
    return path


def vics_media(path):
    """A reader of VICS of its own: both shapes, any case of hex, booleans as such or as text."""
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    assert re.search(r"DataModels/2\.0\.xml/\w+/\$metadata#(Media|Cases)$", document["@odata.context"])
    for record in document["value"]:
        yield from record["Media"] if "Media" in record else [record]


def test_an_independent_reader_finds_every_medium(tmp_path):
    case = tmp_path / "banks.adlink"
    bank(case, "import", IMAGES / "openboard.example", "--name", "OURS", codes=(0, 3))
    media = list(vics_media(export(case, "OURS", "vics", tmp_path / "set.json")))
    held = {entry["md5"]: entry for entry in shown(case, "OURS")}
    assert {medium["MD5"].lower() for medium in media} == held.keys()
    for medium in media:
        entry = held[medium["MD5"].lower()]
        hashes = {other["HashName"]: other["HashValue"] for other in medium["AlternativeHashes"]}
        assert hashes["PDQ"] == entry["pdq"] and medium["SHA1"].lower() == entry["sha1"]
        assert medium["Category"] == 0 and "Unit 3" in medium["Comments"]


def test_tables_are_read_by_pandas(tmp_path):
    import pandas

    case = tmp_path / "banks.adlink"
    bank(case, "import", IMAGES / "openboard.example", "--name", "OURS", codes=(0, 3))
    table = pandas.read_csv(export(case, "OURS", "csv", tmp_path / "list.csv"))
    columns = pandas.read_parquet(export(case, "OURS", "parquet", tmp_path / "list.parquet"))
    assert list(table["pdq"]) == [value.hex() for value in columns["pdq"]]
    assert list(table["entry"]) == list(columns["entry"])
    # What Spark and others make of it: plain binary, or text.
    columns["pdq"] = [value.hex() for value in columns["pdq"]]
    columns.to_parquet(tmp_path / "text.parquet")
    bank(case, "import", tmp_path / "text.parquet", "--name", "TEXT")
    assert [entry["pdq"] for entry in shown(case, "TEXT")] == list(table["pdq"])


def test_digits_as_plain_bytes_are_digits_once(tmp_path):
    """A column of bytes that nobody called text: digests in it, or their digits."""
    import pyarrow
    import pyarrow.parquet

    case = tmp_path / "banks.adlink"
    md5 = "0cc175b9c0f1b6a831c399e269772661"
    for name, cell in {"BYTES": bytes.fromhex(md5), "DIGITS": md5.encode()}.items():
        columns = {"md5": pyarrow.array([cell], pyarrow.binary()), "labels": [["a;b", "c"]]}
        pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "list.parquet")
        bank(case, "import", tmp_path / "list.parquet", "--name", name)
        [entry] = shown(case, name)
        assert (entry["md5"], entry["pdq"], entry["labels"]) == (md5, None, ["a;b", "c"])


def test_lines_are_what_threatexchange_validates(tmp_path):
    """`pdq <hex>` in, and every hash out as its validator wants it: 64 lower-case digits."""
    case = tmp_path / "banks.adlink"
    (tmp_path / "list.txt").write_text(f"pdq {HASH}\n{HASH.upper()[1:]}\n", encoding="utf-8")
    bank(case, "import", tmp_path / "list.txt", "--name", "LIST")
    with open(export(case, "LIST", "csv", tmp_path / "out.csv"), newline="", encoding="utf-8") as file:
        hashes = [row["pdq"] for row in csv.DictReader(file)]
    assert hashes == [HASH, "0" + HASH[1:]] and all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes)
    assert len(rows(tmp_path / "out.csv")) == 2
