"""The commands `signal` and `coherence`, and the measures of the same names in study files."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.analysis import Sinusoid, stochastic_resonance
from noisette.analysis.measures import of_a_signal
from noisette.studies import load
from noisette.study_files import read_study

LINE = "signal --weights matrix:6 --noise 1:8:1 --amplitude 0.5 --period 20"


@pytest.mark.slow
def test_a_periodic_signal_is_solved_exactly(noisette, tmp_path):
    expected = stochastic_resonance(nz.Boltzmann([[6.0]]), Sinusoid(0.5, 20), np.arange(1.0, 9.0))
    values = noisette(f"{LINE} --json").json
    np.testing.assert_allclose(values["snr_db"], expected.snr_db.values)
    assert (values["method"], values["units"]["snr_db"]) == ("exact", "dB")
    result = noisette(f"{LINE} --out", str(tmp_path / "s"))
    best = float(expected.noise[int(np.argmax(expected.snr_db.values))])
    assert f"largest at σ = {best:g}" in result.out
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"signal.nc", "signal.png", "signal.pdf"}
    assert "Gammaitoni" in noisette("cite", str(tmp_path / "s" / "signal.nc")).out
    assert load(tmp_path / "s" / "signal.nc").identical(nz.rerun(load(tmp_path / "s" / "signal.nc")))


@pytest.mark.slow
def test_an_aperiodic_signal_of_a_rate_network(noisette):
    line = "signal --network rate --weights 'matrix:0,1;1,0' --noise 0.5 --correlation-time 5 --runs 3 --dt 0.1"
    values = noisette(f"{line} --units 1 --json").json
    assert 0 < values["correlation"][0] < 1
    assert values["correlation_se"][0] > 0


@pytest.mark.slow
def test_a_network_of_ones_own(noisette, tmp_path):
    (tmp_path / "well.py").write_text(
        "import noisette as nz\nwell = nz.networks.Flow(lambda x: x - x**3, 1)\n", encoding="utf-8"
    )
    line = f"coherence --network {tmp_path / 'well.py'}:well --noise 1.4,2.8 --duration 200 --runs 4 --dt 0.05"
    values = noisette(f"{line} --process white:0.5 --json").json
    assert values["interval"][0] > values["interval"][1] > 0


@pytest.mark.slow
def test_coherence_prints_and_saves(noisette, tmp_path):
    line = "coherence --network boltzmann --weights 'matrix:2,4;-4,2' --noise 0.5,2 --duration 300 --runs 3 --out"
    result = noisette(line, str(tmp_path / "c"))
    assert "most regular at σ = 0.5" in result.out
    assert {path.name for path in (tmp_path / "c").iterdir()} == {f"coherence.{end}" for end in ("nc", "png", "pdf")}


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("signal --weights matrix:6 --noise 1", "neither a period nor a correlation time"),
        (f"{LINE} --correlation-time 3", "both a period and a correlation time"),
        (f"{LINE} --estimator guess", "guess"),
        (f"{LINE} --units 1", "--units '1'"),
        (f"{LINE} --gain 2", "--gain of a boltzmann network"),
        ("signal --noise 1 --period 20", "no --weights"),
        ("signal --weights matrix:6 --noise 0:2:1 --period 20", "noise strength 0"),
        ("coherence --weights matrix:0 --noise 1 --duration 10 --reset 1", "reset 1"),
    ],
)
def test_invalid_options_are_reported_in_one_line(line, named, noisette):
    result = noisette(line)
    assert result.status == 2
    assert named in result.err
    assert result.err.count("\n") == 1


STUDY = """
[network]
kind = "boltzmann"
weights = "matrix:6"
[measure]
kind = "signal"
amplitude = 0.5
[grid]
measure.noise = [2.0, 4.0]
measure.period = [10, 20]
"""


@pytest.mark.slow
def test_a_study_of_signals(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    study = read_study(tmp_path / "study.toml")
    result = study.run(store=tmp_path / "store")
    for period in (10, 20):
        expected = stochastic_resonance(nz.Boltzmann([[6.0]]), Sinusoid(0.5, period), [2.0, 4.0])
        np.testing.assert_allclose(result.snr_db.sel(period=period), expected.snr_db.values)
    assert result.period.attrs["units"] == "step"


@pytest.mark.slow
def test_a_ratio_that_is_not_positive_has_no_logarithm_in_a_study():
    """A signal far below the noise: in one of ten draws at least, the power of the line is estimated below zero."""
    network, options = nz.Boltzmann([[0.0]]), {"noise": 5.0, "amplitude": 1e-6, "period": 4.0, "runs": 3}
    drawn = [
        of_a_signal(network, key=jax.random.key(n), estimator="simulated", duration=64.0, **options) for n in range(10)
    ]
    assert any("snr_db" not in data for data in drawn)
    assert all(np.isfinite(data[name]).all() for data in drawn for name in data.data_vars)
