"""Several groups, and groups of one seed: Kruskal–Wallis, Dunn and Friedman tests."""

from pathlib import Path

import jax
import numpy as np
import pytest
import scipy.stats
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from noisette.analysis.statistics import (
    compare_groups,
    dunn,
    holm,
)
from noisette.errors import InputError

WHOLE = st.lists(st.integers(-20, 20), min_size=1, max_size=9)
# Fisher's irises, width of the sepals, cm: the fifty of each species
TABLE = np.genfromtxt(Path(__file__).parents[1] / "data" / "iris_sepal_width.csv", delimiter=",", names=True)
IRIS = {name: TABLE[name] for name in TABLE.dtype.names}


def two(first, second):
    return {"first": np.asarray(first, float), "second": np.asarray(second, float)}


def normal(*sizes, seed=0):
    """Return groups of normal numbers, each shifted by one relative to the previous one."""
    rng = np.random.default_rng(seed)
    return {f"group {i}": rng.standard_normal(size) + i for i, size in enumerate(sizes)}


# --- several groups ---------------------------------------------------------------------------------------------


def test_dunn_compares_all_pairs():
    result = dunn(IRIS)
    assert list(zip(result.first.values, result.second.values, strict=True)) == [
        ("setosa", "versicolor"),
        ("setosa", "virginica"),
        ("versicolor", "virginica"),
    ]
    assert np.sign(result.z).values.tolist() == [-1, -1, 1]  # setosa has the widest


@pytest.mark.slow
@pytest.mark.parametrize("adjust", ["none", "holm", "bonferroni", "fdr_bh", "sidak"])
def test_dunn_against_scikit_posthocs(adjust):
    library = pytest.importorskip("scikit_posthocs")
    table = library.posthoc_dunn(list(IRIS.values()), p_adjust=None if adjust == "none" else adjust).to_numpy()
    np.testing.assert_allclose(dunn(IRIS, adjust).p, table[np.triu_indices(3, 1)], rtol=1e-10)


