import itertools
import json

import jax
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

WHOLE = st.lists(st.integers(-20, 20), min_size=1, max_size=9)
# Fisher's irises, width of the sepals, cm: the fifty of each species
IRIS = {
    "setosa": "3.5 3.0 3.2 3.1 3.6 3.9 3.4 3.4 2.9 3.1 3.7 3.4 3.0 3.0 4.0 4.4 3.9 3.5 3.8 3.8 3.4 3.7 3.6 3.3 3.4 "
    "3.0 3.4 3.5 3.4 3.2 3.1 3.4 4.1 4.2 3.1 3.2 3.5 3.6 3.0 3.4 3.5 2.3 3.2 3.5 3.8 3.0 3.8 3.2 3.7 3.3",
    "versicolor": "3.2 3.2 3.1 2.3 2.8 2.8 3.3 2.4 2.9 2.7 2.0 3.0 2.2 2.9 2.9 3.1 3.0 2.7 2.2 2.5 3.2 2.8 2.5 2.8 2.9 "
    "3.0 2.8 3.0 2.9 2.6 2.4 2.4 2.7 2.7 3.0 3.4 3.1 2.3 3.0 2.5 2.6 3.0 2.6 2.3 2.7 3.0 2.9 2.9 2.5 2.8",
    "virginica": "3.3 2.7 3.0 2.9 3.0 3.0 2.5 2.9 2.5 3.6 3.2 2.7 3.0 2.5 2.8 3.2 3.0 3.8 2.6 2.2 3.2 2.8 2.8 2.7 3.3 "
    "3.2 2.8 3.0 2.8 3.0 2.8 3.8 2.8 2.8 2.6 3.0 3.4 3.1 3.0 3.1 3.1 3.1 2.7 3.2 3.3 3.0 2.5 3.0 3.4 3.0",
}
IRIS = {name: np.array(row.split(), float) for name, row in IRIS.items()}


def two(first, second):
    return {"first": np.asarray(first, float), "second": np.asarray(second, float)}


def normal(*sizes, seed=0):
    """Return groups of normal numbers, each shifted by one against the one before."""
    rng = np.random.default_rng(seed)
    return {f"group {i}": rng.standard_normal(size) + i for i, size in enumerate(sizes)}


# --- two groups -------------------------------------------------------------------------------------------------


def test_three_against_three_by_hand():
    # of the 20 ways to deal out six ranks, one is as extreme as this and one as extreme the other way
    found = compare_groups(two([1, 2, 3], [4, 5, 6]))
    assert float(found.statistic) == 9
    assert float(found.p) == pytest.approx(2 / 20)
    assert float(found.effect) == float(found.superiority) == 1
    assert float(found.difference) == 3
    # nine ordered differences cannot bound the median with 95 % confidence, but with 90 % all of them do
    assert found.difference_interval.values.tolist() == [-np.inf, np.inf]
    assert compare_groups(two([1, 2, 3], [4, 5, 6]), confidence=0.9).difference_interval.values.tolist() == [1, 5]
    assert found.attrs["method"] == "exact"
    assert found.attrs["n"] == 6


def test_a_table_of_critical_values():
    # 8 against 8: P(U ≤ 13) = 0.0249 one-sided, P(U ≤ 14) = 0.0325, from the tables; so 14 differences are cut at 95 %
    found = compare_groups(two(np.arange(8), np.arange(8) + 0.5))
    differences = np.sort(np.subtract.outer(np.arange(8) + 0.5, np.arange(8)).ravel())
    assert found.difference_interval.values.tolist() == [differences[13], differences[-14]]


@given(WHOLE, WHOLE)
def test_the_exact_p_counts_every_permutation_with_ties(first, second):
    first, second = first[:5], second[:4]
    together = np.array(first + second, float)
    if np.ptp(together) == 0:
        return
    ranks = scipy.stats.rankdata(together)
    sums = np.array([ranks[list(chosen)].sum() for chosen in itertools.combinations(range(len(ranks)), len(second))])
    away = np.abs(sums - len(second) * (len(ranks) + 1) / 2)
    seen = abs(ranks[len(first) :].sum() - len(second) * (len(ranks) + 1) / 2)
    assert float(compare_groups(two(first, second)).p) == pytest.approx((away >= seen - 1e-9).mean())


