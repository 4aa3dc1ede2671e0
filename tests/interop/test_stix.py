"""stix2: the bundle parses without custom content, ids of observables are those that the library itself makes."""

import json

import pytest
import stix2
from conftest import PROFILES


@pytest.mark.parametrize("profile", PROFILES)
def test_the_bundle_parses_and_holds_together(results, profile):
    path = results.export("stix.json", profile)
    bundle = stix2.parse(path.read_text(encoding="utf-8"), allow_custom=False)
    objects = json.loads(path.read_text(encoding="utf-8"))["objects"]
    assert len(bundle.objects) == len(objects) > 3
    ids = [thing["id"] for thing in objects]
    assert len(set(ids)) == len(ids)
    for thing in objects:
        named = [thing.get("source_ref"), thing.get("target_ref"), *thing.get("object_refs", [])]
        named += thing.get("object_marking_refs", [])
        assert {name for name in named if name} <= set(ids)
    assert any("Unit 3" in str(thing) for thing in objects if thing["type"] == "marking-definition")


@pytest.mark.parametrize("profile", PROFILES)
def test_ids_follow_the_rule_of_the_standard(results, profile):
    for thing in json.loads(results.export("stix.json", profile).read_text(encoding="utf-8"))["objects"]:
        made = {"file": stix2.v21.File, "url": stix2.v21.URL}.get(thing["type"])
        if made:
            content = {name: value for name, value in thing.items() if name != "id"}
            assert made(**content).id == thing["id"]


def test_what_it_says(results):
    objects = json.loads(results.export("stix.json").read_text(encoding="utf-8"))["objects"]
    relations = [thing for thing in objects if thing["type"] == "relationship"]
    assert len(relations) == len(results.held) + len(results.two_files)
    assert all(0 <= thing["confidence"] <= 100 for thing in relations)
    names = {thing["name"] for thing in objects if thing["type"] == "grouping"}
    assert {f"network {network}" for network in results.networks} <= names
