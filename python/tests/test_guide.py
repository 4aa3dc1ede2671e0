"""The code of docs/python.md runs as it stands."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_guide_runs(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    os.symlink(ROOT / "fixtures" / "ads", tmp_path / "ads")
    monkeypatch.chdir(tmp_path)
    guide = (ROOT / "docs" / "python.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", guide, re.S | re.M)
    assert len(blocks) >= 6
    names = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