@pytest.mark.parametrize(("m", "n"), [(7, 12), (40, 60), (41, 60)])
def test_rank_sum_against_scipy(m, n):
    groups = normal(m, n)
    found = compare_groups(groups)
    exact = m + n <= 100
    first, second = groups.values()
    other = scipy.stats.mannwhitneyu(second, first, method="exact" if exact else "asymptotic")
    assert found.attrs["method"] == ("exact" if exact else "asymptotic")
    assert float(found.statistic) == other.statistic
    assert float(found.p) == pytest.approx(other.pvalue, rel=1e-9)
    assert float(found.superiority) == pytest.approx(other.statistic / (m * n))


def test_ties_in_large_groups_against_scipy():
    rng = np.random.default_rng(1)
    groups = two(rng.integers(0, 10, 80), rng.integers(1, 11, 70))
    other = scipy.stats.mannwhitneyu(groups["second"], groups["first"], method="asymptotic")
    assert float(compare_groups(groups).p) == pytest.approx(other.pvalue, rel=1e-9)


@given(WHOLE, WHOLE, st.randoms(use_true_random=False))
def test_ranks_do_not_care_about_order_or_scale(first, second, random):
    if len(set(first + second)) == 1:
        return
    before = compare_groups(two(first, second))
    # a cube is a strictly rising function that keeps whole numbers whole
    shuffled = two(np.array(random.sample(first, len(first))) ** 3.0, np.array(second) ** 3.0)
    after = compare_groups(shuffled)
    for name in ("statistic", "p", "effect", "effect_interval", "superiority"):
        np.testing.assert_array_equal(before[name], after[name])
    # the second against the first is minus the first against the second
    turned = compare_groups(two(second, first))
    assert float(turned.p) == pytest.approx(float(before.p), rel=1e-12)
    assert float(turned.effect) == pytest.approx(-float(before.effect))
    assert float(turned.difference) == pytest.approx(-float(before.difference))
    np.testing.assert_allclose(turned.effect_interval, -before.effect_interval.values[::-1], atol=1e-9)


def test_a_shift_is_recovered_in_its_unit():
    first, second = normal(30, 20).values()
    before, after = compare_groups(two(first, second)), compare_groups(two(first, second + 7))
    assert float(after.difference - before.difference) == pytest.approx(7)
    np.testing.assert_allclose(after.difference_interval - before.difference_interval, 7)


def test_differences_too_many_to_hold_are_found_by_bisection(monkeypatch):
    groups = normal(60, 61)
    pairs = {"before": groups["group 0"], "after": groups["group 1"][:60]}
    together = compare_groups(groups), compare_groups(pairs, "signed-rank")
    monkeypatch.setattr("noisette.analysis.statistics._differences.FEW", 10)
    for held, bisected in zip(together, (compare_groups(groups), compare_groups(pairs, "signed-rank")), strict=True):
        assert float(held.difference) == pytest.approx(float(bisected.difference), rel=1e-12)
        np.testing.assert_allclose(held.difference_interval, bisected.difference_interval, rtol=1e-12)


def test_newcombes_interval():
    # θ = 1 with 10 in each group: (1 − θ)² = z² θ(1 − θ)[1 + 9((1 − θ)/(2 − θ) + θ/(1 + θ))]/100 at the lower bound
    low, high = compare_groups(two(np.arange(10), np.arange(10, 20))).superiority_interval.values
    z2 = scipy.stats.norm.ppf(0.975) ** 2
    assert (1 - low) * 100 == pytest.approx(z2 * low * (1 + 9 * ((1 - low) / (2 - low) + low / (1 + low))))
    assert high == 1
    # without any effect it is symmetric
    low, high = compare_groups(two([1, 4], [2, 3])).superiority_interval.values
    assert low + high == pytest.approx(1)


def test_intervals_cover_what_they_should():
    # two normal groups of 12 and 15, one standard deviation apart: δ = 2Φ(1/√2) − 1 = 0.5205, difference 1.
    # 250 draws of 95 % intervals: 237.5 ± 3.4 cover; below 221 or above 249 once in 10⁵ for an interval that is right
    truth, rng, covered = 2 * scipy.stats.norm.cdf(2**-0.5) - 1, np.random.default_rng(7), np.zeros(2, int)
    for _ in range(250):
        found = compare_groups(two(rng.standard_normal(12), rng.standard_normal(15) + 1))
        for index, (name, value) in enumerate({"effect": truth, "difference": 1.0}.items()):
            low, high = found[f"{name}_interval"].values
            covered[index] += low <= value <= high
    assert (covered >= 221).all()
    assert (covered <= 249).all()


