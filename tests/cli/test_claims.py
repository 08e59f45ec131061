"""Claims at the terminal: one line each, and in full with --verbose."""

import pytest

from noisette.cli._claims import claim_lines, shortened
from noisette.papers import Figure, Outcome
from noisette.studies import Claim, Study, count_verdicts

LONG = "the information of successive states rises with the noise and falls again, for each of the three networks"
TITLE = "Resonance in a network of five units with self-couplings only"
FIGURE = Figure("fig2a", TITLE, lambda *_: Study("none", abs, {"x": [1]}), lambda data: None, lambda data: [])
CLAIMS = [
    Claim(LONG, "about 4 bits", "4.03", "reproduced", "because of the noise " * 10, error=0.012),
    Claim("I at r = 4", "≈ 4.5", "4.47", "differs", "rounding"),
    Claim("memory falls", "falls from 5.1 to 2.6", "5.1 to 2.6", "depends on the input", "sines are easy"),
    Claim("no effect", "none", "none", "not reproduced", ""),
]
OUTCOMES = [Outcome(FIGURE, CLAIMS), Outcome(FIGURE, [], failed="it failed")]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_each_claim_is_one_line_that_fits(columns):
    header, figure, *lines = claim_lines(OUTCOMES, verbose=False, columns=columns)
    assert header.split() == ["verdict", "claim", "paper", "ours", "±", "s.e."]
    assert figure.startswith("fig2a: Resonance")
    assert len(lines) == len(CLAIMS)
    assert max(map(len, [header, figure, *lines])) <= columns
    assert lines[0].startswith("reproduced      the information o")
    assert "…" in lines[0]
    assert "4.03 ± 0.01" in lines[0] or columns < 80
    assert [line[:14].strip() for line in lines] == ["reproduced", "differs", "depends", "not reproduced"]


def test_output_that_is_not_a_terminal_has_80_columns(capsys):
    assert max(len(line) for line in claim_lines(OUTCOMES, verbose=False)) <= 80


def test_verbose_shows_everything():
    text = " ".join(" ".join(claim_lines(OUTCOMES, verbose=True)).split())
    for claim in CLAIMS:
        for part in (claim.statement, claim.paper, claim.value, claim.verdict, claim.reason):
            assert part.strip() in text
    assert "…" not in text


def test_nothing_is_printed_without_claims():
    assert list(claim_lines(OUTCOMES[1:], verbose=False)) == []


def test_short_texts_are_not_cut():
    assert shortened("12345", 5) == "12345"
    assert shortened("123456", 5) == "1234…"


def test_one_differs_and_two_differ():
    assert count_verdicts(CLAIMS[1:2]) == "1 differs"
    assert count_verdicts([CLAIMS[1]] * 5) == "5 differ"
