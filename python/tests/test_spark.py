"""`adlink.spark` on a cluster of its own, on loopback: a master, two workers, one of which is killed.

Needs pyspark and Java; says so where they are missing. What must hold: the tables are those of `adlink link`, byte for byte.
"""

import csv
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import urllib.request
from pathlib import Path

import pytest

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed")
if shutil.which("java") is None:
    pytest.skip("no Java on PATH", allow_module_level=True)

import pyarrow.parquet as pq

import adlink
from adlink.spark import TABLES, _address, _escaped, _fixed_part, link_ads

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "fixtures" / "ads"
PROGRAM = os.environ.get("ADLINK")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Cluster:
    """A master and two workers of one core each."""

    def __init__(self, folder):
        self.folder = folder
        self.master = f"spark://127.0.0.1:{free_port()}"
        self.processes = []
        port, page = self.master.rsplit(":", 1)[1], free_port()
        self.start("master", "master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", str(page))
        wait_for(lambda: json_of(f"http://127.0.0.1:{page}/json/")["status"] == "ALIVE", "a master")
        for number in (1, 2):
            work = str(folder / f"work-{number}")
            self.start(f"worker-{number}", "worker.Worker", "-h", "127.0.0.1", "-c", "1", "-m", "1g", "-d", work, self.master)
        wait_for(lambda: json_of(f"http://127.0.0.1:{page}/json/")["aliveworkers"] == 2, "two workers")

    def start(self, name, kind, *arguments):
        program = Path(pyspark.__file__).parent / "bin" / "spark-class"
        local = self.folder / f"local-{name}"
        local.mkdir()
        # A group of its own: a worker is killed with the executors it started.
        self.processes.append(
            subprocess.Popen(
                [program, f"org.apache.spark.deploy.{kind}", *arguments],
                env={**os.environ, "SPARK_LOCAL_DIRS": str(local), "SPARK_DAEMON_MEMORY": "384m", "SPARK_NO_DAEMONIZE": "1"},
                stdout=(self.folder / f"{name}.log").open("w"),
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )

    def kill(self, number):
        os.killpg(self.processes[number].pid, signal.SIGKILL)
        self.processes[number].wait()

    def stop(self):
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def json_of(address):
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)


