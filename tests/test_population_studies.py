"""Study files about populations: the words of `noisette populations`, theory and drawn networks."""

import re

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.study_files import build_network, read_study

TEXT = """\
name = "two populations"

[network]
kind = "populations"
sizes = [40, 10]
mean = [[1.0, "{inhibition}"], [1.0, -1.5]]
variance = "1,2;1.5,2"
tau = [1.0, 0.5]
bias = 0.5
activation = ["tanh", "threshold:0.5"]
noise = "white:0.5"

[measure]
kind = "populations"

[grid]
inhibition = [-2.0, -1.0]
gain = [0.25, 0.5]
"""
WORD = '[network]\nkind = "populations"\nweights = "{word}"\n[measure]\nkind = "{measure}"\n[grid]\ngain = [0.5]\n'


@pytest.fixture
def study(tmp_path):
    def read(text):
        (tmp_path / "study.toml").write_text(text)
        return read_study(tmp_path / "study.toml")

    return read


def populations(inhibition=-2.0):
    """Return the populations of the study in Python."""
    ensemble = nz.ensembles.Blocks([[1.0, inhibition], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], [40, 10])
    phi = [nz.activations.tanh, nz.activations.Threshold(0.5)]
    return nz.networks.Populations(ensemble, phi, tau=[1.0, 0.5], bias=0.5, noise=nz.White(0.5))


def point(study, **coordinates):
    """Return the result of a study at one point."""
    return study.measure(**study.fixed, key=jax.random.key(1), **coordinates)


def test_the_measure_is_the_theory_of_python(study):
    result = point(study(TEXT), inhibition=-1.0, gain=0.5)
    expected = nz.theory.population_mean_field(populations(-1.0), 0.5)
    for name in ("mean", "variance", "rate", "lyapunov"):
        np.testing.assert_array_equal(result[name], expected[name])
    assert "bulk" not in result  # in noise there is no fixed point
    assert {axis.name: axis.attrs["units"] for axis in study(TEXT).axes} == {"inhibition": "", "gain": ""}


def test_numbers_are_written_as_lists_or_as_at_the_terminal(study):
    lists = study(TEXT)
    texts = TEXT.replace('[[1.0, "{inhibition}"], [1.0, -1.5]]', '"1,{inhibition};1,-1.5"').replace(
        "[40, 10]", '"40,10"'
    )
    texts = texts.replace("[1.0, 0.5]", '"1,0.5"').replace('["tanh", "threshold:0.5"]', '"tanh;threshold:0.5"')
    coordinates = {"inhibition": -2.0, "gain": 0.5}
    assert point(lists, **coordinates).equals(point(study(texts), **coordinates))


@pytest.mark.slow
def test_all_points_of_theory_and_simulation_are_stored(study, tmp_path):
    run = "simulate = true\nnetworks = 1\nduration = 4.0\ndiscard = 1.0\ndt = 0.1\n"
    quiet = TEXT.replace('noise = "white:0.5"\n', "").replace(
        'kind = "populations"\n\n[grid]', f'kind = "populations"\n{run}\n[grid]'
    )
    data = study(quiet).run(store=tmp_path / "store")
    assert data.attrs["failures"] == ""
    assert data.simulated_mean.sizes == {"inhibition": 2, "gain": 2, "population": 2}
    assert bool(data.fixed_point.all())
    assert (data.bulk < 0).all()


def test_other_measures_are_of_a_drawn_network(study):
    """Its weights are those that the same word has in a network of the kind rate."""
    text = WORD.format(word="blocks:6,4:1,-2;1,-1.5:1", measure="dimension")
    drawn = build_network(study(text).fixed["plan"], 3, 7)
    rate = build_network({"network": {"kind": "rate", "weights": "blocks:6,4:1,-2;1,-1.5:1"}}, 3, 7)
    assert (drawn.weights == rate.weights).all()
    assert (drawn.weights == nz.weights.ensemble("blocks:6,4:1,-2;1,-1.5:1", 7)(3)).all()
    parts = study(
        TEXT.replace('kind = "populations"\n\n[grid]', 'kind = "dimension"\nduration = 1.0\ndt = 0.1\n[grid]')
    )
    assert parts.fixed["plan"]["measure"]["kind"] == "dimension"


def test_blocks_are_added_to_weights(study):
    text = WORD.format(word="lowrank:50:0:1,0.5;0.5,1", measure="populations").replace(
        "[measure]", "sizes = [40, 10]\n[measure]"
    )
    ensemble = nz.ensembles.Blocks(0.0, 1.0, [40, 10]) + nz.ensembles.LowRank([[1.0, 0.5], [0.5, 1.0]], 50)
    expected = nz.theory.population_mean_field(nz.networks.Populations(ensemble), 0.5)
    assert float(point(study(text), gain=0.5).variance[0]) == float(expected.variance[0])


