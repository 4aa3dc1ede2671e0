"""followthemoney: every entity is of a schema it has, and every value is one that its type takes as it stands."""

import json
from collections import Counter

import pytest
from conftest import FIXTURE, PROFILES, adlink, rows
from followthemoney import model

# Numbers are written as the ads have them, and those of the bundled ads are made up.
AS_WRITTEN = "phoneMentioned"


def entities(path):
    return [model.get_proxy(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("profile", PROFILES)
def test_entities_are_valid(results, profile):
    path = results.export("followthemoney.jsonl", profile)
    assert path.stat().st_size > 0
    known = {entity.id for entity in entities(path)}
    for line in path.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        assert data["handling"]["recipient"] == "Unit 3"
        schema = model.get(data["schema"])
        data["properties"].pop(AS_WRITTEN, None)
        assert schema.validate(data) is None
        for name, values in data["properties"].items():
            prop = schema.get(name)
            for value in values:
                assert prop.type.clean(value) == value, (name, value)
                assert prop.type.name != "entity" or value in known, f"{name} leads nowhere"


def test_links_and_pairs_are_all_there(results):
    found = entities(results.export("followthemoney.jsonl"))
    counts = Counter(entity.schema.name for entity in found)
    assert counts["UnknownLink"] == len(results.held) > 0
    assert counts["Similar"] == len(results.two_files) > 0
    images = [entity for entity in found if entity.schema.is_a("Image")]
    assert all(len(image.get("contentHash")) == 1 for image in images)
    assert not any(entity.get("pictured", quiet=True) for entity in found)
    ends = {end for entity in found for end in entity.get("subject", quiet=True) + entity.get("object", quiet=True)}
    assert ends <= {entity.id for entity in found if entity.schema.is_a("HyperText")}


@pytest.mark.parametrize("profile,gone", [("shared", {"contentHash", "title", "phoneMentioned", "sourceUrl", "bodyText"})])
def test_a_profile_withholds(results, profile, gone):
    for entity in entities(results.export("followthemoney.jsonl", profile)):
        assert not gone & set(entity.properties), entity.to_dict()


def test_adlink_reads_it_again(results, tmp_path):
    """Pages are ads, under the ids of the entities; with the pictures beside them every link that holds is found.

    Not the same networks: what is common is judged by all ads, and those without a link are not in the file.
    """
    path = results.export("followthemoney.jsonl")
    adlink("link", path, "--images", FIXTURE.parent / "images", "--out", tmp_path / "out", codes=(0, 3))
    ends = lambda link: frozenset([link["from_url"], link["to_url"]])  # noqa: E731
    assert {ends(link) for link in results.held} <= {ends(link) for link in rows(tmp_path / "out" / "links.csv")}
