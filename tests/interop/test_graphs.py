"""networkx: every component of the graph is a network; the links that join nobody are in the other graph."""

import networkx
import pytest
from conftest import rows

READERS = {"graphml": networkx.read_graphml, "gexf": networkx.read_gexf}


def links(graph):
    return [edge for *_, edge in graph.edges(data=True) if edge["kind"] == "link"]


@pytest.mark.parametrize("ending", READERS)
def test_components_are_networks(results, ending):
    graph = READERS[ending](results.out / f"graph.{ending}")
    networks = {}
    for row in rows(results.out / "networks.csv"):
        networks.setdefault(row["network_id"], set()).add(f"ad:{row['site']}/{row['ad_id']}")
    parts = [{node for node in part if node.startswith("ad:")} for part in networkx.connected_components(graph)]
    assert sorted(map(sorted, parts)) == sorted(map(sorted, networks.values()))
    assert len(links(graph)) == len(results.held)


@pytest.mark.parametrize("ending", READERS)
def test_all_links_on_request(results, ending):
    graph = READERS[ending](results.out / f"graph_all.{ending}")
    assert len(links(graph)) == len(results.links) > len(results.held)
    assert sum("left_out" in edge for edge in links(graph)) == len(results.links) - len(results.held)
