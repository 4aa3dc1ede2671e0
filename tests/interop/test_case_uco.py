"""case-utils: the graph conforms, and all it has to say is that PDQ is not in its list of hash names."""

import json
import subprocess

import pytest
from conftest import PROFILES


def report(path):
    done = subprocess.run(["case_validate", "--allow-info", str(path)], capture_output=True, text=True)
    return done.stdout + done.stderr, done.returncode


@pytest.mark.parametrize("profile", PROFILES)
def test_the_graph_conforms(results, profile):
    text, code = report(results.export("case-uco.jsonld", profile))
    assert code == 0 and "Conforms: True" in text, text[:3000]
    findings = text.count("Severity: ")
    about_pdq = text.count('Value Node: Literal("PDQ")')
    assert findings == about_pdq and (profile == "shared") == (about_pdq == 0), text[:3000]


def test_relationships_are_all_there(results):
    graph = json.loads(results.export("case-uco.jsonld").read_text(encoding="utf-8"))["@graph"]
    same = [node for node in graph if node.get("uco-core:kindOfRelationship") == "Same_Photo"]
    assert len(same) == len(results.held) + len(results.two_files)
    ids = {node["@id"] for node in graph}
    for node in graph:
        for end in ("uco-core:source", "uco-core:target"):
            assert end not in node or node[end]["@id"] in ids
