"""warcio and wacz write crawls of two pages that show one photo; adlink finds two ads and links them."""

import io
import subprocess
from pathlib import Path

import pytest
from conftest import FIXTURE, adlink, rows
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PHOTO = next(Path(FIXTURE.parent, "images", "openboard.example").glob("*_0.jpg"))
SITES = ["one.example", "two.example"]


def crawl(path, gzip=True):
    with open(path, "wb") as file:
        writer = WARCWriter(file, gzip=gzip)

        def response(url, kind, body):
            headers = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
            date = {"WARC-Date": "2024-01-02T03:04:05Z"}
            record = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=headers, warc_headers_dict=date
            )
            writer.write_record(record)

        for site in SITES:
            page = f'<html><head><title>Ad on {site}</title></head><body><img src="/p.jpg"></body></html>'
            response(f"https://{site}/ad/1", "text/html; charset=utf-8", page.encode())
            response(f"https://{site}/p.jpg", "image/jpeg", PHOTO.read_bytes())
    return path


def check(path, folder):
    adlink("ingest", path, "--case", folder / "c.adlink")
    adlink("report", "--case", folder / "c.adlink", "--out", folder / "out")
    (link,) = rows(folder / "out" / "links.csv")
    assert [link["from_site"], link["to_site"]] == SITES
    assert link["tier"] == "same-file"


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_warcio(tmp_path, name):
    check(crawl(tmp_path / name, gzip=name.endswith(".gz")), tmp_path)


def test_wacz(tmp_path):
    path = crawl(tmp_path / "crawl.warc.gz")
    packed = tmp_path / "crawl.wacz"
    subprocess.run(["wacz", "create", "--detect-pages", "-o", packed, path], check=True, capture_output=True)
    check(packed, tmp_path)
