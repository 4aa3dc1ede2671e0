"""adlink on Spark: images analysed by the workers, linked by the driver.

    from pyspark.sql import SparkSession
    from adlink.spark import link_ads

    spark = SparkSession.builder.getOrCreate()
    found = link_ads(spark, "hdfs:///scrape/ads.jsonl", "hdfs:///scrape/images", "hdfs:///scrape/linked", case="case.adlink")
    found.linked                                    # an adlink.Linked

Most of what a corpus costs is decoding, hashing and local features: 8 to 18 ms an image of one core. That is what workers
do, each with this wheel. What they find travels as rows of 300 bytes an image and 20 for each keypoint; the driver brings
them into a case and links it. The tables are those of `adlink link` on one machine, byte for byte.

The trap: the wheel has to be installed on every worker (a native module cannot come as `--py-files`), and the driver needs
the memory to link a case, which the index of features makes some 15 to 30 kB an image.
"""

import hashlib
import io
import os
import re
import shutil
import tarfile
import tempfile
from pathlib import Path

import pyarrow as pa

import adlink

__all__ = ["LinkedAds", "TABLES", "link_ads"]

# Tables that `link_ads` writes, each as a folder of Parquet.
TABLES = ["pairs", "links", "networks", "photo_groups", "timeline", "leads", "common", "many_contacts", "skipped"]

# Images that a worker holds at a time.
_BATCH = 16
# Rows of a file of analyses: some 120 MB.
_ROWS_PER_FILE = 50_000

