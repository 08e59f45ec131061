"""Corrections, descriptions, units of analysis, survival times and bad input."""

import json

import numpy as np
import pytest
import scipy.stats
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from noisette.analysis.statistics import (
    compare_counts,
    compare_groups,
    compare_times,
    describe,
    dunn,
    holm,
    per_network,
)
from noisette.errors import InputError


def two(first, second):
    return {"first": np.asarray(first, float), "second": np.asarray(second, float)}


def normal(*sizes, seed=0):
    """Return groups of normal numbers, each shifted by one relative to the previous one."""
    rng = np.random.default_rng(seed)
    return {f"group {i}": rng.standard_normal(size) + i for i, size in enumerate(sizes)}


# --- Holm, spread, units of analysis ----------------------------------------------------------------------------


def test_holm_by_hand():
    np.testing.assert_allclose(holm([0.04, 0.01, 0.03, 0.5]), [0.09, 0.04, 0.09, 0.5])
    np.testing.assert_allclose(holm([0.4, 0.9]), [0.8, 0.9])
    np.testing.assert_allclose(holm([0.02]), [0.02])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_nothing_and_bonferroni(p):
    adjusted = holm(p)
    assert (adjusted >= np.array(p)).all()
    assert (adjusted <= np.minimum(np.array(p) * len(p), 1)).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


def test_spread_by_hand():
    result = describe({"a": [1.0, 2.0, 3.0, 4.0], "b": [7.0]})
    assert result.n.values.tolist() == [4, 1]
    np.testing.assert_allclose(result["mean"], [2.5, 7])
    np.testing.assert_allclose(result.sd, [np.sqrt(5 / 3), np.nan])
    np.testing.assert_allclose(result["median"], [2.5, 7])
    np.testing.assert_allclose(result.lower_quartile, [1.75, 7])
    np.testing.assert_allclose(result.upper_quartile, [3.25, 7])


def test_the_unit_of_analysis_is_the_network():
    tau = xr.DataArray([[20.0, 40.0, 120.0], [60.0, 80.0, 100.0]], dims=["network", "unit"], coords={"network": [3, 8]})
    inhibitory = np.array([[False, False, True], [False, True, True]])
    means = per_network(tau, inhibitory)
    assert means.values.tolist() == [120, 90]
    assert means.network.values.tolist() == [3, 8]
    xr.testing.assert_identical(per_network(tau.T, xr.DataArray(inhibitory.T, dims=["unit", "network"])), means)
    # networks of different sizes are separate rows
    assert per_network([[1.0, 3.0], [5.0]]).values.tolist() == [2, 5]
    pooled = per_network(tau, inhibitory, pooled=True)
    assert pooled.values.tolist() == [120, 80, 100]
    assert compare_groups({"a": [1.0], "b": [2.0]}).attrs["unit_of_analysis"].startswith("not stated")
    kept = {"a": means, "b": per_network(tau)}
    assert compare_groups(kept).attrs["unit_of_analysis"] == describe(kept).attrs["unit_of_analysis"] == "network"
    assert "pooled" in compare_groups({"a": pooled, "b": pooled}, "rank-sum").attrs["unit_of_analysis"]
    with pytest.raises(InputError, match="different units"):
        compare_groups({"a": means, "b": pooled})
    with pytest.raises(InputError, match="only some"):
        compare_groups({"a": means, "b": [1.0, 2.0]})


@pytest.mark.slow
def test_pooled_units_make_p_too_small():
    # 20 networks of 50 units that share what makes their network differ, and no difference between groups:
    # p < 0.05 in 5 % of draws per network (more than 12 of 60 once in 10⁴), and in most draws if pooled
    rng, alarms = np.random.default_rng(5), np.zeros(2, int)
    for _ in range(60):
        groups = [rng.standard_normal((10, 1)) + 0.3 * rng.standard_normal((10, 50)) for _ in range(2)]
        for index, pooled in enumerate((False, True)):
            named = {str(i): per_network(group, pooled=pooled) for i, group in enumerate(groups)}
            alarms[index] += float(compare_groups(named).p) < 0.05
    assert alarms[0] <= 12
    assert alarms[1] >= 30


def test_results_can_be_saved(tmp_path):
    for index, result in enumerate(
        [compare_groups(normal(5, 6)), compare_groups(normal(5, 6, 7)), compare_counts({"a": (1, 4), "b": (3, 4)})]
    ):
        path = tmp_path / f"{index}.nc"
        result.to_netcdf(path, engine="h5netcdf")
        with xr.open_dataset(path, engine="h5netcdf") as read:
            xr.testing.assert_allclose(read, result)
            assert read.attrs["test"] == result.attrs["test"]
            assert json.loads(read.attrs["configuration"])["confidence"] == 0.95


