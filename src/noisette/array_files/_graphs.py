"""Weight matrices of graphs and of lists of edges; an edge from j to i is W[i, j]."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from noisette.array_files._contents import Sparse, Table
from noisette.errors import require

SHOWN = 30  # characters of a value in messages


def graph_matrix(graph: Any, what: str = "graph") -> Table:
    """Return the weight matrix of a graph, W[target, source], with the nodes as labels.

    Weights are the attribute ``weight`` of the edges; if no edge has it, they are 1.

    Raises
    ------
    InputError : parallel edges, weights of some edges only, or weights that are not numbers.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_edge("a", "b", weight=2.0)
    >>> graph_matrix(graph).values  # from a, the first unit, to b, the second
    array([[0., 0.],
           [2., 0.]])
    """
    nodes = list(graph.nodes)
    weights = [data.get("weight") for _, _, data in graph.edges(data=True)]
    missing = sum(weight is None for weight in weights)
    require(
        missing in (0, len(weights)),
        f"{what} with {missing} of {len(weights)} edges without weight",
        "the attribute weight of all edges, or of none",
    )
    edges = [(str(s), str(t), data.get("weight", 1.0)) for s, t, data in graph.edges(data=True)]
    if not graph.is_directed():
        edges += [(target, source, weight) for source, target, weight in edges if source != target]
    return _from_edges(edges, [str(node) for node in nodes], what)


def read_graphml(path: Path) -> Table:
    """Return the weight matrix of a `.graphml` file, W[target, source], with the nodes as labels."""
    import networkx as nx

    return graph_matrix(nx.read_graphml(path))


def edge_matrix(rows: list[list[str]], lines: list[int]) -> Table:
    """Return the weight matrix of a list of edges with the header ``source,target,weight``, W[target, source].

    Units are ordered by number if their names are integers, otherwise by first appearance.

    Parameters
    ----------
    rows : cells of each line, the header first
    lines : numbers of the lines in the file, for messages

    Raises
    ------
    InputError : no column of weights, a weight that is not a number, an edge that occurs twice.

    Examples
    --------
    >>> edge_matrix([["source", "target", "weight"], ["a", "b", "2"]], [1, 2])
    Table(values=array([[0., 0.],
           [2., 0.]]), rows=['a', 'b'], columns=['a', 'b'])
    """
    header = [cell.lower() for cell in rows[0]]
    require(
        header.count("weight") == 1 and header.count("source") == header.count("target") == 1,
        f"a list of edges with the columns {', '.join(header)[:100]}",
        "the columns source, target and weight",
    )
    places = [header.index(name) for name in ("source", "target", "weight")]
    edges = []
    for cells, line in zip(rows[1:], lines[1:], strict=True):
        same = f"{len(cells)} cells in line {line}, {len(header)} in line {lines[0]}"
        require(len(cells) == len(header), same, "the same number of cells in each line")
        source, target, weight = (cells[place] for place in places)
        named = "" not in (source, target)
        require(named, f"line {line} without a source or a target", "the names of both units")
        edges.append((source, target, _number(weight, f"line {line}, column {places[2] + 1}")))
    require(len(edges) > 0, "a list of edges without edges", "at least one line after the header")
    nodes = list(dict.fromkeys(name for source, target, _ in edges for name in (source, target)))
    if all(node.isdecimal() and node.isascii() and len(node) < 18 for node in nodes):
        nodes.sort(key=int)
    return _from_edges(edges, nodes, "a list of edges")


def _number(text: Any, place: str) -> float:
    """Return a weight as a number; raise an error that names its place."""
    try:
        value = math.nan if isinstance(text, bool) else float(text)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    require(math.isfinite(value), f"{place} is {str(text)[:SHOWN]!r}", "a finite number")
    return value


def _from_edges(edges: Iterable[tuple[str, str, Any]], nodes: list[str], what: str) -> Table:
    """Return the weight matrix of edges (source, target, weight)."""
    places = {node: number for number, node in enumerate(nodes)}
    require(len(nodes) > 0, f"{what} without nodes", "at least one unit")
    require(len(places) == len(nodes), f"{what} with two nodes of the same name", "a different name for each unit")
    weights: dict[tuple[int, int], float] = {}
    for source, target, weight in edges:
        place = places[target], places[source]
        shown = f"{source[:SHOWN]!r} → {target[:SHOWN]!r}"
        require(place not in weights, f"{what} with two edges {shown}", "one edge for each pair", "add their weights")
        weights[place] = _number(weight, f"the weight of the edge {shown}")
    indices = np.array(list(weights), dtype=np.int64).reshape(-1, 2)
    size = len(nodes)
    sparse = Sparse(indices[:, 0], indices[:, 1], np.array(list(weights.values()), float), (size, size))
    return Table(sparse.dense("the matrix of the graph"), nodes, nodes)
