"""Two groups, pairs and counts: rank tests, effect sizes and their intervals."""

import itertools

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from noisette.analysis.statistics import (
    compare_counts,
    compare_groups,
)

WHOLE = st.lists(st.integers(-20, 20), min_size=1, max_size=9)


def two(first, second):
    return {"first": np.asarray(first, float), "second": np.asarray(second, float)}


def normal(*sizes, seed=0):
    """Return groups of normal numbers, each shifted by one relative to the previous one."""
    rng = np.random.default_rng(seed)
    return {f"group {i}": rng.standard_normal(size) + i for i, size in enumerate(sizes)}


# --- two groups -------------------------------------------------------------------------------------------------


def test_three_against_three_by_hand():
    # of the 20 ways to deal out six ranks, one is as extreme as this and one as extreme the other way
    result = compare_groups(two([1, 2, 3], [4, 5, 6]))
    assert float(result.statistic) == 9
    assert float(result.p) == pytest.approx(2 / 20)
    assert float(result.effect) == float(result.superiority) == 1
    assert float(result.difference) == 3
    # nine ordered differences cannot bound the median with 95 % confidence, but with 90 % all of them do
    assert result.difference_interval.values.tolist() == [-np.inf, np.inf]
    assert compare_groups(two([1, 2, 3], [4, 5, 6]), confidence=0.9).difference_interval.values.tolist() == [1, 5]
    assert result.attrs["method"] == "exact"
    assert result.attrs["n"] == 6


def test_a_table_of_critical_values():
    # 8 against 8: P(U ≤ 13) = 0.0249 one-sided, P(U ≤ 14) = 0.0325, from the tables; so 14 differences are cut at 95 %
    result = compare_groups(two(np.arange(8), np.arange(8) + 0.5))
    differences = np.sort(np.subtract.outer(np.arange(8) + 0.5, np.arange(8)).ravel())
    assert result.difference_interval.values.tolist() == [differences[13], differences[-14]]


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
    result = compare_groups(groups)
    exact = m + n <= 100
    first, second = groups.values()
    exchanged = scipy.stats.mannwhitneyu(second, first, method="exact" if exact else "asymptotic")
    assert result.attrs["method"] == ("exact" if exact else "asymptotic")
    assert float(result.statistic) == exchanged.statistic
    assert float(result.p) == pytest.approx(exchanged.pvalue, rel=1e-9, abs=0)
    assert float(result.superiority) == pytest.approx(exchanged.statistic / (m * n))


def test_ties_in_large_groups_against_scipy():
    rng = np.random.default_rng(1)
    groups = two(rng.integers(0, 10, 80), rng.integers(1, 11, 70))
    exchanged = scipy.stats.mannwhitneyu(groups["second"], groups["first"], method="asymptotic")
    assert float(compare_groups(groups).p) == pytest.approx(exchanged.pvalue, rel=1e-9, abs=0)


@given(WHOLE, WHOLE, st.randoms(use_true_random=False))
def test_ranks_are_invariant_to_order_and_scale(first, second, random):
    if len(set(first + second)) == 1:
        return
    before = compare_groups(two(first, second))
    # cubing is strictly increasing and maps integers to integers
    shuffled = two(np.array(random.sample(first, len(first))) ** 3.0, np.array(second) ** 3.0)
    after = compare_groups(shuffled)
    for name in ("statistic", "p", "effect", "effect_interval", "superiority"):
        np.testing.assert_array_equal(before[name], after[name])
    # exchanging the groups changes the sign
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


def test_quantiles_of_very_many_differences_are_found_by_bisection(monkeypatch):
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
    # without an effect it is symmetric
    low, high = compare_groups(two([1, 4], [2, 3])).superiority_interval.values
    assert low + high == pytest.approx(1)


@pytest.mark.slow
def test_intervals_have_their_nominal_coverage():
    # two normal groups of 12 and 15, one standard deviation apart: δ = 2Φ(1/√2) − 1 = 0.5205, difference 1.
    # 250 draws of 95 % intervals: 237.5 ± 3.4 cover; below 221 or above 249 once in 10⁵ for an interval that is right
    truth, rng, covered = 2 * scipy.stats.norm.cdf(2**-0.5) - 1, np.random.default_rng(7), np.zeros(2, int)
    for _ in range(250):
        result = compare_groups(two(rng.standard_normal(12), rng.standard_normal(15) + 1))
        for index, (name, value) in enumerate({"effect": truth, "difference": 1.0}.items()):
            low, high = result[f"{name}_interval"].values
            covered[index] += low <= value <= high
    assert (covered >= 221).all()
    assert (covered <= 249).all()


# --- pairs ------------------------------------------------------------------------------------------------------


def test_pairs_by_hand():
    # differences 1, 2, 3, −4 … all signs of four ranks: 16 ways; T⁺ = 6, E = 5: as far away or farther are all but 2
    result = compare_groups(two([0, 0, 0, 4], [1, 2, 3, 0]), "signed-rank")
    assert float(result.statistic) == 6
    assert float(result.p) == pytest.approx(14 / 16)
    assert float(result.effect) == pytest.approx((6 - 4) / 10)
    # ten means of pairs of 1, 2, 3, −4: −4, −1.5, −1, −.5, 1, 1.5, 2, 2, 2.5, 3
    assert float(result.difference) == pytest.approx(1.25)


def test_equal_pairs_do_not_count():
    result = compare_groups(two([0, 0, 0, 4, 7], [1, 2, 3, 0, 7]), "signed-rank")
    assert int(result.zeros) == 1
    assert float(result.p) == pytest.approx(14 / 16)