_SCHEMA = (
    "source_uri string, origin string, sha256 binary, pdq binary, pdq_quality int, width int, height int, "
    "error string, analysis binary"
)
_ARROW = pa.schema(
    [
        ("source_uri", pa.string()),
        ("origin", pa.string()),
        ("sha256", pa.binary()),
        ("pdq", pa.binary()),
        ("pdq_quality", pa.int32()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("error", pa.string()),
        ("analysis", pa.binary()),
    ]
)


class LinkedAds:
    """What `link_ads` came to.

    `linked` is the `adlink.Linked`; `counts` what `Case.ingest` counted; `case` the path of the case; `brought` how many
    originals the driver had to look at, of the few pairs that only pixels decide.
    """

    def __init__(self, linked, counts, case, brought):
        self.linked = linked
        self.counts = counts
        self.case = case
        self.brought = brought

    def __repr__(self):
        return f"LinkedAds({self.linked!r}, {str(self.case)!r})"


def link_ads(
    spark,
    ads,
    images,
    out,
    *,
    case=None,
    features=None,
    find_files=False,
    map=None,
    site=None,
    tables=TABLES,
    partition_by=None,
    progress=None,
    **linking,
):
    """Links ads by their photos: analysed by Spark's workers, linked on the driver.

    `ads`: a manifest as `adlink ingest` takes it, by its path on any file system that Spark reads, or a DataFrame with the
    columns of one (site, ad_id, images, ...). `images`: a folder or pattern on any such file system, in which names of the
    manifest begin; `.tar` files in it are read as well, by the names of their members. Or a DataFrame with the columns `path`
    (the name in the manifest, or the address) and `content` (bytes).

    A path without a scheme is of the local disk, which workers on other machines then have to share.

    `out` is the folder for what comes of it: `analysed/` (what workers found out), `analyses/` (the same, each image once),
    and a folder of Parquet for each of `tables`. `partition_by` names columns for some: {"links": ["from_site"]}. `case` is the
    case on the driver's own disk, made or added to; without it, `case.adlink` in `out`, which then has to be a local folder.

    `features`, `map`, `site`, `progress` are those of `Case.ingest`; `linking` (tiers, radius, min_quality,
    cross_site_only, corroborate, threads, ...) those of `Case.link`. `find_files=True` has the driver look for the images
    beside a local manifest as `adlink ingest` does and read each of them once, so that the case knows where they lie.

    May be started again at any time: what is in the case is not done twice, tables are replaced when they are whole.
    A `LinkedAds`.
    """
    out = _address(str(out)).rstrip("/")
    case = _case_path(case, out)
    pictures = _Pictures(spark, images)
    with _small_batches(spark), tempfile.TemporaryDirectory(prefix=".adlink-", dir=case.parent) as work:
        work = Path(work)
        analyses = _analysed(spark, pictures, out, features)
        manifest = _manifest(spark, ads, work, find_files)
        given = _local_tables(spark, f"{out}/analyses", work / "analyses")
        with adlink.Case(case) as opened:
            counts = opened.ingest(
                manifest, features=features, map=map, site=site, analysed=[given], progress=progress
            )
            linked, brought = _linked(opened, pictures, analyses, work / "originals", {**linking, "progress": progress})
    for name in tables:
        _write_table(spark, linked, name, f"{out}/{name}", (partition_by or {}).get(name))
    return LinkedAds(linked, counts, case, brought)


def _case_path(case, out):
    if case is None and _local(out) is None:
        raise ValueError(f"{out} is on no local disk: name a case on one, case='/path/case.adlink'")
    path = Path(case if case is not None else Path(_local(out)) / "case.adlink").absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _analysed(spark, pictures, out, features):
    """Two jobs: analyses, kept by Spark's commit protocol whatever dies meanwhile; then each image once."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    rows = pictures.rows().mapInArrow(_Analyst(features), _SCHEMA)
    rows.write.mode("overwrite").parquet(f"{out}/analysed")
    rows = spark.read.schema(_SCHEMA).parquet(f"{out}/analysed")
    # The analysis stands in one row of each image, and in the others its digest.
    first = Window.partitionBy("sha256").orderBy(F.col("analysis").isNull(), "source_uri", "origin")
    once = rows.withColumn("place", F.row_number().over(first))
    once = once.withColumn("analysis", F.when(F.col("place") == 1, F.col("analysis"))).drop("place")
    once.write.mode("overwrite").option("maxRecordsPerFile", _ROWS_PER_FILE).parquet(f"{out}/analyses")
    return spark.read.schema(_SCHEMA).parquet(f"{out}/analyses")


class _Analyst:
    """Analyses batches of (name, origin, content); runs on workers."""

    def __init__(self, features):
        self.features = features

    def __call__(self, batches):
        # What came before in this task is not decoded again.
        seen = set()
        for batch in batches:
            rows = []
            for name, origin, content in _members(batch):
                digest = hashlib.sha256(content).digest()
                row = {"sha256": digest} if digest in seen else adlink.analyse(content, features=self.features)
                seen.add(digest)
                rows.append({**row, "source_uri": name, "origin": origin})
            if rows:
                yield pa.RecordBatch.from_pylist(rows, schema=_ARROW)


def _members(batch):
    """(name, origin, content) of every picture of a batch; a tar holds many."""
    for name, origin, content in zip(*(batch.column(n).to_pylist() for n in ("name", "origin", "content"))):
        if name.endswith(".tar"):
            yield from _tar_members(origin, content)
        else:
            yield name, origin, content or b""


def _tar_members(origin, content):
    with tarfile.open(fileobj=io.BytesIO(content)) as members:
        for member in members:
            if member.isfile():
                yield member.name, origin, members.extractfile(member).read()


class _Pictures:
    """Where pictures come from: a folder or pattern, or a DataFrame of (path, content)."""

    def __init__(self, spark, images):
        self.spark = spark
        self.frame = None if isinstance(images, (str, os.PathLike)) else images
        self.place = _address(str(images)) if self.frame is None else None

    def rows(self):
        """(name, origin, content) of all."""
        from pyspark.sql import functions as F

        if self.frame is not None:
            path = F.col("path").cast("string")
            return self.frame.select(path.alias("name"), path.alias("origin"), "content")
        return self._files([self.place], _fixed_part(self.place))

    def some(self, places):
        """(name, origin, content) of these: {origin: names}."""
        from pyspark.sql import functions as F

        if self.frame is not None:
            return self.rows().where(F.col("origin").isin(list(places)))
        return self._files([_escaped(origin) for origin in places], _fixed_part(self.place))

    def _files(self, paths, root):
        from pyspark.sql import functions as F

        read = self.spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(paths)
        bare = F.regexp_replace("path", _SCHEME.pattern, "")
        below = bare.substr(F.lit(len(root) + 1), F.length(bare))
        name = F.when(bare.startswith(root), below).otherwise(bare)
        return read.select(name.alias("name"), F.col("path").alias("origin"), "content")


# Scheme and host of an address of a file: `file:`, `file://`, `hdfs://name:8020`, `s3a://bucket`.
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:(//[^/]*)?")


def _fixed_part(place):
    """The folder before the first wildcard, without scheme and host, with a slash at its end: where names begin."""
    bare = _SCHEME.sub("", place)
    fixed = re.split(r"[*?\[{]", bare, maxsplit=1)[0]
    if fixed != bare:
        fixed = fixed[: fixed.rfind("/") + 1]
    return fixed.rstrip("/") + "/"


def _escaped(path):
    """A path that Spark takes for no pattern."""
    return re.sub(r"([*?\[\]{}\\])", r"\\\1", path)


def _linked(case, pictures, analyses, copies, linking):
    """Links; brings the originals of which pixels are wanted, and links again, until nothing more is wanted."""
    copies.mkdir()
    asked = set()
    try:
        while True:
            linked = case.link(originals=copies, **linking)
            wanted = set(linked.lacking) - asked
            if not wanted:
                return linked, len(list(copies.iterdir()))
            asked |= wanted
            _bring(pictures, analyses, wanted, copies)
    finally:
        shutil.rmtree(copies, ignore_errors=True)


def _bring(pictures, analyses, wanted, copies):
    from pyspark.sql import functions as F

    shown = pictures.spark.createDataFrame([(bytearray.fromhex(one),) for one in sorted(wanted)], "sha256 binary")
    rows = analyses.where("analysis IS NOT NULL").join(F.broadcast(shown), "sha256").select("origin").distinct()
    origins = [row.origin for row in rows.collect()]
    if not origins:
        return
    found = pictures.some(origins).mapInArrow(_Copier(wanted), "sha256 string, content binary")
    for row in found.toLocalIterator():
        (copies / row.sha256).write_bytes(row.content)


class _Copier:
    """Hands out the pictures with these digests; runs on workers."""

    def __init__(self, wanted):
        self.wanted = wanted

    def __call__(self, batches):
        for batch in batches:
            for _, _, content in _members(batch):
                digest = hashlib.sha256(content).hexdigest()
                if digest in self.wanted:
                    yield pa.RecordBatch.from_pydict({"sha256": [digest], "content": [content]})


def _manifest(spark, ads, work, find_files):
    """The manifest on the driver's disk; away from the images unless files are to be found."""
    from pyspark.sql import functions as F

    folder = work / "manifest"
    folder.mkdir()
    if not isinstance(ads, (str, os.PathLike)):
        path = folder / "ads.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for row in ads.select(F.to_json(F.struct("*")).alias("line")).toLocalIterator():
                file.write(row.line + "\n")
        return path
    ads = _address(str(ads))
    local = _local(ads)
    if local is not None and find_files:
        return Path(local)
    path = folder / ads.rstrip("/").rsplit("/", 1)[-1]
    if local is not None:
        if Path(local).is_dir():
            raise ValueError(f"{ads} is a folder; give a manifest, or find_files=True")
        shutil.copyfile(local, path)
    else:
        [row] = spark.read.format("binaryFile").load(_escaped(ads)).select("content").collect()
        path.write_bytes(row.content)
    return path


def _address(path):
    """With a scheme: without one, a path is of the local disk, whatever file system Spark takes for its own."""
    return path if _SCHEME.match(path) else f"file:{os.path.abspath(path)}"


def _local(address):
    """The path on the driver's own disk, or None for one elsewhere."""
    return _SCHEME.sub("", address) if address.startswith("file:") else None


def _local_tables(spark, place, folder):
    """A folder of Parquet on the driver's disk: the one Spark wrote, or a copy of it."""
    local = _local(place)
    if local is not None and Path(local).is_dir():
        return Path(local)
    folder.mkdir()
    files = spark.read.format("binaryFile").option("pathGlobFilter", "*.parquet").load(place).select("path", "content")
    for number, row in enumerate(files.toLocalIterator()):
        (folder / f"{number}.parquet").write_bytes(row.content)
    return folder


def _write_table(spark, linked, name, place, columns):
    table = adlink.table(linked, name)
    frame = spark.createDataFrame(table)
    writer = (frame if columns else frame.coalesce(1)).write.mode("overwrite")
    (writer.partitionBy(*columns) if columns else writer).parquet(place)


class _small_batches:
    """Pictures come to workers a few at a time: a batch of thousands would be gigabytes."""

    NAME = "spark.sql.execution.arrow.maxRecordsPerBatch"

    def __init__(self, spark):
        self.spark = spark

    def __enter__(self):
        self.before = self.spark.conf.get(self.NAME)
        self.spark.conf.set(self.NAME, str(_BATCH))

    def __exit__(self, *raised):
        self.spark.conf.set(self.NAME, self.before)