def wait_for(condition, what, seconds=90):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if condition():
                return
        except (OSError, KeyError, ValueError):
            pass
        time.sleep(0.2)
    pytest.fail(f"there was no {what} within {seconds} s")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def spark(cluster):
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master(cluster.master)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executor.memory", "700m")
        .config("spark.ui.port", str(free_port()))
        .config("spark.sql.shuffle.partitions", "4")
        # Four files a task, so that there is something to kill.
        .config("spark.sql.files.maxPartitionBytes", str(16 << 20))
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The tables that one machine makes of the fixture: by the program, or by the wheel where there is none."""
    out = tmp_path_factory.mktemp("alone")
    if PROGRAM:
        command = [PROGRAM, "link", FIXTURE / "ads.jsonl", "--out", out / "result", "--quiet"]
        assert subprocess.run(command, check=False).returncode == 3
    else:
        with adlink.Case(out / "case.adlink") as case:
            case.ingest(FIXTURE / "ads.jsonl")
            case.link().write(out / "result")
    names = [path.name for path in (out / "result").iterdir() if path.suffix in (".csv", ".jsonl")]
    assert "pairs.csv" in names and "networks.jsonl" in names
    return {name: (out / "result" / name).read_bytes() for name in names}


def assert_the_same(found, alone, tmp_path, hides_empty_files=True):
    found.linked.write(tmp_path / "result")
    for name, theirs in alone.items():
        ours = (tmp_path / "result" / name).read_bytes()
        if name == "skipped.csv":
            assert skipped(ours) == skipped(theirs, hides_empty_files)
        else:
            assert ours == theirs, name


def skipped(table, hides_empty_files=False):
    """Rows of what was left out. Of a line that is no record the path is that of the manifest; of empty files Spark tells
    nobody, so they are missing.
    """
    rows = []
    for row in csv.DictReader(io.StringIO(table.decode())):
        if hides_empty_files and row["reason"] == "EMPTY":
            row["reason"], row["detail"] = "MISSING", "no such file beside the manifest or in images/ beside it"
        if row["reason"] == "BAD_RECORD":
            row["path"] = Path(row["path"]).name
        rows.append(tuple(row.items()))
    return sorted(rows)


def stages(spark):
    context = spark.sparkContext
    return json_of(f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/stages")


def moved(spark):
    """Bytes written to shuffles so far."""
    return sum(stage["shuffleWriteBytes"] for stage in stages(spark))


def test_names_begin_where_the_pattern_does():
    assert _fixed_part("hdfs://n:8020/scrape/images/") == "/scrape/images/"
    assert _fixed_part("s3a://bucket/scrape/*/images") == "/scrape/"
    assert _fixed_part("file:/a/b{1,2}/c") == "/a/"
    assert _fixed_part("file:/a/b") == "/a/b/"
    assert _address("/a/b") == "file:/a/b" and _address("s3a://b/c") == "s3a://b/c"
    assert _escaped("/a/b[1]*.jpg") == "/a/b\\[1\\]\\*.jpg"


def test_the_fixture_gives_the_tables_of_one_machine(spark, alone, tmp_path, capsys):
    before = moved(spark)
    out = tmp_path / "out"
    found = link_ads(spark, FIXTURE / "ads.jsonl", FIXTURE / "images", out)
    assert_the_same(found, alone, tmp_path)
    assert found.counts["images_hashed"] == 0 and found.counts["analyses_refused"] == 0
    assert found.brought > 0 and found.case == out / "case.adlink"
    for name in TABLES:
        written, ours = pq.read_table(out / name), adlink.table(found.linked, name)
        assert written.num_rows == ours.num_rows and written.column_names == ours.column_names, name
        assert written.to_pylist() == ours.to_pylist(), name
    images = found.counts["images_taken"]
    shuffled = moved(spark) - before
    assert shuffled < 10_000 * images
    with capsys.disabled():
        print(f"\n{images} images: {shuffled} bytes shuffled, {found.brought} originals brought to the driver")

    # Again: nothing is taken twice, the tables stay.
    again = link_ads(spark, FIXTURE / "ads.jsonl", FIXTURE / "images", out, tables=["pairs"])
    assert again.counts["images_taken"] == 0 and again.counts["images_hashed"] == 0
    assert again.linked.file("pairs.csv") == alone["pairs.csv"]


def test_frames_and_tars_are_read_as_folders_are(spark, alone, tmp_path):
    files = sorted(path for path in (FIXTURE / "images").rglob("*") if path.is_file())
    tars = tmp_path / "tars"
    tars.mkdir()
    for share in range(3):
        with tarfile.open(tars / f"{share}.tar", "w") as tar:
            for file in files[share::3]:
                tar.add(file, arcname=str(file.relative_to(FIXTURE / "images")))
    tiers = ["same-file", "near-copy", "transformed", "partial"]
    found = link_ads(spark, f"file:{FIXTURE}/ads.jsonl", f"file:{tars}/*.tar", tmp_path / "of-tars", tiers=tiers, tables=[])
    assert_the_same(found, alone, tmp_path, hides_empty_files=False)

    rows = [(str(file.relative_to(FIXTURE / "images")), bytearray(file.read_bytes())) for file in files]
    images = spark.createDataFrame(rows, "path string, content binary").repartition(6)
    ads = [json.loads(line) for line in (FIXTURE / "ads.jsonl").read_text().splitlines() if line.startswith("{") and line.endswith("}")]
    ads = [ad for ad in ads if isinstance(ad.get("images"), list) and all(isinstance(one, str) for one in ad["images"])]
    schema = "site string, ad_id string, url string, posted_at string, collected_at string, title string, text string, phones array<string>, location string, images array<string>"
    names = [field.split()[0] for field in schema.split(", ")]
    table = spark.createDataFrame([tuple(ad.get(name) for name in names) for ad in ads], schema)
    out = tmp_path / "of-frames"
    found = link_ads(spark, table, images, out, case=tmp_path / "frames.adlink", partition_by={"links": ["from_site"]}, tables=["links", "pairs"])
    assert found.case == tmp_path / "frames.adlink" and not (out / "case.adlink").exists()
    assert found.linked.file("pairs.csv") == alone["pairs.csv"]
    parts = list((out / "links").glob("from_site=*"))
    assert len(parts) > 1 and pq.read_table(out / "links").num_rows == adlink.table(found.linked, "links").num_rows


def test_the_guide_runs_on_a_cluster(spark, alone, tmp_path, monkeypatch):
    os.symlink(FIXTURE, tmp_path / "ads")
    monkeypatch.chdir(tmp_path)
    [block] = re.findall(r"^```python spark\n(.*?)^```", (ROOT / "docs" / "python.md").read_text(), re.S | re.M)
    names = {"spark": spark, "Path": Path}
    exec(compile(block, "docs/python.md", "exec"), names)
    assert names["found"].linked.file("links.csv") == alone["links.csv"]
    assert (tmp_path / "result" / "report.html").exists()


def test_a_case_needs_a_disk_and_a_manifest_is_no_folder(spark, tmp_path):
    with pytest.raises(ValueError, match="name a case"):
        link_ads(spark, FIXTURE / "ads.jsonl", FIXTURE / "images", "hdfs://nowhere/out")


def test_a_worker_that_is_killed_while_images_are_analysed_changes_nothing(spark, cluster, alone, tmp_path, capsys):
    known = {stage["stageId"] for stage in stages(spark)}
    killed = []

    def kill_in_the_middle():
        until = time.monotonic() + 120
        while time.monotonic() < until and not killed:
            for stage in stages(spark):
                running = stage["stageId"] not in known and stage["status"] == "ACTIVE" and stage["numTasks"] > 8
                if running and 3 <= stage["numCompleteTasks"] < stage["numTasks"] - 4:
                    cluster.kill(2)
                    killed.append(dict(stage))
                    return
            time.sleep(0.05)

    watcher = threading.Thread(target=kill_in_the_middle)
    watcher.start()
    found = link_ads(spark, FIXTURE / "ads.jsonl", FIXTURE / "images", tmp_path / "out")
    watcher.join()
    assert killed, "the analysis was over before a worker could be killed"
    [stage] = [one for one in stages(spark) if one["stageId"] == killed[0]["stageId"] and one["attemptId"] == killed[0]["attemptId"]]
    with capsys.disabled():
        print(f"\nkilled at {killed[0]['numCompleteTasks']} of {stage['numTasks']} tasks; {stage['numFailedTasks']} failed and were run again")
    assert_the_same(found, alone, tmp_path)
