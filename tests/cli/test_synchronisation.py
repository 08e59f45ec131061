import numpy as np
import pytest

import noisette as nz
from noisette.studies import load

SMALL = "synchronisation --weights gaussian:20 --gain 1.5 --strengths 0,3 --networks 2 --duration 40 --dt 0.1"


@pytest.mark.slow
def test_json_has_the_numbers_of_the_library(noisette):
    result = noisette(f"{SMALL} --seed 3 --json")
    assert result.status == 0
    draw = nz.weights.ensemble("gaussian:20", 3)
    networks = [nz.RateNetwork(draw(n), 1.5, noise=nz.White(1.0)) for n in range(2)]
    data = nz.analysis.synchronisation(networks, [0.0, 3.0], duration=40, dt=0.1, key=3, warn=False)
    summary = nz.analysis.synchronisation_summary(data)
    np.testing.assert_allclose(result.json["lyapunov"], summary.lyapunov)
    assert result.json["synchronised"] == summary.synchronised.values.tolist()
    theory = [float(nz.theory.mean_field(nz.activations.tanh, 1.5, nz.White(s)).lyapunov) for s in (0.0, 3.0)]
    np.testing.assert_allclose(result.json["mean_field"], theory)
    assert result.json["noise"] == [0.0, 3.0]


@pytest.mark.slow
def test_table_and_saved_files(noisette, tmp_path):
    result = noisette(f"{SMALL} --weights autapses:1:6 --noise ou:1,2 --out", str(tmp_path / "s"))
    assert result.status == 0
    assert "autapses:1:6, g = 1.5, noise ou:1,2: simulated, 2 networks, 2 starts" in " ".join(result.out.split())
    data = load(tmp_path / "s" / "synchronisation.nc")
    assert dict(data.rate.sizes) == {"noise": 2, "network": 2}
    assert np.isnan(data.mean_field).all()  # no theory of these weights
    assert all((tmp_path / "s" / f"synchronisation.{suffix}").stat().st_size > 1000 for suffix in ("png", "pdf"))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--strengths a", "strengths"),
        ("--noise pink", "pink"),
        ("--noise none", "--noise none"),
        ("--tolerance 0", "tolerance"),
    ],
)
def test_wrong_options_are_refused_in_one_line(noisette, option, message):
    result = noisette(f"{SMALL} {option}")
    assert result.status != 0
    assert message in result.err
    assert "Traceback" not in result.err
