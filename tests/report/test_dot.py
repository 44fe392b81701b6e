"""DOT, read by a parser of the language."""

from __future__ import annotations

import json
from typing import Any

import pydot
from hostile import hostile
from refaudit._refaudit import render

Document = dict[str, Any]


def graph(document: Document) -> Any:
    (found,) = pydot.graph_from_dot_data(render(json.dumps(document), "dot"))
    return found


def edges(document: Document) -> list[Any]:
    return [edge for part in graph(document).get_subgraphs() for edge in part.get_edges()]


def expected(document: Document) -> tuple[int, int, int]:
    """Clusters, nodes and edges: a path is open, a cycle is closed."""
    paths = [path["links"] for f in document["findings"] for path in f["paths"]]
    found = [f["cycle"] for f in document["findings"] if f["cycle"]]
    cycles = [cycle["steps"] for cycle in found + document["cycles"]]
    nodes = sum(map(len, paths)) + sum(map(len, cycles))
    return len(paths) + len(cycles), nodes, nodes - len(paths)


def found(document: Document) -> tuple[int, int, int]:
    parts = graph(document).get_subgraphs()
    nodes = [node for part in parts for node in part.get_nodes()]
    return len(parts), len(nodes), len(edges(document))


def test_paths_are_open_and_cycles_closed(sample: Document) -> None:
    assert found(sample) == expected(sample)
    labels = {edge.get_label().strip('"') for edge in edges(sample)}
    assert {
        step["by"] for cycle in sample["cycles"] for step in cycle["steps"] if not step["hidden"]
    } <= labels


def test_hostile_names_make_no_nodes(sample: Document) -> None:
    hostile(sample)
    assert found(sample) == expected(sample)


def test_a_document_without_paths_is_an_empty_graph(clean: Document) -> None:
    clean["cycles"] = []
    assert found(clean) == (0, 0, 0)
    assert "no paths and no cycles" in graph(clean).get_label()
