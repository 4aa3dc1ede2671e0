#!/usr/bin/env python3
"""Is every change to a case named by `adlink verify`, or without effect on what is reported?

  cargo build --release
  python benches/mutations.py [--bytes 650] [--sql 0] [--seed 7] [--list]

Makes a case of the bundled ads with a decision in it, changes copies of it, and asks `verify`. SQL mutations change a value
of every column, remove and add a row of every table, and change the schema; byte mutations change one random byte of the
file. What `verify` lets pass is reported from: each result file but `run.json` has to be what the unchanged case gives. A
change that is let pass and gives other results fails the run, and is named. `--sql N` takes every Nth SQL mutation only.
Where less than four fifths of the SQL mutations could be made the run fails, too: it showed less than it says.

A mutated case is put in place of the original under one name, since results name their case.
"""
import argparse
import csv
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Share of the SQL mutations that has to be possible.
LEAST_APPLIED = 0.8
ADLINK = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/adlink"


def adlink(*words: object) -> subprocess.CompletedProcess:
    command = [ADLINK, *words, "--progress", "never", "--color", "never"]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, errors="replace", timeout=300)


def done(*words: object) -> str:
    ran = adlink(*words)
    if ran.returncode not in (0, 3):
        sys.exit(f"adlink {words}: {ran.stderr}")
    return ran.stdout


def made(folder: Path) -> bytes:
    """A case with records, decisions, pixel checks, runs, features, and banks with entries by hash and by digest."""
    case, out = folder / "case.adlink", folder / "out"
    done("link", ROOT / "fixtures/ads/ads.jsonl", "--case", case, "--out", out)
    with open(out / "pairs.csv", newline="") as pairs:
        pair = next(row for row in csv.DictReader(pairs) if row["sha256_a"] != row["sha256_b"])
    images = pair["sha256_a"], pair["sha256_b"]
    done("decide", "--case", case, "--reviewer", "R", "--pair", *images, "confirm", "--reason", "seen")
    done("case", "--case", case, "--purpose", "a test of mutations")
    hashes = folder / "hashes.csv"
    done("hash", ROOT / "fixtures/ads/images", "-o", hashes)
    done("bank", "import", hashes, "--name", "KNOWN", "--case", case, "--source", "a test", "--handling", "for tests only")
    done("bank", "import", ROOT / "fixtures/ads/images", "--name", "OURS", "--kind", "ours", "--case", case)
    done("report", "--case", case, "--out", out)
    for beside in folder.glob("case.adlink-*"):
        beside.unlink()
    return case.read_bytes()


def other(value: object) -> object:
    """A value of the same type that is another."""
    match value:
        case int():
            return value - 1 if value > 1 << 62 else value + 1
        case str():
            # Within JSON, so that it still can be parsed.
            return value.replace('"', '"x', 1) if value.startswith(("{", "[")) and '"' in value else value + "x"
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:] if value else b"x"
        case None:
            return None