# --- bad input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "test", "message"),
    [
        ({"a": [1.0, 2.0]}, None, "1 groups; at least 2"),
        ({"a": [1.0], "b": []}, None, "group 'b' is empty"),
        ({"a": [1.0, np.nan, np.inf], "b": [1.0]}, None, "2 of 3 values of group 'a' are NaN or infinite"),
        ({"a": [2.0, 2.0], "b": [2.0]}, None, "all 3 values are 2"),
        ({"a": [2.0, 2.0], "b": [2.0], "c": [2.0]}, None, "all 4 values are 2"),
        ({"a": [1.0, 2.0], "b": [1.0, 2.0]}, "signed-rank", "all 2 pairs are equal"),
        ({"a": [1.0, 2.0], "b": [1.0]}, "signed-rank", "2 and 1 values; pairs"),
        ({"a": [1.0], "b": [2.0], "c": [3.0]}, "rank-sum", "3 groups; two for the rank-sum test"),
        ({"a": [1.0], "b": [2.0]}, "t", "test 't'; rank-sum, signed-rank, kruskal-wallis, friedman or None"),
        ({"a": [[1.0]], "b": [2.0]}, None, "shape .1, 1.; a one-dimensional array; reduce with per_network"),
        ({"a": ["x"], "b": [2.0]}, None, "group 'a' of text"),
        ({1: [1.0], "1": [2.0]}, None, "two groups named '1'"),
    ],
)
def test_invalid_groups_are_refused(values, test, message):
    with pytest.raises(InputError, match=message):
        compare_groups(values, test)


def test_other_invalid_input_is_refused():
    with pytest.raises(InputError, match="confidence 1"):
        compare_groups(normal(3, 3), confidence=1)
    with pytest.raises(InputError, match="10 resamples"):
        compare_groups(normal(3, 3, 3), resamples=10)
    with pytest.raises(InputError, match="adjust 'turkey'"):
        dunn(normal(3, 3), "turkey")
    with pytest.raises(InputError, match="all 4 values"):
        dunn({"a": [1.0, 1.0], "b": [1.0, 1.0]})
    with pytest.raises(InputError, match="not a probability"):
        holm([0.1, 1.1])
    with pytest.raises(InputError, match="3 groups; two"):
        compare_counts({"a": (1, 2), "b": (1, 2), "c": (1, 2)})
    with pytest.raises(InputError, match="group 'a': 3 of 2"):
        compare_counts({"a": (3, 2), "b": (1, 2)})
    with pytest.raises(InputError, match="network 1"):
        per_network([[1.0, 2.0], [3.0, 4.0]], [[True, False], [False, False]])
    with pytest.raises(InputError, match="mask of another shape"):
        per_network([[1.0, 2.0]], [[True]])
    with pytest.raises(InputError, match="1 values that are NaN"):
        per_network([[1.0, np.nan]])
    assert per_network([[1.0, np.nan]], [[True, False]]).values.tolist() == [1]  # masked values may be arbitrary
    with pytest.raises(InputError, match="no network"):
        per_network([])


def test_log_rank_and_kaplan_meier_by_hand():
    """Events at 1, 2, 4 and at 3, one censored at 4: O − E and V summed by hand over the three risk sets."""
    result = compare_times({"a": [1, 2, 4], "b": [3, 4]}, {"a": [True] * 3, "b": [True, False]})
    # t = 1: 5 at risk, 2 in b; t = 2: 4, 2; t = 3: 3, 2; t = 4: 2, 1
    expected = 2 / 5 + 2 / 4 + 2 / 3 + 1 / 2
    variance = 6 / 25 + 4 / 16 + 2 / 9 + 1 / 4
    z = (1 - expected) / variance**0.5
    assert float(result.z[0]) == pytest.approx(z)
    assert float(result.p[0]) == pytest.approx(2 * scipy.stats.norm.sf(abs(z)), rel=1e-9, abs=0)
    assert result["median"].values.tolist() == [2, 3]
    assert result.events.values.tolist() == [3, 1]


@pytest.mark.slow
def test_log_rank_tests_of_several_groups_are_corrected_and_hold_their_level():
    """300 draws of three equal exponential groups, half censored: false alarms below .05 + 3 standard errors, .088."""
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(300):
        times = {name: rng.exponential(size=15) for name in "abc"}
        limit = {name: np.minimum(row, 0.7) for name, row in times.items()}
        result = compare_times(limit, {name: row < 0.7 for name, row in times.items()})
        np.testing.assert_allclose(result.p, holm(result.p_raw))
        alarms += bool((result.p < 0.05).any())
    assert alarms / 300 < 0.088


def test_times_that_cannot_be_compared_are_refused():
    few = {"a": [1.0, 2.0], "b": [1.0, 3.0]}
    for times, reached, message in (
        ({"a": [1.0]}, {"a": [True]}, "1 groups; at least two"),
        (few, {"a": [True, True], "c": [True, True]}, "the same groups"),
        (few, {"a": [False] * 2, "b": [False] * 2}, "no event in any group"),
        (few, {"a": [True], "b": [True, True]}, r"reached of shape \(1,\) and times of shape \(2,\) in group 'a'"),
        (few | {"b": [1.0, np.nan]}, {"a": [True] * 2, "b": [True] * 2}, "group 'b' that are negative or not finite"),
    ):
        with pytest.raises(InputError, match=message):
            compare_times(times, reached)
