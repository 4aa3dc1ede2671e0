"""The program, and one result folder and case of the bundled ads for all tests.

Tests ask a library of the format whether it takes a file, and then for what the file says: ads, images, links. What is
right is read from links.csv and pairs.csv of the same run, so no test knows a number by heart.
"""

import csv
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIXTURE = ROOT / "fixtures" / "ads" / "ads.jsonl"


def adlink(*args, codes=(0,)):
    done = subprocess.run([os.environ["ADLINK"], *map(str, args)], capture_output=True, text=True)
    assert done.returncode in codes, done.stderr
    return done


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Results:
    """Of one run on the bundled ads."""

    def __init__(self, folder):
        self.folder = folder
        self.out = folder / "out"
        # Some of the bundled files are broken on purpose.
        adlink("link", FIXTURE, "--out", self.out, "--spreadsheet", "--all-links", codes=(3,))
        self.links = rows(self.out / "links.csv")
        self.held = [link for link in self.links if not link["left_out"]]
        self.pairs = {(row["sha256_a"], row["sha256_b"]) for row in rows(self.out / "pairs.csv")}
        self.two_files = {pair for pair in self.pairs if pair[0] != pair[1]}
        self.networks = {row["network_id"] for row in rows(self.out / "networks.csv")}

    def export(self, name, profile="full"):
        path = self.folder / profile / name
        path.parent.mkdir(exist_ok=True)
        order = ["export", "--case", self.out / "case.adlink", "--format", name, "--profile", profile]
        adlink(*order, "-o", path, "--recipient", "Unit 3", "--purpose", "interop")
        return path


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    return Results(tmp_path_factory.mktemp("results"))


PROFILES = ["full", "shared", "hash-only"]
