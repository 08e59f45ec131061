"""Study files: their meaning, and errors with line numbers."""

import re

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.study_files import read_study

TEXT = """\
name = "onset"
repeats = 2
seed = 3

[network]
weights = "gaussian:{size}"
noise = "white:{sigma}"

[measure]
kind = "lyapunov"
duration = 4.0
discard = 1.0
dt = 0.1

[grid]
size = [10, 20]
gain = { from = 0.5, to = 2.5, count = 3 }
sigma = [0.0, 0.5]
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        file = tmp_path / "study.toml"
        file.write_text(text)
        return file

    return write


@pytest.mark.slow
def test_a_study_file_equals_the_study_in_python(written):
    made = read_study(written(TEXT))
    assert made.name == "onset"
    assert [axis.name for axis in made.axes] == ["size", "gain", "sigma", "repeat"]
    result = made.measure(**made.fixed, key=jax.random.key(1), repeat=1, size=10, gain=1.5, sigma=0.5)
    network = nz.RateNetwork(nz.weights.ensemble("gaussian:10", 3)(1), 1.5, noise=nz.White(0.5))
    expected = nz.lyapunov_spectrum(network, duration=4.0, discard=1.0, dt=0.1, key=jax.random.key(1), warn=False)
    np.testing.assert_array_equal(result.lyapunov, expected.lyapunov)


def test_times_of_the_grid_have_the_unit_of_the_network(written):
    study = read_study(written(TEXT.replace("dt = 0.1", "").replace("[grid]", "[grid]\ndt = [0.05, 0.1]")))
    assert {axis.name: axis.attrs["units"] for axis in study.axes} == {
        **{"dt": "tau", "size": "", "gain": "", "sigma": "", "repeat": ""}
    }


def test_infinity_is_a_valid_value(written, tmp_path):
    (tmp_path / "settling.py").write_text(
        "def variance(network, *, time, key):\n    return network.gain / (1 + 1 / time)\n"
    )
    kind = f'kind = "{tmp_path / "settling.py"}:variance"'
    text = f'[network]\nweights = "gaussian:3"\n[measure]\n{kind}\n[grid]\ntime = [1.0, inf]\n'
    result = read_study(written(text)).run(store=tmp_path / "store")
    assert result.value.sel(time=np.inf) == 1.0
    assert result.value.values.tolist() == [0.5, 1.0]
    with pytest.raises(InputError, match=r"line 6: grid.time.*nan.*NaN"):
        read_study(written(text.replace("inf]", "nan]"))).run()
    for end in ("inf", '"a"'):
        with pytest.raises(InputError, match=r"line 6: grid.time.*finite numbers"):
            read_study(written(text.replace("[1.0, inf]", f"{{ from = 1.0, to = {end}, count = 3 }}")))


@pytest.mark.parametrize(
    ("spacing", "values"),
    [
        ("[1, 2.5]", [1, 2.5]),
        ("{ from = 0, to = 1, count = 3 }", [0, 0.5, 1]),
        ("{ from = 0, to = 1, step = 0.25 }", [0, 0.25, 0.5, 0.75, 1]),
        ('{ from = 1, to = 100, count = 3, scale = "log" }', [1, 10, 100]),
    ],
)
def test_values_of_a_coordinate(written, spacing, values):
    made = read_study(written(TEXT.replace("{ from = 0.5, to = 2.5, count = 3 }", spacing)))
    np.testing.assert_allclose(made.axes[1].values, values)


def change(old, new):
    assert old in TEXT
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (change("repeats", "repeat"), 2, "repeat; unknown; keys are name, seed, repeats"),
        (change("weights", "weight"), 6, "network.weight = 'gaussian:{size}'; the keys of a rate network are weights"),
        (
            change("[network]", '[network]\nkind = "rat"'),
            6,
            "'rat'; unknown network 'rat'; networks are rate, populations, boltzmann, sign, or MOD",
        ),
        (
            change('"lyapunov"', '"liapunov"'),
            10,
            "'liapunov'; unknown measure 'liapunov'; measures are simulate",
        ),
        (change('"lyapunov"', '"nowhere:f"'), 10, "no module 'nowhere'"),
        (
            change("dt = 0.1", "d = 0.1"),
            13,
            "measure.d = 0.1; measure lyapunov has no option 'd'; its options are exponents, duration",
        ),
        (
            change("sigma = [0", "sig = [0"),
            18,
            "grid.sig; it is not used: a placeholder {sig} in the file, or one of weights",
        ),
        (
            change("[0.0, 0.5]", '[0.0, "x"]'),
            18,
            "grid.sigma = 'x'; noise 'white:x' cannot be read",
        ),
        (change("[0.0, 0.5]", "[-1.0]"), 18, "grid.sigma = -1.0; noise strength -1"),
        (change("[10, 20]", "[]"), 16, "grid.size = []; a list, { from"),
        (change("[10, 20]", "7"), 16, "grid.size = 7; a list"),
        (change("count = 3", "count = 0"), 17, "a list, { from"),
        (change("from = 0.5", "start = 0.5"), 17, "a list, { from"),
        (change("gain = { from = 0.5, to = 2.5, count = 3 }", 'gain = ["high"]'), 17, "gain 'high'; a number"),
        (change("gain =", "duration ="), 17, ""),
        (change("[grid]", "[grid]\n[other]"), 16, "other; unknown"),
        (
            change('weights = "gaussian:{size}"\n', "").replace("size = [10, 20]\n", ""),
            5,
            "network; weights is missing",
        ),
        (TEXT[: TEXT.index("[measure]")], 1, "measure; a section [measure] is required"),
        (change("[measure]", "[measured]"), 9, "measured; unknown"),
    ],
)
def test_errors_are_reported_with_their_line(written, text, line, message):
    if not message:  # an option of the measure may also be a coordinate
        read_study(written(text))
        return
    with pytest.raises(InputError) as error:
        read_study(written(text))
    assert re.search(rf"study\.toml line {line}: ", str(error.value)), error.value
    assert message in str(error.value)


@pytest.mark.parametrize("text", ["a = [", "[grid", 'x = "\x00"', ""])
def test_invalid_studies_are_refused(written, text):
    with pytest.raises(InputError, match=r"study\.toml"):
        read_study(written(text))


def test_missing_files_are_reported(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_study(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="cannot be read"):
        read_study(tmp_path / "bytes.toml")


def test_binary_networks_and_their_noise(written):
    text = '[network]\nkind = "boltzmann"\nweights = "autapses:10"\n[measure]\nkind = "resonance"\nsteps = 1000\n'
    with pytest.raises(InputError, match=r"it is ambiguous: measure\.noise or network\.noise"):
        read_study(written(text + "[grid]\nnoise = [4.0]\n"))
    made = read_study(written(text + "[grid]\nmeasure.noise = [4.0]\n"))  # the network's is its unit
    expected = nz.resonance(nz.Boltzmann(nz.weights.autapses(10)), [4.0], 1000)
    assert float(made.run().information[0]) == float(expected.information[0])


def test_a_user_defined_measure(written, tmp_path, monkeypatch):
    (tmp_path / "own_measure.py").write_text("def size(network, *, key, factor=1):\n    return network.size * factor\n")
    monkeypatch.chdir(tmp_path)
    text = '[network]\nweights = "gaussian:{n}"\n[measure]\nkind = "own_measure:size"\n'
    assert read_study(written(text + "[grid]\nn = [5, 6]\nfactor = [2]\n")).run().value.values.tolist() == [[10], [12]]


def test_probes_by_name(written):
    text = '[network]\nweights = "gaussian:5"\n[measure]\nkind = "simulate"\nduration = 1.0\ndt = 0.1\n'
    good = text + "probes = { Trace = { every = 5 }, Speed = {} }\n[grid]\ngain = [0.5]\n"
    result = read_study(written(good)).run()
    assert {"trace", "kinetic_energy"} <= set(result.data_vars)
    slips = {
        "Tracer = {}": "probes are Trace",
        "Trace = { each = 2 }": "argument 'each'; its parameters are every",
        "Trace = 3": "{ … }",
    }
    for bad, message in slips.items():
        with pytest.raises(InputError, match=message):
            read_study(written(text + f"probes = {{ {bad} }}\n[grid]\ngain = [0.5]\n"))


NOISY = TEXT.replace("white:{sigma}", "withe:0.1").replace("sigma = [0.0, 0.5]\n", "")


def test_an_unknown_word_is_reported_on_its_line(written):
    with pytest.raises(InputError, match=r"study\.toml line 7: network\.noise = 'withe:0\.1'; .*did you mean white:σ"):
        read_study(written(NOISY))
    with pytest.raises(InputError, match=r"line 7: network\.activation = 'tahn'; .*did you mean tanh"):
        read_study(written(NOISY.replace('noise = "withe:0.1"', 'activation = "tahn"')))
    with pytest.raises(InputError, match=r"line 19: grid\.network\.noise = 'ou:1'; .*the form is ou:s,τ"):
        read_study(written(TEXT + 'network.noise = ["none", "ou:1"]\n'))
    probes = 'kind = "simulate"\nprobes.Speed = {}\nprobes.Tracer = {}\n#'
    with pytest.raises(InputError, match=r"line 12: measure\.probes\.Tracer = {}; unknown probe"):
        read_study(written(change('kind = "lyapunov"', probes).replace("discard", "# ")))


ODD = ["[]", "{}", "true", "3", "-1", "nan", '""', '":"', '"a:b"', "1979-05-27", "[[1]]", "[{}]", '["a", 1]']


@pytest.mark.parametrize("number", [n for n, text in enumerate(TEXT.splitlines()) if " = " in text])
def test_a_value_of_another_type_is_read_or_refused(written, number):
    for value in ODD:
        lines = TEXT.splitlines()
        lines[number] = f"{lines[number].partition(' = ')[0]} = {value}"
        message = "study.toml is read"
        try:
            read_study(written("\n".join(lines)))
        except InputError as error:
            message = str(error)
        assert "study.toml" in message
        assert "\n" not in message


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("section", ["network", "measure"])
def test_values_that_are_not_words_are_refused(written, section, value):
    text = TEXT.replace('kind = "lyapunov"\n', "") if section == "measure" else TEXT
    with pytest.raises(InputError, match=rf"study\.toml line \d+: {section}\.kind = "):
        read_study(written(text.replace(f"[{section}]", f"[{section}]\nkind = {value}")))
