"""adlink: finds the ads that show the same photo, across sites, and links them into networks with evidence.

    import adlink
    adlink.hash("a.jpg") - adlink.hash("b.jpg")     # PDQ bits between two pictures, 0 to 256
    bool(adlink.compare("a.jpg", "b.jpg"))          # the same photo?

    with adlink.Case("case.adlink") as case:
        case.ingest("ads.jsonl", progress=adlink.show_progress())
        linked = case.link()
    adlink.table(linked, "links")                   # a pyarrow table
    linked.write("result")                          # report.html and all tables

Photos, not people: a match says that two pictures show one photo, and nothing about who is in it.
"""

from ._adlink import (
    AdlinkError,
    Case,
    Evidence,
    FeatureIndex,
    Hash,
    ImageError,
    Linked,
    RadiusIndex,
    __version__,
    analyse,
    compare,
    components,
    evaluate,
    hash,
    hash_many,
    join_files,
)

__all__ = [
    "AdlinkError",
    "Case",
    "Evidence",
    "FeatureIndex",
    "Hash",
    "ImageError",
    "Linked",
    "RadiusIndex",
    "__version__",
    "analyse",
    "compare",
    "components",
    "compute",
    "evaluate",
    "hash",
    "hash_many",
    "join_files",
    "show_progress",
    "table",
]


def compute(image):
    """`(bits, quality)` of a picture: what `pdqhash.compute` gives for an array, and for paths and bytes as well.

    `bits` is a numpy array of 256 zeros and ones (uint8), `quality` 0 to 100.
    """
    found = hash(image)
    return found.bits, found.quality


def table(linked, name):
    """A table of what linking found, as a `pyarrow.Table`: pairs, links, networks, photo_groups, timeline, leads, common,
    decisions, many_contacts or skipped. Columns as in the CSV file of that name. Needs pyarrow.
    """
    import io

    import pyarrow.parquet

    return pyarrow.parquet.read_table(io.BytesIO(linked.file(f"{name}.parquet")))


def show_progress():
    """A `progress=` that draws a bar with tqdm."""
    from tqdm import tqdm

    bars = {}

    def progress(stage, done, total):
        if stage not in bars:
            for bar in bars.values():
                bar.close()
            bars[stage] = tqdm(total=total, desc=stage)
        bar = bars[stage]
        bar.total = total
        bar.update(done - bar.n)

    return progress
