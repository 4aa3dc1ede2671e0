"""pandas, pyarrow and openpyxl: tables as CSV, as Parquet, and in the form for spreadsheets say the same."""

import csv

import openpyxl
import pandas
import pyarrow.parquet
import pytest
from conftest import adlink, rows

TABLES = ["common", "leads", "links", "many_contacts", "networks", "pairs", "photo_groups", "skipped", "timeline"]


@pytest.mark.parametrize("name", TABLES)
def test_parquet_says_what_csv_says(results, name):
    path = results.export(f"{name}.parquet")
    table = pyarrow.parquet.read_table(path)
    assert b"Unit 3" in table.schema.metadata[b"adlink.handling"]
    raw = rows(results.out / f"{name}.csv")
    frame = pandas.read_parquet(path)
    assert len(frame) == len(raw) and (not raw or list(frame.columns) == list(raw[0]))
    for column in frame.columns:
        for ours, theirs in zip(frame[column], (row[column] for row in raw)):
            if pandas.isna(ours):
                assert theirs == ""
            elif isinstance(ours, str):
                assert ours == theirs or "'" + ours == theirs
            else:
                assert float(ours) == float(theirs)


def test_hashes_have_all_digests(results):
    for row in rows(results.export("hashes.csv", "hash-only")):
        assert len(row["md5"]) == 32 and len(row["sha1"]) == 40 and len(row["sha256"]) == 64


@pytest.mark.parametrize("name", TABLES)
def test_spreadsheets_keep_every_cell(results, name, tmp_path):
    path = results.out / "spreadsheet" / f"{name}.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with open(path, newline="", encoding="utf-8-sig") as file:
        sheet = list(csv.reader(file))
    with open(results.out / f"{name}.csv", newline="", encoding="utf-8") as file:
        raw = list(csv.reader(file))
    assert [[cell.removeprefix("'") for cell in row] for row in sheet] == [
        [cell.removeprefix("'") for cell in row] for row in raw
    ]
    # What a spreadsheet would make of it: no formula, and digits that stay what they are.
    pandas.read_csv(path, encoding="utf-8-sig").to_excel(tmp_path / "sheet.xlsx", index=False)
    for row in openpyxl.load_workbook(tmp_path / "sheet.xlsx").active.iter_rows():
        assert all(cell.data_type != "f" for cell in row)


def test_a_workbook_of_openpyxl_is_read(results, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["site", "ad_id", "phones", "pdq"])
    hashes = "f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"
    for ad_id in ["007", "8"]:
        book.active.append(["a.example", ad_id, "+00 123", hashes])
    book.save(tmp_path / "ads.xlsx")
    adlink("link", tmp_path / "ads.xlsx", "--out", tmp_path / "out", codes=(0, 3))
    (link,) = rows(tmp_path / "out" / "links.csv")
    assert {link["from_ad_id"], link["to_ad_id"]} == {"007", "8"}
