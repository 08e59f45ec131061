"""Damaged files in the folder of a reproduction are named and made again; a figure has one writer at a time."""

import pytest

from noisette.errors import InputError
from noisette.papers import Figure, Paper, reproduce, write_report
from noisette.plots import figure
from noisette.studies import Study, load

COUNT = []


def square(x):
    COUNT.append(x)
    return x**2


def plot(data):
    page = figure(1, 1)
    page.subplots().plot(data.x, data.value)
    return page


FIGURE = Figure("fig1", "Squares", lambda scale, seed: Study("squares", square, {"x": [1, 2]}), plot, lambda data: [])
PAPER = Paper("squares", "On squares", "Somebody (2026)", (FIGURE,))


def flipped(path, position):
    content = bytearray(path.read_bytes())
    content[position] ^= 0xFF
    path.write_bytes(bytes(content))


@pytest.mark.slow
def test_damaged_data_are_computed_again(tmp_path, capsys):
    COUNT.clear()
    reproduce(PAPER, FIGURE, tmp_path)
    assert reproduce(PAPER, FIGURE, tmp_path)[1]
    assert (sorted(COUNT), capsys.readouterr().err) == ([1, 2], "")
    for harm in (lambda path: path.write_bytes(path.read_bytes()[:1000]), lambda path: flipped(path, 2)):
        COUNT.clear()
        harm(tmp_path / "fig1.nc")
        assert not reproduce(PAPER, FIGURE, tmp_path)[1]
        message = capsys.readouterr().err
        assert message.count("\n") == 1
        assert "fig1.nc' cannot be read" in message
        assert "fig1 is computed again" in message
        assert sorted(COUNT) == [1, 2]  # tasks may run side by side
        assert load(tmp_path / "fig1.nc").value.values.tolist() == [1, 4]


def test_damaged_claims_are_named_in_the_report(tmp_path):
    reproduce(PAPER, FIGURE, tmp_path)
    for content in ('{"figure": "fig1"', "[]", "{}"):
        (tmp_path / "fig1.json").write_text(content)
        assert "fig1.json is damaged; reproduce fig1 again" in write_report(PAPER, tmp_path).read_text()


def test_a_figure_has_one_writer(tmp_path):
    def study(scale, seed):
        with pytest.raises(InputError, match=r"figure fig1 in the folder .* is in use by process"):
            reproduce(PAPER, FIGURE, tmp_path)
        return Study("squares", square, {"x": [1, 2]})

    outer = Figure("fig1", "Squares", study, plot, lambda data: [])
    reproduce(Paper("squares", "On squares", "Somebody (2026)", (outer,)), outer, tmp_path)
    assert not list(tmp_path.glob(".*"))