# --- pairs ------------------------------------------------------------------------------------------------------


def test_pairs_by_hand():
    # differences 1, 2, 3, −4 … all signs of four ranks: 16 ways; T⁺ = 6, E = 5: as far away or farther are all but 2
    found = compare_groups(two([0, 0, 0, 4], [1, 2, 3, 0]), "signed-rank")
    assert float(found.statistic) == 6
    assert float(found.p) == pytest.approx(14 / 16)
    assert float(found.effect) == pytest.approx((6 - 4) / 10)
    # ten means of pairs of 1, 2, 3, −4: −4, −1.5, −1, −.5, 1, 1.5, 2, 2, 2.5, 3
    assert float(found.difference) == pytest.approx(1.25)


def test_equal_pairs_do_not_count():
    found = compare_groups(two([0, 0, 0, 4, 7], [1, 2, 3, 0, 7]), "signed-rank")
    assert int(found.zeros) == 1
    assert float(found.p) == pytest.approx(14 / 16)


@pytest.mark.parametrize("n", [12, 120])
def test_signed_rank_against_scipy(n):
    groups = normal(n, n, seed=2)
    groups["group 1"] = groups["group 1"] - 0.8
    differences = groups["group 1"] - groups["group 0"]
    found = compare_groups(groups, "signed-rank")
    other = scipy.stats.wilcoxon(differences, correction=True, method="auto" if n < 50 else "approx")
    assert float(found.p) == pytest.approx(other.pvalue, rel=1e-9)
    assert min(float(found.statistic), n * (n + 1) / 2 - float(found.statistic)) == pytest.approx(other.statistic)


def test_pairs_find_what_groups_cannot():
    start = np.arange(20.0) * 10
    groups = two(start, start + 1 + 0.01 * np.arange(20))
    assert float(compare_groups(groups).p) > 0.7
    found = compare_groups(groups, "signed-rank")
    assert float(found.p) == pytest.approx(2 * 2.0**-20)
    assert float(found.effect) == 1
    low, high = found.effect_interval.values
    assert 0.4 < low < 1
    assert high == 1


def test_intervals_of_pairs_cover_what_they_should():
    # normal differences of mean ½, 15 pairs. What r estimates: E T⁺ = n p₁ + n(n − 1)/2 p₂ with p₁ = Φ(½), p₂ = Φ(½√2).
    # 250 draws: below 221 once in 10⁵ for 95 %; Wilson's construction may cover more
    n, rng, covered = 15, np.random.default_rng(8), np.zeros(2, int)
    p1, p2 = scipy.stats.norm.cdf([0.5, 0.5 * 2**0.5])
    truth = 2 * (n * p1 + n * (n - 1) / 2 * p2) / (n * (n + 1) / 2) - 1
    for _ in range(250):
        found = compare_groups(two(np.zeros(n), rng.standard_normal(n) + 0.5), "signed-rank")
        for index, (name, value) in enumerate({"effect": truth, "difference": 0.5}.items()):
            low, high = found[f"{name}_interval"].values
            covered[index] += low <= value <= high
    assert (covered >= 221).all()


# --- several groups ---------------------------------------------------------------------------------------------


def test_dunn_of_the_irises():
    # numbers of scikit-posthocs' own tests, from R: 2.047e-14, 1.537e-7, 0.01581
    found = dunn(IRIS)
    assert list(zip(found.first.values, found.second.values, strict=True)) == [
        ("setosa", "versicolor"),
        ("setosa", "virginica"),
        ("versicolor", "virginica"),
    ]
    np.testing.assert_allclose(found.p, [2.047e-14, 1.537e-7, 0.01581], rtol=3e-4)
    assert np.sign(found.z).values.tolist() == [-1, -1, 1]  # setosa has the widest


@pytest.mark.parametrize("adjust", ["none", "holm", "bonferroni", "fdr_bh", "sidak"])
def test_dunn_against_scikit_posthocs(adjust):
    library = pytest.importorskip("scikit_posthocs")
    table = library.posthoc_dunn(list(IRIS.values()), p_adjust=None if adjust == "none" else adjust).to_numpy()
    np.testing.assert_allclose(dunn(IRIS, adjust).p, table[np.triu_indices(3, 1)], rtol=1e-10)