@pytest.mark.parametrize("n", [12, 120])
def test_signed_rank_against_scipy(n):
    groups = normal(n, n, seed=2)
    groups["group 1"] = groups["group 1"] - 0.8
    differences = groups["group 1"] - groups["group 0"]
    result = compare_groups(groups, "signed-rank")
    exchanged = scipy.stats.wilcoxon(differences, correction=True, method="auto" if n < 50 else "approx")
    assert float(result.p) == pytest.approx(exchanged.pvalue, rel=1e-9, abs=0)
    assert min(float(result.statistic), n * (n + 1) / 2 - float(result.statistic)) == pytest.approx(exchanged.statistic)


def test_paired_tests_detect_effects_that_independent_tests_miss():
    start = np.arange(20.0) * 10
    groups = two(start, start + 1 + 0.01 * np.arange(20))
    assert float(compare_groups(groups).p) > 0.7
    result = compare_groups(groups, "signed-rank")
    assert float(result.p) == pytest.approx(2 * 2.0**-20, rel=1e-9, abs=0)
    assert float(result.effect) == 1
    low, high = result.effect_interval.values
    assert 0.4 < low < 1
    assert high == 1


@pytest.mark.slow
def test_intervals_of_pairs_have_their_nominal_coverage():
    # normal differences of mean ½, 15 pairs. What r estimates: E T⁺ = n p₁ + n(n − 1)/2 p₂ with p₁ = Φ(½), p₂ = Φ(½√2).
    # 250 draws: below 221 once in 10⁵ for 95 %; Wilson's construction may cover more
    n, rng, covered = 15, np.random.default_rng(8), np.zeros(2, int)
    p1, p2 = scipy.stats.norm.cdf([0.5, 0.5 * 2**0.5])
    truth = 2 * (n * p1 + n * (n - 1) / 2 * p2) / (n * (n + 1) / 2) - 1
    for _ in range(250):
        result = compare_groups(two(np.zeros(n), rng.standard_normal(n) + 0.5), "signed-rank")
        for index, (name, value) in enumerate({"effect": truth, "difference": 0.5}.items()):
            low, high = result[f"{name}_interval"].values
            covered[index] += low <= value <= high
    assert (covered >= 221).all()


# --- counts -----------------------------------------------------------------------------------------------------


def test_fishers_tea_tasting_experiment():
    # the lady finds three of four: 17 of 70 tables are as extreme or more on her side, 34 on both; Fisher (1935)
    result = compare_counts({"milk second": (1, 4), "milk first": (3, 4)})
    assert float(result.p) == pytest.approx(34 / 70)
    # given the margins, k of the four are found with weight C(4, k)² ψ^k: the most likely ψ makes 3 the mean; at the
    # bounds 3 or more, and 3 or fewer, have 2.5 %
    weights = np.array([1, 16, 36, 16, 1])

    def chances(odds):
        return weights * odds ** np.arange(5) / (weights * odds ** np.arange(5)).sum()

    low, high = result.odds_ratio_interval.values
    assert chances(float(result.odds_ratio)) @ np.arange(5) == pytest.approx(3, rel=1e-5)
    assert chances(low)[3:].sum() == pytest.approx(0.025, rel=1e-6)
    assert chances(high)[:4].sum() == pytest.approx(0.025, rel=1e-6)


def test_trained_networks():
    # all of 14 against 14 of 29: P of this table and of those no more likely is 0.0006
    result = compare_counts({"C = 0": (14, 29), "C = 10": (14, 14)})
    table = [[14, 0], [14, 15]]
    assert float(result.p) == pytest.approx(scipy.stats.fisher_exact(table)[1])
    assert np.isinf(result.odds_ratio)
    assert result.share.values.tolist() == [14 / 29, 1.0]
    low, high = result.difference_interval.values
    assert 0 < low < float(result.difference) < high < 1


def test_wilsons_and_newcombes_intervals():
    # Newcombe (1998), Statistics in Medicine 17:873, table II: 56/70 − 48/80 = 0.2, method 10: 0.0524 … 0.3339
    result = compare_counts({"b": (48, 80), "a": (56, 70)})
    np.testing.assert_allclose(result.difference_interval, [0.0524, 0.3339], atol=5e-5)
    # same, (c): 10/10 − 0/10: 0.6075 … 1.0000
    result = compare_counts({"b": (0, 10), "a": (10, 10)})
    np.testing.assert_allclose(result.difference_interval, [0.6075, 1.0], atol=5e-5)


def test_counts_without_information():
    result = compare_counts({"a": (5, 5), "b": (7, 7)})
    assert float(result.p) == 1
    assert np.isnan(result.odds_ratio)
    assert result.odds_ratio_interval.values.tolist() == [0, np.inf]


@given(st.integers(0, 12), st.integers(1, 12), st.integers(0, 12), st.integers(1, 12))
def test_exchanging_the_groups_inverts_the_odds_ratio(s1, n1, s2, n2):
    counts = {"a": (min(s1, n1), n1), "b": (min(s2, n2), n2)}
    original = compare_counts(counts)
    exchanged = compare_counts({"b": counts["b"], "a": counts["a"]})
    assert float(original.p) == pytest.approx(float(exchanged.p))
    np.testing.assert_allclose(original.difference_interval, -exchanged.difference_interval.values[::-1], atol=1e-12)
    if np.isfinite(original.odds_ratio) and original.odds_ratio > 0:
        assert float(original.odds_ratio) == pytest.approx(1 / float(exchanged.odds_ratio), rel=1e-6)
