"""pymisp: the event loads, every attribute is of a type and category it has, and references lead somewhere."""

import json

import pymisp
import pytest
from conftest import PROFILES


def load(path):
    event = pymisp.MISPEvent()
    event.load_file(str(path))
    return event


@pytest.mark.parametrize("profile", PROFILES)
def test_the_event_loads(results, profile):
    path = results.export("misp.json", profile)
    event = load(path)
    raw = json.loads(path.read_text(encoding="utf-8"))["Event"]
    assert len(event.objects) == len(raw["Object"]) > 0
    categories = pymisp.MISPAttribute().describe_types["category_type_mappings"]
    ids = {attribute.uuid for attribute in event.attributes} | {thing.uuid for thing in event.objects}
    attributes = list(event.attributes)
    for thing in event.objects:
        attributes += thing.attributes
        assert thing.attributes, thing
        for reference in thing.references:
            assert reference.object_uuid == thing.uuid and reference.referenced_uuid in ids
    for attribute in attributes:
        assert attribute.type in categories[attribute.category] and not attribute.to_ids
    assert len({attribute.uuid for attribute in attributes}) == len(attributes)
    assert any("Unit 3" in attribute.value for attribute in event.attributes)


def test_objects_are_those_of_their_templates(results):
    for thing in load(results.export("misp.json")).objects:
        template = pymisp.MISPObject(thing.name, strict=True)
        assert template._definition["uuid"] == thing.template_uuid
        assert int(template._definition["version"]) == int(thing.template_version)
        for attribute in thing.attributes:
            assert template._definition["attributes"][attribute.object_relation]["misp-attribute"] == attribute.type


def test_links_and_pairs_are_all_there(results):
    references = [reference for thing in load(results.export("misp.json")).objects for reference in thing.references]
    kinds = [reference.relationship_type for reference in references]
    assert kinds.count("related-to") == len(results.held) and kinds.count("similar") == len(results.two_files)