def test_other_corrections_name_their_extra(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    monkeypatch.setattr("noisette.imports.import_module", missing)
    assert dunn(IRIS).sizes["pair"] == 3  # Holm's needs nothing
    with pytest.raises(InputError, match=r"scikit_posthocs is not installed.*noisette\[stats\]"):
        dunn(IRIS, "fdr_bh")


@pytest.mark.parametrize("ties", [False, True])
def test_kruskal_against_scipy(ties):
    groups = normal(8, 11, 9)
    if ties:
        groups = {name: np.round(group) for name, group in groups.items()}
    found = compare_groups(groups)
    other = scipy.stats.kruskal(*groups.values())
    assert float(found.statistic) == pytest.approx(other.statistic, rel=1e-12)
    assert float(found.p) == pytest.approx(other.pvalue, rel=1e-10)
    assert float(found.effect) == pytest.approx(other.statistic / 27)
    assert found.attrs["test"].startswith("Kruskal–Wallis")


def test_pairs_of_several_groups_are_those_of_two():
    groups = normal(8, 11, 9)
    found = compare_groups(groups, confidence=0.9)
    np.testing.assert_array_equal(found.pair_p, dunn(groups).p)
    alone = compare_groups({name: groups[name] for name in ("group 0", "group 2")}, confidence=0.9)
    which = found.isel(pair=1)
    assert (str(which["first"].item()), str(which["second"].item())) == ("group 0", "group 2")
    for name in ("effect", "effect_interval", "difference", "difference_interval"):
        np.testing.assert_array_equal(which[f"pair_{name}"], alone[name])
    # two equal groups among others differ by nothing
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
    # one value in each group says nothing
    assert compare_groups({"a": [1.0], "b": [2.0], "c": [3.0]}).effect_interval.values.tolist() == [0, 1]


@pytest.mark.parametrize("number", [2, 3, 7])
def test_kruskal_of_one_value_in_each_group(number):
    """All variance of ranks lies between the groups: ε² = 1 and H = N − 1."""
    found = compare_groups({str(n): [float(n)] for n in range(number)}, test="kruskal-wallis")
    assert float(found.effect) == pytest.approx(1.0)
    assert float(found.statistic) == pytest.approx(number - 1.0)
    assert found.effect_interval.values.tolist() == [0.0, 1.0]


@given(st.lists(WHOLE, min_size=3, max_size=4))
def test_kruskal_does_not_care_about_order_or_scale(rows):
    if len({value for row in rows for value in row}) == 1:
        return
    before = compare_groups(dict(enumerate(rows)), resamples=100)
    after = compare_groups(
        {str(i): [v**3 for v in row[::-1]] for i, row in reversed(list(enumerate(rows)))}, resamples=100
    )
    for name in ("statistic", "p"):
        assert float(before[name]) == pytest.approx(float(after[name]), rel=1e-9, abs=1e-12)
    assert 0 <= float(before.effect) <= 1 + 1e-12


def test_the_bootstrap_has_its_key():
    groups = normal(8, 11, 9)
    one, again = (compare_groups(groups, key=jax.random.key(1)).effect_interval.values for _ in range(2))
    other = compare_groups(groups, key=jax.random.key(2)).effect_interval.values
    np.testing.assert_array_equal(one, again)
    assert 0 < np.abs(one - other).max() < 0.05
    assert one[0] < float(compare_groups(groups).effect) < one[1]


def test_intervals_of_the_explained_share_cover_what_they_should():
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


# --- counts -----------------------------------------------------------------------------------------------------


def test_fishers_tea():
    # the lady finds three of four: 17 of 70 tables are as extreme or more on her side, 34 on both; Fisher (1935)
    found = compare_counts({"milk second": (1, 4), "milk first": (3, 4)})
    assert float(found.p) == pytest.approx(34 / 70)
    # given the margins, k of the four are found with weight C(4, k)² ψ^k: the most likely ψ makes 3 the mean; at the
    # bounds 3 or more, and 3 or fewer, have 2.5 %
    weights = np.array([1, 16, 36, 16, 1])

    def chances(odds):
        return weights * odds ** np.arange(5) / (weights * odds ** np.arange(5)).sum()

    low, high = found.odds_ratio_interval.values
    assert chances(float(found.odds_ratio)) @ np.arange(5) == pytest.approx(3, rel=1e-5)
    assert chances(low)[3:].sum() == pytest.approx(0.025, rel=1e-6)
    assert chances(high)[:4].sum() == pytest.approx(0.025, rel=1e-6)


def test_trained_networks():
    # all of 14 against 14 of 29: P of this table and of those no more likely is 0.0006
    found = compare_counts({"C = 0": (14, 29), "C = 10": (14, 14)})
    table = [[14, 0], [14, 15]]
    assert float(found.p) == pytest.approx(scipy.stats.fisher_exact(table)[1])
    assert np.isinf(found.odds_ratio)
    assert found.share.values.tolist() == [14 / 29, 1.0]
    low, high = found.difference_interval.values
    assert 0 < low < float(found.difference) < high < 1


def test_wilsons_and_newcombes_intervals():
    # Newcombe (1998), Statistics in Medicine 17:873, table II: 56/70 − 48/80 = 0.2, method 10: 0.0524 … 0.3339
    found = compare_counts({"b": (48, 80), "a": (56, 70)})
    np.testing.assert_allclose(found.difference_interval, [0.0524, 0.3339], atol=5e-5)
    # same, (c): 10/10 − 0/10: 0.6075 … 1.0000
    found = compare_counts({"b": (0, 10), "a": (10, 10)})
    np.testing.assert_allclose(found.difference_interval, [0.6075, 1.0], atol=5e-5)


def test_counts_that_decide_nothing():
    found = compare_counts({"a": (5, 5), "b": (7, 7)})
    assert float(found.p) == 1
    assert np.isnan(found.odds_ratio)
    assert found.odds_ratio_interval.values.tolist() == [0, np.inf]


@given(st.integers(0, 12), st.integers(1, 12), st.integers(0, 12), st.integers(1, 12))
def test_the_other_way_round_the_odds_are_inverted(s1, n1, s2, n2):
    counts = {"a": (min(s1, n1), n1), "b": (min(s2, n2), n2)}
    one = compare_counts(counts)
    other = compare_counts({"b": counts["b"], "a": counts["a"]})
    assert float(one.p) == pytest.approx(float(other.p))
    np.testing.assert_allclose(one.difference_interval, -other.difference_interval.values[::-1], atol=1e-12)
    if np.isfinite(one.odds_ratio) and one.odds_ratio > 0:
        assert float(one.odds_ratio) == pytest.approx(1 / float(other.odds_ratio), rel=1e-6)


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
    found = describe({"a": [1.0, 2.0, 3.0, 4.0], "b": [7.0]})
    assert found.n.values.tolist() == [4, 1]
    np.testing.assert_allclose(found["mean"], [2.5, 7])
    np.testing.assert_allclose(found.sd, [np.sqrt(5 / 3), np.nan])
    np.testing.assert_allclose(found["median"], [2.5, 7])
    np.testing.assert_allclose(found.lower_quartile, [1.75, 7])
    np.testing.assert_allclose(found.upper_quartile, [3.25, 7])


def test_networks_are_what_is_counted():
    tau = xr.DataArray([[20.0, 40.0, 120.0], [60.0, 80.0, 100.0]], dims=["network", "unit"], coords={"network": [3, 8]})
    inhibitory = np.array([[False, False, True], [False, True, True]])
    means = per_network(tau, inhibitory)
    assert means.values.tolist() == [120, 90]
    assert means.network.values.tolist() == [3, 8]
    xr.testing.assert_identical(per_network(tau.T, xr.DataArray(inhibitory.T, dims=["unit", "network"])), means)
    # networks of different sizes are rows of their own
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


def test_pooled_units_make_p_too_small():
    # 20 networks of 50 units that share what makes their network differ, and no difference between groups:
    # the share of p < 0.05 is 5 % per network (at most 12 of 60 but once in 10⁴) and most of all when pooled
    rng, alarms = np.random.default_rng(5), np.zeros(2, int)
    for _ in range(60):
        groups = [rng.standard_normal((10, 1)) + 0.3 * rng.standard_normal((10, 50)) for _ in range(2)]
        for index, pooled in enumerate((False, True)):
            named = {str(i): per_network(group, pooled=pooled) for i, group in enumerate(groups)}
            alarms[index] += float(compare_groups(named).p) < 0.05
    assert alarms[0] <= 12
    assert alarms[1] >= 30


def test_results_can_be_saved(tmp_path):
    for index, found in enumerate(
        [compare_groups(normal(5, 6)), compare_groups(normal(5, 6, 7)), compare_counts({"a": (1, 4), "b": (3, 4)})]
    ):
        path = tmp_path / f"{index}.nc"
        found.to_netcdf(path, engine="h5netcdf")
        with xr.open_dataset(path, engine="h5netcdf") as read:
            xr.testing.assert_allclose(read, found)
            assert read.attrs["test"] == found.attrs["test"]
            assert json.loads(read.attrs["configuration"])["confidence"] == 0.95


# --- bad input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "test", "said"),
    [
        ({"a": [1.0, 2.0]}, None, "1 groups; at least 2"),
        ({"a": [1.0], "b": []}, None, "group 'b' is empty"),
        ({"a": [1.0, np.nan, np.inf], "b": [1.0]}, None, "2 of 3 values of group 'a' are NaN or infinite"),
        ({"a": [2.0, 2.0], "b": [2.0]}, None, "all 3 values are 2"),
        ({"a": [2.0, 2.0], "b": [2.0], "c": [2.0]}, None, "all 4 values are 2"),
        ({"a": [1.0, 2.0], "b": [1.0, 2.0]}, "signed-rank", "all 2 pairs are equal"),
        ({"a": [1.0, 2.0], "b": [1.0]}, "signed-rank", "2 and 1 values; pairs"),
        ({"a": [1.0], "b": [2.0], "c": [3.0]}, "rank-sum", "3 groups; two for the rank-sum test"),
        ({"a": [1.0], "b": [2.0]}, "t", "test 't'; one of rank-sum, signed-rank, kruskal-wallis"),
        ({"a": [[1.0]], "b": [2.0]}, None, "shape .1, 1.; a row of numbers; reduce with per_network"),
        ({"a": ["x"], "b": [2.0]}, None, "group 'a' of text"),
        ({1: [1.0], "1": [2.0]}, None, "two groups called '1'"),
    ],
)
def test_bad_groups_are_named(values, test, said):
    with pytest.raises(InputError, match=said):
        compare_groups(values, test)


