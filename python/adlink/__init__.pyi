from os import PathLike
from typing import Any, Callable, Iterable, Optional, Union

import numpy as np
import numpy.typing as npt

Picture = Union[str, PathLike[str], bytes, npt.NDArray[np.uint8]]
Hashes = Union[npt.NDArray[np.uint8], Iterable[Union["Hash", str]]]
Progress = Callable[[str, int, Optional[int]], object]
Rows = npt.NDArray[np.uint32]

__version__: str

class AdlinkError(Exception): ...

class ImageError(AdlinkError):
    reason: str

class Hash:
    hex: str
    bits: npt.NDArray[np.uint8]
    bytes: npt.NDArray[np.uint8]
    quality: int
    turns: dict[str, str]
    views: list[dict[str, Any]]
    sha256: Optional[str]
    size: Optional[tuple[int, int]]
    def __sub__(self, other: Hash) -> int: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

class Evidence:
    same_photo: bool
    tier: Optional[str]
    distance: Optional[int]
    transform: Optional[str]
    score: Optional[float]
    strength: Optional[str]
    overlap: Optional[tuple[float, float]]
    map: Optional[list[float]]
    pixel_agreement: Optional[float]
    pixel_drift: Optional[float]
    def __bool__(self) -> bool: ...

class RadiusIndex:
    def __init__(self, hashes: Optional[Hashes] = None, radius: int = 31) -> None: ...
    def search(self, queries: Hashes, radius: Optional[int] = None) -> tuple[Rows, Rows, Rows]: ...
    def add(self, hashes: Hashes) -> int: ...
    def remove(self, row: int) -> bool: ...
    def __len__(self) -> int: ...
    @staticmethod
    def join(hashes: Hashes, radius: int = 31, other: Optional[Hashes] = None) -> tuple[Rows, Rows, Rows]: ...

class FeatureIndex:
    def __init__(self, folder: Union[str, PathLike[str], None] = None) -> None: ...
    def add(self, pictures: Iterable[Picture]) -> int: ...
    def search(self, queries: Iterable[Picture], *, most: int = 64) -> tuple[Rows, Rows, Rows]: ...
    def remove(self, row: int) -> bool: ...
    def save(self) -> None: ...
    def __len__(self) -> int: ...

class Linked:
    link_count: int
    network_count: int
    expected_false_pairs: float
    lacking: list[str]
    def file(self, name: str) -> bytes: ...
    @staticmethod
    def file_names() -> list[str]: ...
    def write(self, out: Union[str, PathLike[str]], *, force: bool = False) -> None: ...

class Case:
    def __init__(self, path: Union[str, PathLike[str]], *, read_only: bool = False) -> None: ...
    def ingest(
        self,
        *inputs: Union[str, PathLike[str]],
        images: Union[str, PathLike[str], None] = None,
        ad_per: str = "folder",
        map: Optional[dict[str, str]] = None,
        site: Optional[str] = None,
        features: Optional[int] = None,
        analysed: Optional[list[Union[str, PathLike[str]]]] = None,
        threads: Optional[int] = None,
        progress: Optional[Progress] = None,
    ) -> dict[str, Any]: ...
    def link(
        self,
        *,
        tiers: Optional[list[str]] = None,
        radius: Optional[int] = None,
        min_quality: Optional[int] = None,
        cross_site_only: bool = False,
        corroborate: bool = False,
        sections: Optional[int] = None,
        originals: Union[str, PathLike[str], None] = None,
        threads: Optional[int] = None,
        progress: Optional[Progress] = None,
    ) -> Linked: ...
    def search(
        self, *pictures: Picture, radius: Optional[int] = None, parts: bool = True
    ) -> list[list[dict[str, Any]]]: ...
    def decide(self, a: str, b: str, ruling: str, *, reviewer: str, reason: str = "") -> int: ...
    def close(self) -> None: ...
    def __enter__(self) -> Case: ...
    def __exit__(self, *raised: object) -> None: ...

def analyse(image: Union[str, PathLike[str], bytes], *, features: Optional[int] = None) -> dict[str, Any]: ...
def hash(image: Picture) -> Hash: ...
def hash_many(
    images: Iterable[Picture], progress: Optional[Progress] = None
) -> list[Union[Hash, ImageError]]: ...
def compare(a: Picture, b: Picture, *, radius: int = 31, min_quality: int = 50) -> Evidence: ...
def compute(image: Picture) -> tuple[npt.NDArray[np.uint8], int]: ...
def join_files(
    left: Union[str, PathLike[str]],
    right: Union[str, PathLike[str]],
    output: Union[str, PathLike[str]],
    *,
    radius: int = 31,
    min_quality: int = 50,
    forest: bool = False,
    upright: bool = False,
) -> int: ...
def components(
    pairs: list[Union[str, PathLike[str]]], output: Union[str, PathLike[str]], *, within: Optional[int] = None
) -> int: ...
def evaluate(truth: Union[str, PathLike[str]], pairs: Union[str, PathLike[str]]) -> dict[str, float]: ...
def table(linked: Linked, name: str) -> Any: ...
def show_progress() -> Progress: ...
