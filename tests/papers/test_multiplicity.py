"""The number of significance tests under each table: in words, in the report and in the JSON of a figure."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure as Drawn

from noisette.errors import InputError
from noisette.papers import Figure, Paper, multiplicity, reproduce, write_report
from noisette.studies import Claim, Study, compare, deviation_test, holds

CLAIM = Claim("it rises", "P < .001", "p = .01", "reproduced", "", p=0.01, level=0.05)
PLAIN = Claim("it is stable", "stable", "stable", "reproduced", "computed")


def test_tests_are_counted_and_corrected():
    """Of p = .01, .02 … at .05, Holm's procedure rejects those below .05/m, .05/(m − 1) … in turn."""
    p = [0.001, 0.02, 0.04, 0.6]
    claims = [replace(CLAIM, statement=f"claim {i}", p=value) for i, value in enumerate(p)]
    counts = multiplicity([*claims, PLAIN])
    assert (counts.tests, counts.significant, counts.after_holm) == (4, 3, 1)
    assert counts.by_chance == pytest.approx(0.2)
    assert counts.lost == ("claim 1", "claim 2")
    text = counts.sentence()
    assert text.startswith("4 claims rest on significance tests at level 0.05")
    assert "about 0.2 of them would be significant by chance" in text
    assert "3 are significant, 1 of them also after correction of p" in text
    assert text.endswith("only without the correction: claim 1; claim 2.")
    assert (
        multiplicity([replace(CLAIM, p=0.3)])
        .sentence()
        .endswith("would be significant by chance. None is significant.")
    )
    assert multiplicity([PLAIN]).sentence() == "No claim rests on a significance test."


def test_chance_alone_gives_the_stated_number_of_significant_tests():
    """2,000 uniform p at .05: 100 ± 9.7 expected, within 4 standard errors; Holm rejects none (5 % risk)."""
    rng = np.random.default_rng(1)
    counts = multiplicity(replace(CLAIM, p=float(value)) for value in rng.random(2000))
    assert counts.by_chance == pytest.approx(100)
    assert abs(counts.significant - counts.by_chance) < 4 * 9.75
    assert counts.after_holm == 0


def test_a_number_within_its_error_is_a_significance_test():
    close = compare("λ", 1.0, 1.1, 0.0, error=0.1, agrees="", differs="")
    assert close.p == pytest.approx(0.3173, abs=1e-4)
    assert close.level == pytest.approx(0.0455, abs=1e-4)
    assert (close.p < close.level) == (close.verdict == "differs")
    far = compare("λ", 1.0, 1.3, 0.05, error=0.1, agrees="", differs="")
    assert far.verdict == "differs"
    assert far.p < far.level
    assert compare("λ", 1.0, 1.1, 0.2, agrees="", differs="").level is None  # exact: no test


def test_the_largest_of_many_deviations_has_its_own_p():
    rng = np.random.default_rng(0)
    largest = np.abs(rng.normal(size=(20_000, 30))).max(1)
    for z in (2.0, 3.0):  # shares of 20,000 draws: standard error at most .0035
        assert deviation_test(z, number=30)["p"] == pytest.approx((largest >= z).mean(), abs=0.012)
    assert deviation_test(30.0)["p"] < 1e-100
    assert holds("", "", "", True, why="", why_not="", **deviation_test(1.0, 4.0, 10)).level == pytest.approx(
        6.3e-4, 0.01
    )
    assert deviation_test(np.nan) == {}
    with pytest.raises(InputError, match="largest of 1 deviations -1"):
        deviation_test(-1.0)


@pytest.mark.parametrize("wrong", [{"p": 0.1}, {"level": 0.05}, {"p": 1.1, "level": 0.05}, {"p": 0.1, "level": 1.0}])
def test_a_claim_has_p_and_level_or_neither(wrong):
    with pytest.raises(InputError, match="two numbers from 0 to 1, or neither"):
        Claim("", "", "", "reproduced", "", **wrong)


def test_the_number_of_tests_is_given_under_the_table_of_a_figure(tmp_path):
    figure = Figure(
        "one",
        "A figure",
        lambda scale, seed: Study("one", lambda x: xr.Dataset({"y": x}), {"x": [1]}),
        lambda data: Drawn(),
        lambda data: [CLAIM, replace(CLAIM, p=0.5), PLAIN],
    )
    paper = Paper("some-paper", "Title", "Reference", (figure,))
    reproduce(paper, figure, tmp_path)
    saved = json.loads((tmp_path / "one.json").read_text())
    assert [(claim["p"], claim["level"]) for claim in saved["claims"]] == [(0.01, 0.05), (0.5, 0.05), (None, None)]
    assert (saved["tests"]["tests"], saved["tests"]["significant"], saved["tests"]["after_holm"]) == (2, 1, 1)
    assert saved["tests"]["by_chance"] == pytest.approx(0.1)
    assert saved["tests"]["sentence"] in write_report(paper, tmp_path).read_text()
