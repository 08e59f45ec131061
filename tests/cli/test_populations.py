"""The command `noisette populations`."""

import numpy as np
import pytest

import noisette as nz
from noisette.studies import load

LINE = "populations --sizes 40,10 --mean 1,-2;1,-1.5 --variance 1,2;1.5,2 --bias 0.5 "


def test_numbers_are_those_of_the_library(noisette):
    result = noisette(LINE + "--tau 1,0.5 --gain 0.3,0.6 --json").json
    ensemble = nz.ensembles.Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], [40, 10])
    populations = nz.networks.Populations(ensemble, tau=[1.0, 0.5], bias=0.5)
    data = nz.theory.population_mean_field(populations, [0.3, 0.6])
    assert np.allclose(result["mean"], data["mean"])
    assert np.allclose(result["lyapunov"], data.lyapunov)


@pytest.mark.slow
def test_a_table_and_files_with_a_simulation(noisette, tmp_path):
    line = LINE + "--gain 0.3 --noise white:0.5 --simulate --networks 2 --duration 8"
    result = noisette(line, "--out", str(tmp_path / "p"))
    assert "simulated" in result.out
    assert "λ_max" in result.out
    assert {p.name for p in (tmp_path / "p").iterdir()} == {"populations.nc", "populations.png", "populations.pdf"}
    data = load(tmp_path / "p" / "populations.nc")
    assert data.attrs["method"] == "mean-field"
    assert "simulated_variance" in data


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("populations --sizes 4,5 --mean 1,2;3 --gain 1", "rows of the same length"),
        ("populations --sizes 4,5 --mean 1,2;3,4;5,6 --gain 1", "shape"),
        ("populations --sizes 4,x --gain 1", "sizes"),
        ("populations --sizes 4 --variance=-1 --gain 1", "variance"),
        ("populations --sizes 4 --gain 1 --tau 1,2", "one per population"),
    ],
)
def test_wrong_input_ends_in_one_line(noisette, line, message):
    result = noisette(line)
    assert result.status == 2
    assert message in result.err
    assert result.err.count("\n") == 1