def test_numbers_of_words_and_whole_words_can_be_coordinates(study):
    word = WORD.format(word="sparse:50:{inputs}:{m}:1", measure="populations")
    assert point(study(word + "inputs = [5, 10]\nm = [0.5]\n"), inputs=5, m=0.5, gain=0.5)["mean"].sizes == {
        "population": 1
    }
    words = word.replace('weights = "sparse:50:{inputs}:{m}:1"\n', "") + 'weights = ["gaussian:50", "ei:balanced:50"]\n'
    assert point(study(words), weights="ei:balanced:50", gain=0.1)["mean"].sizes == {"population": 2}


def test_measures_of_users_take_populations(study, tmp_path):
    (tmp_path / "own.py").write_text(
        "def critical(populations, gain, /, *, key):\n"
        "    import noisette as nz\n"
        "    return float(nz.theory.population_critical_gain(populations).gain) / gain\n"
    )
    text = WORD.format(word="normal:0.1:25", measure=f"{tmp_path / 'own.py'}:critical")  # N Var = 1/4
    assert point(study(text), gain=0.5) == pytest.approx(4.0)


def changed(old, new):
    assert old in TEXT
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (changed("sizes = [40, 10]\n", ""), 3, "network; sizes or weights are missing; for example sizes = [400, 100]"),
        (changed("sizes = [40, 10]", "size = [40, 10]"), 5, "keys of a populations network are weights, gain"),
        (changed("[40, 10]", "[40, 1.5]"), 5, "sizes [40.0, 1.5]; numbers of units"),
        (changed("[40, 10]", '["a", 10]'), 5, "sizes 'a' cannot be read; numbers separated by commas"),
        (changed("1,2;1.5,2", "1,2;1.5"), 7, "variance '1,2;1.5'; rows of the same length"),
        (changed("1,2;1.5,2", "1,2,3"), 7, "variance of shape (3,); a number, or shape (2, 2) for 2 sizes"),
        (changed("tau = [1.0, 0.5]", "tau = [1.0, 0.5, 2]"), 8, "tau of shape (3,); a number, or 2 numbers"),
        (changed("tau = [1.0, 0.5]", "tau = true"), 8, "tau"),
        (changed('"threshold:0.5"]', '"thresold:0.5"]'), 10, "did you mean threshold"),
        (changed('"threshold:0.5"]', '"relu", "erf"]'), 3, "3 activations for 2 populations; one, or 2"),
        (changed('activation = ["tanh", "threshold:0.5"]', "activation = [3]"), 10, "activation [3]; a string"),
        (changed('noise = "white:0.5"', "noise = 3"), 11, "noise 3; a string"),
        (changed("sizes = [40, 10]", 'sizes = [40, 10]\nweights = "gaussian:9"'), 3, "the same populations"),
        (changed("sizes = [40, 10]", 'weights = "gaussian:9:1"'), 5, "with a seed"),
        (changed("sizes = [40, 10]", 'weights = "gaussian:9"'), 6, "mean without sizes"),
        (
            WORD.format(word="gaussian:9", measure="populations").replace('"populations"', '"rate"', 1),
            5,
            'a network of the kind "populations", not "rate"',
        ),
        (changed('"populations"\n\n[grid]', '"populations"\nruns = 3\n[grid]'), 15, "has no option 'runs'"),
        (changed("[-2.0, -1.0]", '[-2.0, "x"]'), 17, "mean 'x' cannot be read"),
        (
            WORD.format(word="heavytails:9:1.5:1", measure="populations"),
            3,
            "heavy tails, α = 1.5, in mean-field theory; weights of finite variance",
        ),
        (WORD.format(word="autapses:3", measure="populations"), 3, "simulate the network"),
    ],
)
def test_errors_are_reported_with_their_line(study, text, line, message):
    with pytest.raises(InputError) as error:
        study(text)
    assert message in str(error.value)
    assert re.search(rf"study\.toml line {line}: ", str(error.value)), error.value


def test_weights_without_theory_are_simulated(study):
    text = WORD.format(word="heavytails:9:1.5:1", measure="populations")
    run = text.replace("[grid]", "simulate = true\nnetworks = 2\nduration = 2.0\ndiscard = 1.0\ndt = 0.5\n[grid]")
    data = point(study(run), gain=0.5)
    assert "mean" not in data
    assert np.isfinite(data.simulated_variance).all()