def test_other_bad_input_is_named():
    with pytest.raises(InputError, match="confidence 1"):
        compare_groups(normal(3, 3), confidence=1)
    with pytest.raises(InputError, match="10 resamples"):
        compare_groups(normal(3, 3, 3), resamples=10)
    with pytest.raises(InputError, match="adjust 'turkey'"):
        dunn(normal(3, 3), "turkey")
    with pytest.raises(InputError, match="all 4 values"):
        dunn({"a": [1.0, 1.0], "b": [1.0, 1.0]})
    with pytest.raises(InputError, match="no probability"):
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
    assert per_network([[1.0, np.nan]], [[True, False]]).values.tolist() == [1]  # what is masked may be anything
    with pytest.raises(InputError, match="no network"):
        per_network([])


def of_one_seed(rows, seed=3, networks=None):
    """Return groups of networks that were drawn from one seed."""
    numbers = [range(len(row)) for row in rows] if networks is None else networks
    return {
        f"C = {i}": xr.DataArray(np.asarray(row, float), {"network": list(n)}, ["network"], attrs={"seed": seed})
        for i, (row, n) in enumerate(zip(rows, numbers, strict=True))
    }


def test_friedmans_test_is_that_of_scipy_with_and_without_ties():
    rng = np.random.default_rng(0)
    for table in (rng.normal(size=(9, 4)), rng.integers(0, 3, (12, 3)).astype(float)):
        found = compare_groups(dict(zip("abcd", table.T, strict=False)), paired=True)
        other = scipy.stats.friedmanchisquare(*table.T)
        assert float(found.statistic) == pytest.approx(other.statistic, rel=1e-12)
        assert float(found.p) == pytest.approx(other.pvalue, rel=1e-9)
        n, k = table.shape
        assert float(found.effect) == pytest.approx(other.statistic / (n * (k - 1)))  # Kendall's W
        assert found.sizes["pair"] == k * (k - 1) // 2
        np.testing.assert_array_equal(found.pair_p, holm(found.pair_p_raw))


