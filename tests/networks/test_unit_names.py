"""Labels of weights as names of units, in networks and results."""

import json

import jax
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import xarray as xr

import noisette as nz
from noisette.array_files import labelled
from noisette.errors import InputError
from noisette.networks import Flow, label_units
from noisette.networks._base import checked_names
from noisette.weights import square

NAMES = ("AVAL", "AVAR", "RIML")
MATRIX = np.array([[0.0, 1.5, 0.0], [0.0, 0.0, -0.5], [0.3, 0.0, 0.0]])
KINDS = (nz.RateNetwork, nz.Boltzmann, nz.SignNetwork)


def graph():
    """Return the graph of MATRIX, in which an edge from j to i is W[i, j]."""
    directed = nx.DiGraph()
    directed.add_nodes_from(NAMES)
    for i, j in np.argwhere(MATRIX):
        directed.add_edge(NAMES[j], NAMES[i], weight=MATRIX[i, j])
    return directed


LABELLED = {
    "pandas": lambda: pd.DataFrame(MATRIX, NAMES, NAMES),
    "xarray": lambda: xr.DataArray(MATRIX, {"target": list(NAMES), "source": list(NAMES)}, ["target", "source"]),
    "xarray, one axis": lambda: xr.DataArray(MATRIX, {"to": list(NAMES)}, ["to", "from"]),
    "xarray, source first": lambda: xr.DataArray(MATRIX.T, {"source": list(NAMES)}, ["source", "target"]),
    "networkx": graph,
    "file": lambda: labelled(MATRIX, NAMES),
}
PLAIN = {
    "pandas": lambda: pd.DataFrame(MATRIX),
    "xarray": lambda: xr.DataArray(MATRIX),
    "csr": lambda: scipy.sparse.csr_array(MATRIX),
    "csc matrix": lambda: scipy.sparse.csc_matrix(MATRIX),
    "coo": lambda: scipy.sparse.coo_array(MATRIX),
    "lil": lambda: scipy.sparse.lil_array(MATRIX),
    "jax": lambda: jax.numpy.asarray(MATRIX),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("origin", LABELLED)
def test_labels_are_names_of_units(kind, origin):
    network = kind(LABELLED[origin]())
    assert np.array_equal(network.weights, MATRIX)
    assert network.unit_names == NAMES
    assert network.with_noise(nz.White(0.1)).unit_names == NAMES


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("origin", PLAIN)
def test_objects_without_labels_give_networks_without_names(kind, origin):
    network = kind(PLAIN[origin]())
    assert np.array_equal(network.weights, MATRIX)
    assert network.unit_names is None


@pytest.mark.slow
def test_names_are_coordinates_of_results():
    network = nz.RateNetwork(LABELLED["pandas"](), noise=nz.White(0.1))
    probes = [nz.Trace(units=[2, 0]), nz.Covariance()]
    data = nz.simulate(network, duration=1, dt=0.1, probes=probes[0], key=0, warn=False)
    assert data.unit.values.tolist() == ["RIML", "AVAL"]
    assert data.final_unit.values.tolist() == list(NAMES)
    data = nz.simulate(network, duration=1, dt=0.1, probes={"a": probes[1]}, key=0, warn=False)
    assert data.a_unit.values.tolist() == data.a_other_unit.values.tolist() == list(NAMES)
    points = nz.find_fixed_points(network.with_noise(nz.Frozen(0.1)), 3, key=0)
    assert points.state.sel(unit="AVAR").shape == (3,)
    slow = nz.analysis.slow_points(network.with_noise(None), np.zeros((1, 3)), duration=1)
    assert slow.unit.values.tolist() == list(NAMES)
    frozen = nz.Onsager(network)
    assert nz.simulate(frozen, duration=1, dt=0.1, key=0, warn=False).final_unit.values.tolist() == list(NAMES)


def test_names_are_coordinates_of_attractors():
    network = nz.SignNetwork(LABELLED["pandas"]())
    for attractors in (nz.attractors(network), nz.analysis.sampled_attractors(network, 20)):
        assert attractors.data.unit.values.tolist() == list(NAMES)
    enumerated = nz.attractors(network)
    assert enumerated.data.basin.sum() == 2**3
    assert enumerated.data.period.values.tolist() == [len(codes) for codes in enumerated.sets]
    first = nz.codes.decode(np.array([codes[0] for codes in enumerated.sets]), 3)
    assert np.array_equal(enumerated.data.state.sel(unit="RIML"), first[:, 2])
    assert "unit" not in nz.attractors(nz.SignNetwork(MATRIX)).data.coords


@pytest.mark.slow
def test_names_change_neither_values_nor_results_without_names(tmp_path):
    plain, named = nz.Boltzmann(MATRIX), nz.Boltzmann(MATRIX, unit_names=NAMES)
    first, second = (nz.simulate(n, 20, [nz.Trace(), nz.Covariance()], key=1, runs=2) for n in (plain, named))
    xr.testing.assert_equal(
        first.drop_vars(["unit", "other_unit"]), second.drop_vars(["unit", "other_unit", "final_unit"])
    )
    assert "final_unit" not in first.coords
    assert "unit_names" not in first.attrs["configuration"]
    assert json.loads(second.attrs["configuration"])["network"]["unit_names"] == list(NAMES)
    nz.studies.save(second, tmp_path / "named.nc")
    assert nz.studies.load(tmp_path / "named.nc").unit.values.tolist() == list(NAMES)


def test_zero_one_networks_keep_their_names():
    network = nz.Boltzmann.from_zero_one(LABELLED["pandas"]())
    assert network.unit_names == NAMES
    assert np.array_equal(network.weights, MATRIX / 2)


def test_results_of_networks_without_names_are_returned_unchanged():
    data = xr.Dataset({"mean": ("unit", [1.0, 2.0])})
    assert label_units(data, Flow(lambda x: -x, 2)) is data


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("abc", "unit names 'abc'; 3 different strings"),
        (["a", "b"], "2 different unit names; 3 different strings"),
        (["a", "a", "b"], "2 different unit names"),
        ([1, 2, 3], "unit names that are no strings"),
        (5, "unit names 5"),
    ],
)
def test_invalid_names_are_refused(names, message):
    with pytest.raises(InputError, match=message):
        checked_names(names, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_networks_need_a_name_for_each_unit(kind):
    with pytest.raises(InputError, match="2 different unit names; 3 different strings"):
        kind(MATRIX, unit_names=["a", "b"])


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (pd.DataFrame(MATRIX, NAMES, NAMES[::-1]), "row 1 'AVAL' and column 1 'RIML'.*sort both alike"),
        (pd.DataFrame(MATRIX, list("abb"), list("abb")), "two units labelled 'b'"),
        (scipy.sparse.csr_array(np.ones((2, 3))), r"weights have shape \(2, 3\)"),
        (scipy.sparse.csr_array(MATRIX * 1j), "complex"),
        (scipy.sparse.coo_array(([1.0], ([0], [0])), shape=(10**7, 10**7)), "GiB of memory"),
        (nx.MultiDiGraph([("a", "b", {"weight": 1.0}), ("a", "b", {"weight": 1.0})]), "two edges 'a' → 'b'"),
        (nx.DiGraph([("a", "b", {"weight": 1.0}), ("b", "a")]), "1 of 2 edges without weight"),
        (nx.DiGraph([("a", "b", {"weight": "x"})]), "weight of the edge 'a' → 'b' is 'x'"),
        (nx.DiGraph(), "without nodes"),
    ],
)
def test_doubtful_objects_are_refused(matrix, message):
    with pytest.raises(InputError, match=message):
        nz.RateNetwork(matrix)


def test_a_graph_without_weights_is_an_adjacency_matrix():
    assert square(nx.path_graph(3)).tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]


@pytest.mark.slow
def test_names_are_coordinates_of_analyses_and_theory():
    network = nz.RateNetwork(pd.DataFrame(np.abs(MATRIX), NAMES, NAMES), gain=0.5, noise=nz.Frozen(0.1))
    assert nz.analysis.connectivity(network).core.sel(unit="AVAL").shape == ()
    assert nz.analysis.modes(network, np.zeros(3)).left.unit.values.tolist() == list(NAMES)
    data = nz.theory.covariance.predicted_covariance(network)
    assert data.covariance.unit.values.tolist() == data.covariance.other_unit.values.tolist() == list(NAMES)
