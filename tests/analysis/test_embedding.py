import itertools
import json

import jax
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.analysis.embedding import agreement, cluster_separation, clusters, embed, pca
from noisette.errors import InputError


def planted(samples, size, seed=0):
    """Return states in a plane of variances 9 and 4 within faint noise, and the plane."""
    rng = np.random.default_rng(seed)
    plane = np.linalg.qr(rng.standard_normal((size, 2)))[0]
    coordinates = rng.standard_normal((samples, 2)) * [3, 2]
    return coordinates @ plane.T + 1e-3 * rng.standard_normal((samples, size)) + 5.0, plane


@pytest.mark.parametrize(("samples", "size"), [(400, 20), (20, 400)])
def test_a_planted_plane_is_recovered(samples, size):
    states, plane = planted(samples, size)
    result = pca(states, 2)
    cosines = np.linalg.svd(result.components.values @ plane)[1]
    np.testing.assert_allclose(cosines, 1, atol=1e-4)
    assert float(result.explained[:2].sum()) > 0.9999
    # in both solvers the projections are the centred states along orthonormal directions
    kept = result.components.values
    np.testing.assert_allclose(kept @ kept.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(result.projection, (states - states.mean(0)) @ kept.T, atol=1e-12)


@given(st.integers(2, 12), st.integers(1, 12), st.integers(0, 2**31))
def test_explained_variances_decrease_and_sum_to_one(samples, size, seed):
    result = pca(np.random.default_rng(seed).standard_normal((samples, size)), 1)
    assert float(result.explained.sum()) == pytest.approx(1)
    assert (np.diff(result.explained) <= 1e-12).all()
    assert len(result.explained) == min(samples, size)


def test_both_solvers_agree():
    states = np.random.default_rng(3).standard_normal((12, 12)) * np.arange(1, 13)
    wide = np.concatenate([states, np.zeros((12, 1))], axis=1)
    tall, other = pca(np.concatenate([states, states]), 3), pca(wide, 3)
    np.testing.assert_allclose(tall.explained, other.explained[:12], atol=1e-12)
    np.testing.assert_allclose(tall.components, other.components[:, :12], atol=1e-10)


@pytest.mark.slow
def test_labels_of_a_trace_are_kept():
    network = nz.RateNetwork(nz.weights.gaussian(10, 0.5, key=jax.random.key(0)))
    trace = nz.simulate(network, duration=5, dt=0.05, probes=nz.Trace(5), key=jax.random.key(1), runs=2).trace
    result = pca(trace)
    assert result.projection.dims == ("run", "time", "component")
    xr.testing.assert_equal(result.time, trace.time)
    assert result.components.dims == ("component", "unit")


def test_invalid_input_is_refused():
    with pytest.raises(InputError, match="do not move"):
        pca(np.ones((5, 3)))
    with pytest.raises(InputError, match="4 components"):
        pca(np.eye(6)[:, :3], 4)
    with pytest.raises(InputError, match="NaN"):
        pca(np.full((5, 3), np.nan))
    with pytest.raises(InputError, match="1 states"):
        pca(np.ones((1, 3)))


# --- embed, clusters, agreement, separation ---------------------------------------------------------------------


def forks(trials=4, times=40, size=12, noise=0.05):
    """Return trials of four conditions that separate by one sign at a third of the time, by another at two thirds."""
    rng = np.random.default_rng(0)
    time, labels = np.linspace(0, 1, times), np.repeat(np.arange(4), trials)
    along, first, second = np.linalg.qr(rng.standard_normal((size, 3)))[0].T
    onward = np.broadcast_to(4 * time, (len(labels), times))
    first_sign = np.where(labels < 2, 1, -1)[:, None] * 6 * np.maximum(time - 1 / 3, 0)
    second_sign = np.where(labels % 2, 1, -1)[:, None] * 12 * np.maximum(time - 2 / 3, 0)
    paths = onward[..., None] * along + first_sign[..., None] * first + second_sign[..., None] * second
    return paths + noise * rng.standard_normal(paths.shape), labels


def test_embedding_keeps_every_fifth_time_and_the_labels():
    paths, labels = forks()
    named = xr.DataArray(
        paths, dims=["trial", "time", "unit"], coords={"time": 5.0 * np.arange(40), "label": ("trial", labels)}
    )
    result = embed(named.transpose("unit", "time", "trial"))
    assert result.projection.dims == ("trial", "time", "component")
    assert result.time.values.tolist() == [0, 25, 50, 75, 100, 125, 150, 175]
    np.testing.assert_array_equal(result.label, labels)
    np.testing.assert_allclose(result.projection, pca(paths[:, ::5]).projection, atol=1e-12)
    # plain arrays have the index of the time point as a coordinate
    assert embed(paths, every=10).time.values.tolist() == [0, 10, 20, 30]


def test_separation_detects_both_forks():
    paths, labels = forks()
    # before the first fork all overlap; between the forks two of four are separated: ARI of pairs 4(m−1) of equal sizes
    result = cluster_separation(
        embed(paths, every=1), labels, {"first": (0, 12), "second": (20, 26), "third": (34, 40)}
    )
    assert result.window.values.tolist() == ["first", "second", "third"]
    assert abs(float(result.agreement[0])) < 0.3
    assert 0.2 < float(result.agreement[1]) < 0.7
    assert float(result.agreement[2]) == 1
    assert result.start.values.tolist() == [0, 20, 34]
    assert result.stop.values.tolist() == [11, 25, 39]
    # raw states and windows by number; the last one may be shorter
    raw = cluster_separation(paths, labels, 15)
    assert raw.start.values.tolist() == [0, 15, 30]
    assert raw.stop.values.tolist() == [14, 29, 39]
    assert float(raw.agreement[-1]) == 1


def test_phate_prints_nothing_and_is_reproducible(capfd):
    pytest.importorskip("phate")
    paths, labels = forks(trials=3)
    result = embed(paths, "phate", every=4, knn=10)
    assert capfd.readouterr() == ("", "")
    xr.testing.assert_identical(result, embed(paths, "phate", every=4, knn=10))
    assert result.projection.dims == ("trial", "time", "component")
    assert result.attrs["diffusion_time"] >= 1
    assert json.loads(result.attrs["configuration"])["knn"] == 10
    # the sign is fixed, as that of principal components
    flat = result.projection.values.reshape(-1, 3)
    assert (flat[np.abs(flat).argmax(0), range(3)] > 0).all()
    assert float(cluster_separation(result, labels, {"end": (34, 40)}).agreement[0]) == 1
    # distant groups form disconnected parts, which is reported
    apart = paths + 100 * labels[:, None, None]
    assert embed(apart, "phate", every=4, knn=10).attrs["pieces"] >= 4 > result.attrs["pieces"] >= 1


def test_missing_extras_are_reported(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    monkeypatch.setattr("noisette.imports.import_module", missing)
    paths, labels = forks()
    assert embed(paths).sizes["component"] == 3  # principal components need nothing
    with pytest.raises(InputError, match=r"phate is not installed.*noisette\[embed\]"):
        embed(paths, "phate")
    assert cluster_separation(paths, labels, {"late": (35, 40)}).agreement[0] == 1  # and neither does k-means


def test_clustering_recovers_planted_clusters():
    rng = np.random.default_rng(1)
    planted_labels = rng.integers(4, size=(6, 10))
    points = 10 * np.eye(4)[planted_labels] + rng.standard_normal((6, 10, 4))
    result = clusters(points, 4)
    assert result.shape == (6, 10)
    assert agreement(result, planted_labels) == 1
    np.testing.assert_array_equal(result, clusters(points, 4))
    # if there are fewer distinct points than clusters, each point is a cluster
    assert agreement(clusters(np.array([[0.0], [0.0], [1.0], [1.0]]), 3), [0, 0, 1, 1]) == 1


def scatter(points, which):
    """Return the sum of squared distances to the means of clusters."""
    return sum(((points[which == k] - points[which == k].mean(0)) ** 2).sum() for k in np.unique(which))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_clusters_minimise_the_scatter_over_all_partitions(seed):
    """Nine points without structure, against all 3^9 assignments to three clusters."""
    points = np.random.default_rng(seed).standard_normal((9, 2))
    every = np.array(list(itertools.product(range(3), repeat=8)))
    least = min(scatter(points, np.append(0, which)) for which in every)
    assert scatter(points, clusters(points, 3, key=seed)) == pytest.approx(least)


def test_agreement_by_hand():
    # of 15 pairs 2 are together in both, 4 only in the first, 1 only in the second, 8 in neither:
    # 2 (2·8 − 4·1)/((2 + 4)(4 + 8) + (2 + 1)(1 + 8)) = 24/99
    assert agreement([1, 1, 1, 2, 2, 2], [1, 1, 2, 2, 3, 3]) == pytest.approx(24 / 99)
    assert agreement([0, 0, 0], [1, 1, 1]) == 1
    assert agreement([0, 1, 2], [2, 1, 0]) == 1
    assert agreement([0, 0, 0], [0, 1, 2]) == 0


LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30)


@given(LABELS, st.permutations(range(4)))
def test_names_of_clusters_do_not_matter(pairs, names):
    first_sign, second_sign = (list(labels) for labels in zip(*pairs, strict=True))
    result = agreement(first_sign, second_sign)
    assert result <= 1
    assert (
        result
        == agreement(second_sign, first_sign)
        == agreement([f"condition {names[label]}" for label in first_sign], second_sign)
    )
    assert agreement(first_sign, first_sign) == 1
    metrics = pytest.importorskip("sklearn.metrics")
    assert result == pytest.approx(metrics.adjusted_rand_score(first_sign, second_sign), abs=1e-12)


def test_independent_labels_agree_at_chance_level():
    # the index is corrected for chance: 0 on average; 200 draws of 40 labels have a standard error near 0.003
    rng = np.random.default_rng(2)
    assert abs(np.mean([agreement(rng.integers(4, size=40), rng.integers(4, size=40)) for _ in range(200)])) < 0.012


def test_invalid_states_are_refused():
    paths, labels = forks()
    with pytest.raises(InputError, match=r"over .'run', 'time', 'unit'.; states over"):
        embed(xr.DataArray(paths, dims=["run", "time", "unit"]))
    with pytest.raises(InputError, match="every 0"):
        embed(paths, every=0)
    with pytest.raises(InputError, match="options knn"):
        embed(paths, knn=3)
    with pytest.raises(InputError, match=r"labels of shape .3,."):
        cluster_separation(paths, labels[:3])
    with pytest.raises(InputError, match="1 conditions"):
        cluster_separation(paths, np.zeros(16))
    with pytest.raises(InputError, match="no time point in window late; times run from 0 to 39"):
        cluster_separation(paths, labels, {"late": (50, 60)})
    with pytest.raises(InputError, match="windows of 0 time points"):
        cluster_separation(paths, labels, 0)
    with pytest.raises(InputError, match=r"a dataset of \['other'\]"):
        cluster_separation(xr.Dataset({"other": 1.0}), labels)
    with pytest.raises(InputError, match="17 clusters of 16 points"):
        clusters(paths[:, 0], 17)
    with pytest.raises(InputError, match="NaN"):
        clusters(np.full((5, 3), np.nan))
    with pytest.raises(InputError, match=r"shapes .3,. and .2,."):
        agreement([0, 1, 2], [0, 1])
    with pytest.raises(InputError, match="1 labels"):
        agreement([0], [0])


@pytest.mark.parametrize(
    ("states", "options", "message"),
    [
        (np.full((2, 50, 3), np.nan), {}, "NaN"),
        (np.ones((2, 50, 3)), {}, "do not move"),
        (np.random.default_rng(0).standard_normal((1, 20, 3)), {}, "4 states; more than 6"),
        (np.random.default_rng(0).standard_normal((3, 50, 3)), {"components": 0}, "0 components"),
        (np.random.default_rng(0).standard_normal((3, 50, 3)), {"flavour": 3}, "PHATE with options.*flavour"),
        (np.random.default_rng(0).standard_normal((3, 50, 3)), {"gamma": 7}, "PHATE with options.*gamma"),
    ],
)
def test_invalid_input_of_phate_is_refused(states, options, message):
    pytest.importorskip("phate")
    with pytest.raises(InputError, match=message):
        embed(states, "phate", **options)