def test_pairs_of_friedmans_test_are_signed_rank_tests():
    rng = np.random.default_rng(1)
    groups = {name: rng.normal(size=11) + shift for name, shift in zip("abc", (0, 0.2, 1), strict=True)}
    found = compare_groups(groups, paired=True)
    assert found.attrs["test"].startswith("Friedman")
    for number, (first, second) in enumerate((("a", "b"), ("a", "c"), ("b", "c"))):
        alone = compare_groups({first: groups[first], second: groups[second]}, paired=True)
        row = found.isel(pair=number)
        assert (row["first"].item(), row["second"].item()) == (first, second)
        assert float(row.pair_p_raw) == float(alone.p)
        assert float(row.pair_effect) == float(alone.effect)
        assert float(row.pair_difference) == float(alone.difference)


def test_groups_of_one_seed_are_pairs_matched_by_the_number_of_the_network():
    rng = np.random.default_rng(2)
    shared = 10 * rng.normal(size=12)
    values = of_one_seed([shared, shared + 1 + 0.1 * rng.normal(size=12)])
    found = compare_groups(values)
    assert found.attrs["test"].startswith("Wilcoxon signed-rank")
    assert (found.attrs["paired"], found.attrs["left_out"]) == (1, 0)
    assert float(found.p) == pytest.approx(2 * 0.5**12)  # all twelve rise
    assert float(compare_groups(values, paired=False).p) > 0.3  # what the same numbers give as independent groups
    # networks that failed in one group are left out with their partners, whatever the order
    first, second = values.values()
    some = {"C = 0": first.isel(network=slice(None, None, -1)), "C = 1": second.isel(network=slice(3, None))}
    again = compare_groups(some)
    assert (again.attrs["n"], again.attrs["left_out"]) == (18, 3)
    assert float(again.p) == pytest.approx(2 * 0.5**9)
    # other seeds, or numbers that carry none, are independent
    other = {"C = 0": first, "C = 1": second.assign_attrs(seed=4)}
    assert compare_groups(other).attrs["paired"] == 0
    assert compare_groups({name: v.values for name, v in values.items()}).attrs["paired"] == 0
    assert compare_groups(of_one_seed([shared, shared + 1, shared + 2])).attrs["test"].startswith("Friedman")