def test_other_corrections_name_their_extra(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    monkeypatch.setattr("noisette.imports.import_module", missing)
    assert dunn(IRIS).sizes["pair"] == 3  # Holm's correction needs no extra
    with pytest.raises(InputError, match=r"scikit_posthocs is not installed.*noisette\[stats\]"):
        dunn(IRIS, "fdr_bh")


@pytest.mark.parametrize("ties", [False, True])
def test_kruskal_against_scipy(ties):
    groups = normal(8, 11, 9)
    if ties:
        groups = {name: np.round(group) for name, group in groups.items()}
    result = compare_groups(groups)
    other_interval = scipy.stats.kruskal(*groups.values())
    assert float(result.statistic) == pytest.approx(other_interval.statistic, rel=1e-12)
    assert float(result.p) == pytest.approx(other_interval.pvalue, rel=1e-10, abs=0)
    assert float(result.effect) == pytest.approx(other_interval.statistic / 27)
    assert result.attrs["test"].startswith("Kruskal–Wallis")


def test_pairs_of_several_groups_are_those_of_two():
    groups = normal(8, 11, 9)
    result = compare_groups(groups, confidence=0.9)
    np.testing.assert_array_equal(result.pair_p, dunn(groups).p)
    alone = compare_groups({name: groups[name] for name in ("group 0", "group 2")}, confidence=0.9)
    which = result.isel(pair=1)
    assert (str(which["first"].item()), str(which["second"].item())) == ("group 0", "group 2")
    for name in ("effect", "effect_interval", "difference", "difference_interval"):
        np.testing.assert_array_equal(which[f"pair_{name}"], alone[name])
    # two equal groups among others do not differ
    same = compare_groups({"a": [1.0, 1.0, 1.0], "b": [1.0, 1.0], "c": [2.0, 3.0]}).isel(pair=0)
    assert float(same.pair_effect) == float(same.pair_difference) == 0
    assert float(same.pair_p) == 1


def test_limits_of_the_explained_share():
    between, within = (
        {"a": [1.0, 1.0], "b": [2.0, 2.0], "c": [3.0]},
        {"a": [1.0, 4.0], "b": [2.0, 3.0], "c": [1.0, 4.0]},
    )
    assert float(compare_groups(between).effect) == 1
    assert compare_groups(between).effect_interval.values.tolist() == [1, 1]
    assert float(compare_groups(within).effect) == 0  # equal mean ranks
    # one value in each group is uninformative
    assert compare_groups({"a": [1.0], "b": [2.0], "c": [3.0]}).effect_interval.values.tolist() == [0, 1]


@pytest.mark.parametrize("number", [2, 3, 7])
def test_kruskal_of_one_value_in_each_group(number):
    """All variance of ranks lies between the groups: ε² = 1 and H = N − 1."""
    result = compare_groups({str(n): [float(n)] for n in range(number)}, test="kruskal-wallis")
    assert float(result.effect) == pytest.approx(1.0)
    assert float(result.statistic) == pytest.approx(number - 1.0)
    assert result.effect_interval.values.tolist() == [0.0, 1.0]


@given(st.lists(WHOLE, min_size=3, max_size=4))
def test_kruskal_is_invariant_to_order_and_scale(rows):
    if len({value for row in rows for value in row}) == 1:
        return
    before = compare_groups(dict(enumerate(rows)), resamples=100)
    after = compare_groups(
        {str(i): [v**3 for v in row[::-1]] for i, row in reversed(list(enumerate(rows)))}, resamples=100
    )
    for name in ("statistic", "p"):
        assert float(before[name]) == pytest.approx(float(after[name]), rel=1e-9, abs=1e-12)
    assert 0 <= float(before.effect) <= 1 + 1e-12


def test_the_bootstrap_depends_on_its_key():
    groups = normal(8, 11, 9)
    interval, again = (compare_groups(groups, key=jax.random.key(1)).effect_interval.values for _ in range(2))
    other_interval = compare_groups(groups, key=jax.random.key(2)).effect_interval.values
    np.testing.assert_array_equal(interval, again)
    assert 0 < np.abs(interval - other_interval).max() < 0.05
    assert interval[0] < float(compare_groups(groups).effect) < interval[1]


@pytest.mark.slow
def test_intervals_of_the_explained_share_have_their_nominal_coverage():
    # Three normal groups of 20, at 0, ½ and 1. The truth is ε² of very many, 0.1417 ± 3e-4 from 4 × 600,000 numbers.
    # 80 draws of intervals that cover 94.4 % (500 draws said): fewer than 66 cover once in 10⁴.
    # Without a difference 97.5 % begin at zero: of 40 fewer than 33 do once in 10⁵.
    rng, covered, zero = np.random.default_rng(9), 0, 0
    for draw in range(80):
        drawn = rng.standard_normal((3, 20)) + np.array([0.0, 0.5, 1.0])[:, None]
        low, high = compare_groups(dict(zip("abc", drawn, strict=True)), resamples=300).effect_interval.values
        covered += low <= 0.1417 <= high
        if draw < 40:
            same = rng.standard_normal((3, 20))
            zero += compare_groups(dict(zip("abc", same, strict=True)), resamples=300).effect_interval.values[0] == 0
    assert covered >= 66
    assert zero >= 33


def of_one_seed(rows, seed=3, networks=None):
    """Return groups of networks drawn from one seed."""
    numbers = [range(len(row)) for row in rows] if networks is None else networks
    return {
        f"C = {i}": xr.DataArray(np.asarray(row, float), {"network": list(n)}, ["network"], attrs={"seed": seed})
        for i, (row, n) in enumerate(zip(rows, numbers, strict=True))
    }


def test_friedmans_test_is_that_of_scipy_with_and_without_ties():
    rng = np.random.default_rng(0)
    for table in (rng.normal(size=(9, 4)), rng.integers(0, 3, (12, 3)).astype(float)):
        result = compare_groups(dict(zip("abcd", table.T, strict=False)), paired=True)
        other_interval = scipy.stats.friedmanchisquare(*table.T)
        assert float(result.statistic) == pytest.approx(other_interval.statistic, rel=1e-12)
        assert float(result.p) == pytest.approx(other_interval.pvalue, rel=1e-9, abs=0)
        n, k = table.shape
        assert float(result.effect) == pytest.approx(other_interval.statistic / (n * (k - 1)))  # Kendall's W
        assert result.sizes["pair"] == k * (k - 1) // 2
        np.testing.assert_array_equal(result.pair_p, holm(result.pair_p_raw))


def test_pairs_of_friedmans_test_are_signed_rank_tests():
    rng = np.random.default_rng(1)
    groups = {name: rng.normal(size=11) + shift for name, shift in zip("abc", (0, 0.2, 1), strict=True)}
    result = compare_groups(groups, paired=True)
    assert result.attrs["test"].startswith("Friedman")
    for number, (first, second) in enumerate((("a", "b"), ("a", "c"), ("b", "c"))):
        alone = compare_groups({first: groups[first], second: groups[second]}, paired=True)
        row = result.isel(pair=number)
        assert (row["first"].item(), row["second"].item()) == (first, second)
        assert float(row.pair_p_raw) == float(alone.p)
        assert float(row.pair_effect) == float(alone.effect)
        assert float(row.pair_difference) == float(alone.difference)


def test_groups_of_one_seed_are_pairs_matched_by_the_number_of_the_network():
    rng = np.random.default_rng(2)
    shared = 10 * rng.normal(size=12)
    values = of_one_seed([shared, shared + 1 + 0.1 * rng.normal(size=12)])
    result = compare_groups(values)
    assert result.attrs["test"].startswith("Wilcoxon signed-rank")
    assert (result.attrs["paired"], result.attrs["left_out"]) == (1, 0)
    assert float(result.p) == pytest.approx(2 * 0.5**12, rel=1e-9, abs=0)  # all twelve rise
    assert float(compare_groups(values, paired=False).p) > 0.3  # the same numbers as independent groups
    # networks that failed in one group are left out with their partners, whatever the order
    first, second = values.values()
    some = {"C = 0": first.isel(network=slice(None, None, -1)), "C = 1": second.isel(network=slice(3, None))}
    again = compare_groups(some)
    assert (again.attrs["n"], again.attrs["left_out"]) == (18, 3)
    assert float(again.p) == pytest.approx(2 * 0.5**9)
    # values of other seeds, or without a seed, are independent
    other_interval = {"C = 0": first, "C = 1": second.assign_attrs(seed=4)}
    assert compare_groups(other_interval).attrs["paired"] == 0
    assert compare_groups({name: v.values for name, v in values.items()}).attrs["paired"] == 0
    assert compare_groups(of_one_seed([shared, shared + 1, shared + 2])).attrs["test"].startswith("Friedman")


@pytest.mark.slow
def test_paired_tests_hold_their_level_and_detect_effects_that_independent_groups_hide():
    """400 draws under no effect at level .05: false alarms within 3 standard errors, .05 ± .033; fixed seed."""
    rng = np.random.default_rng(5)
    alarms, hits = 0, 0
    for _ in range(400):
        shared = 3 * rng.normal(size=10)
        first, second, third = shared + rng.normal(size=(3, 10))
        groups = {"a": first, "b": second, "c": third}
        alarms += float(compare_groups(groups, paired=True, resamples=100).p) < 0.05
        hits += float(compare_groups({"a": first, "b": second + 2}, paired=True).p) < 0.05
    assert alarms / 400 < 0.083
    assert hits / 400 > 0.8


def test_groups_that_cannot_be_paired_are_refused():
    with pytest.raises(InputError, match="3 and 2 values; pairs"):
        compare_groups(two([1, 2, 3], [1, 2]), paired=True)
    with pytest.raises(InputError, match="test 'rank-sum' with paired=True; signed-rank or friedman"):
        compare_groups(two([1, 2], [3, 4]), "rank-sum", paired=True)
    with pytest.raises(InputError, match="test 'friedman' with paired=False"):
        compare_groups(two([1, 2], [3, 4]), "friedman", paired=False)
    with pytest.raises(InputError, match="without a network in common"):
        compare_groups(of_one_seed([[1, 2], [3, 4]], networks=[[0, 1], [2, 3]]))
    with pytest.raises(InputError, match="all 3 values of each network are equal"):
        compare_groups({name: [1.0, 2.0] for name in "abc"}, paired=True)