def sql_mutations(case: Path) -> list[tuple[str, list[tuple[str, tuple]]]]:
    """Name, and statements with their values."""
    found: list[tuple[str, list[tuple[str, tuple]]]] = []
    with sqlite3.connect(case) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        for table in tables:
            info = db.execute(f"PRAGMA table_info({table})").fetchall()
            columns = [row[1] for row in info]
            keys = [row[1] for row in sorted(info, key=lambda row: row[5]) if row[5]]
            rows = db.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
            if not rows:
                continue
            row = dict(zip(columns, rows[len(rows) // 2]))
            where = " AND ".join(f"{key} IS ?" for key in keys)
            at = tuple(row[key] for key in keys)
            for column in columns:
                filled = [one for one in (dict(zip(columns, r)) for r in rows) if one[column] is not None]
                if not filled:
                    continue
                one = filled[len(filled) // 2]
                place = tuple(one[key] for key in keys)
                change = f"UPDATE {table} SET {column} = ? WHERE {where}"
                found.append((f"update {table}.{column}", [(change, (other(one[column]), *place))]))
            found.append((f"delete {table}", [(f"DELETE FROM {table} WHERE {where}", at)]))
            fresh = dict(row)
            for key in keys:
                near = not isinstance(row[key], int) or abs(row[key]) > 1 << 62
                fresh[key] = other(row[key]) if near else row[key] + 1_000_000
            for column in ("sha256", "digest", "path", "name", "network", "number"):
                if column in fresh and column not in keys:
                    fresh[column] = other(fresh[column])
            marks = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            found.append((f"insert {table}", [(insert, tuple(fresh[column] for column in columns))]))
    for name, statement in [
        ("trigger", "CREATE TRIGGER t AFTER INSERT ON decision BEGIN DELETE FROM decision; END"),
        ("view", "CREATE VIEW v AS SELECT * FROM record"),
        ("table", "CREATE TABLE extra (x)"),
        ("index", "CREATE INDEX extra ON record (site)"),
        ("dropped index", "DROP INDEX file_content"),
        ("column", "ALTER TABLE record ADD COLUMN extra TEXT"),
        ("renamed", "ALTER TABLE record RENAME COLUMN title TO heading"),
        ("user_version", "PRAGMA user_version = 3"),
        ("application_id", "PRAGMA application_id = 1"),
        ("all hashes", "UPDATE content SET pdq = zeroblob(length(pdq)) WHERE pdq IS NOT NULL"),
        ("an ad and all of it", "DELETE FROM sighting WHERE record = 1"),
        ("shortened chain", "DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)"),
        ("no seal", "DELETE FROM seal"),
    ]:
        found.append((name, [(statement, ())]))
    return found


class Bench:
    def __init__(self, folder: Path):
        self.folder, self.case, self.out = folder, folder / "case.adlink", folder / "again"
        self.whole = made(folder)
        self.expected = self.report()
        self.kinds: Counter[str] = Counter()
        self.passed: list[str] = []

    def report(self) -> dict[str, bytes] | None:
        """Result files but `run.json`; `None` when there are none."""
        shutil.rmtree(self.out, ignore_errors=True)
        if adlink("report", "--case", self.case, "--out", self.out).returncode not in (0, 3):
            return None
        files = (path for path in self.out.rglob("*") if path.is_file() and path.name != "run.json")
        return {str(path.relative_to(self.out)): path.read_bytes() for path in files}

    def put(self, content: bytes) -> None:
        for beside in self.folder.glob("case.adlink*"):
            beside.unlink()
        self.case.write_bytes(content)

    def judge(self, name: str) -> str:
        """What became of the change that is in place."""
        verified = adlink("verify", "--case", self.case, "--no-originals")
        if verified.returncode == 1:
            return "named by verify"
        if verified.returncode != 0:
            return f"verify ended with {verified.returncode}"
        found = self.report()
        if found is None:
            return "refused by report"
        if found == self.expected:
            return "no effect on any result"
        changed = sorted(key for key in found.keys() | self.expected.keys() if found.get(key) != self.expected.get(key))
        self.passed.append(f"{name}: verify is content, and {', '.join(changed[:4])} differ")
        return "PASSED UNNAMED"

    def note(self, name: str, told: bool) -> None:
        became = self.judge(name)
        self.kinds[became] += 1
        if became.startswith("verify ended"):
            self.passed.append(f"{name}: {became}")
        if told:
            print(f"{name:42} {became}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--bytes", type=int, default=650)
    asked.add_argument("--sql", type=int, default=1)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--list", action="store_true", help="say what became of each")
    args = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.put(bench.whole)
        assert bench.judge("nothing") == "no effect on any result", "the unchanged case is not sound"
        mutations = sql_mutations(bench.case)[:: max(args.sql, 1)]
        applied = 0
        for name, statements in mutations:
            bench.put(bench.whole)
            db = sqlite3.connect(bench.case)
            db.execute("PRAGMA foreign_keys = OFF")
            try:
                for statement, values in statements:
                    db.execute(statement, values)
                db.commit()
                applied += 1
            except sqlite3.Error as error:
                bench.kinds[f"not possible: {type(error).__name__}"] += 1
                continue
            finally:
                db.close()
            bench.note(name, args.list)
        print(f"{applied} of {len(mutations)} SQL mutations: {dict(bench.kinds)}")
        if applied < LEAST_APPLIED * len(mutations):
            bench.passed.append(f"only {applied} of {len(mutations)} SQL mutations could be made")
        bench.kinds.clear()
        draw = random.Random(args.seed)
        for _ in range(args.bytes):
            content = bytearray(bench.whole)
            place, value = draw.randrange(len(content)), draw.randrange(1, 256)
            content[place] ^= value
            bench.put(bytes(content))
            bench.note(f"byte {place} ^ {value}", args.list)
        print(f"{args.bytes} byte mutations: {dict(bench.kinds)}")
        for line in bench.passed:
            print(line)
        sys.exit(1 if bench.passed else 0)


if __name__ == "__main__":
    main()