def test_pairs_hold_their_level_and_see_what_independent_groups_hide():
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


def test_what_cannot_be_paired_is_refused():
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


def test_log_rank_and_kaplan_meier_by_hand():
    """Events at 1, 2, 4 and at 3, one censored at 4: O − E and V summed by hand over the three risk sets."""
    found = compare_times({"a": [1, 2, 4], "b": [3, 4]}, {"a": [True] * 3, "b": [True, False]})
    # t = 1: 5 at risk, 2 in b; t = 2: 4, 2; t = 3: 3, 2; t = 4: 2, 1
    expected = 2 / 5 + 2 / 4 + 2 / 3 + 1 / 2
    variance = 6 / 25 + 4 / 16 + 2 / 9 + 1 / 4
    z = (1 - expected) / variance**0.5
    assert float(found.z[0]) == pytest.approx(z)
    assert float(found.p[0]) == pytest.approx(2 * scipy.stats.norm.sf(abs(z)))
    assert found["median"].values.tolist() == [2, 3]
    assert found.events.values.tolist() == [3, 1]


def test_log_rank_tests_of_several_groups_are_corrected_and_hold_their_level():
    """300 draws of three equal exponential groups, half censored: false alarms below .05 + 3 standard errors, .088."""
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(300):
        times = {name: rng.exponential(size=15) for name in "abc"}
        limit = {name: np.minimum(row, 0.7) for name, row in times.items()}
        found = compare_times(limit, {name: row < 0.7 for name, row in times.items()})
        np.testing.assert_allclose(found.p, holm(found.p_raw))
        alarms += bool((found.p < 0.05).any())
    assert alarms / 300 < 0.088


def test_times_that_cannot_be_compared_are_refused():
    few = {"a": [1.0, 2.0], "b": [1.0, 3.0]}
    for times, reached, message in (
        ({"a": [1.0]}, {"a": [True]}, "1 groups; at least two"),
        (few, {"a": [True, True], "c": [True, True]}, "the same groups"),
        (few, {"a": [False] * 2, "b": [False] * 2}, "no event in any group"),
        (few, {"a": [True], "b": [True, True]}, "1 events of 2 times in group 'a'"),
        (few | {"b": [1.0, np.nan]}, {"a": [True] * 2, "b": [True] * 2}, "group 'b' that are negative or not finite"),
    ):
        with pytest.raises(InputError, match=message):
            compare_times(times, reached)
