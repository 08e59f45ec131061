"""Graph of the transitions between the states of a binary network."""

import networkx as nx
import numpy as np

from noisette.analysis._attractors import attractors
from noisette.analysis._options import Ties
from noisette.arguments import check_arguments
from noisette.errors import real_number
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.theory import markov


@check_arguments
def transition_graph(network: NetworkLike, least: float = 0.01, ties: Ties = "keep") -> nx.DiGraph:
    """State-transition graph, with states as nodes and transitions of probability ≥ `least` as edges.

    Parameters
    ----------
    network : binary network of at most 12 units, with its noise
    least : smallest probability of an edge
    ties : rule for zero fields, as for `attractors`

    Returns
    -------
    networkx.DiGraph of state codes; edges have the attribute ``probability``, nodes have ``attractor``, the index of
    their basin, and ``recurrent``, whether they are part of the attractor

    Raises
    ------
    InputError : too many units, noise without exact transition probabilities, an unknown value of `ties`.

    Examples
    --------
    >>> import noisette as nz
    >>> transition_graph(nz.SignNetwork(nz.weights.nrooks(20))).number_of_edges()
    32
    """
    network = as_network(network, BinaryNetwork)
    real_number(least, "least", "a probability", lambda probability: 0 <= probability <= 1)
    basins = attractors(network, ties)
    members = {code for codes in basins.sets for code in codes}
    graph = nx.DiGraph()
    for code, label in enumerate(basins.labels):
        graph.add_node(code, attractor=int(label), recurrent=code in members)
    matrix = markov.transition_matrix(network)
    for a, b in np.argwhere(matrix >= least):
        graph.add_edge(int(a), int(b), probability=float(matrix[a, b]))
    return graph
