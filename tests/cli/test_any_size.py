"""A matrix of 60 units from a file: every command answers with its default options and names its method."""

import numpy as np
import pytest

from noisette.studies import load


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Return a file with a symmetric matrix of 60 units, whose attractors are fixed points and 2-cycles."""
    random = np.random.default_rng(60).normal(size=(60, 60)) / 60**0.5
    path = tmp_path_factory.mktemp("matrix") / "w60.csv"
    np.savetxt(path, random + random.T, delimiter=",")
    return str(path)


@pytest.mark.slow
def test_resonance(noisette, file, tmp_path):
    result = noisette("resonance --steps 300 --json --weights", file, "--out", str(tmp_path / "r"))
    assert (result.status, result.json["estimator"], result.json["method"]) == (0, "rao-blackwell", "simulated")
    assert "60 units have 2^60 states" in result.json["reason"]
    assert len(result.json["noise"]) == len(result.json["conditional_entropy"]) == 13
    assert all(0 < error < 0.2 for error in result.json["information_se"])
    assert load(tmp_path / "r" / "resonance.nc").attrs["reason"] == result.json["reason"]
    text = noisette("resonance --steps 300 --noise 0,1 --weights", file).out
    assert "Method: Simulated, rao-blackwell" in text
    assert "H(s'|s), all" in text  # the column of all units


@pytest.mark.slow
def test_conditional_entropy(noisette, file, tmp_path):
    result = noisette("conditional-entropy --steps 300 --json --weights", file, "--out", str(tmp_path / "c"))
    assert (result.status, result.json["method"]) == (0, "simulated")
    entropy = result.json["conditional_entropy"]
    assert 0 < entropy[0] < entropy[-1] < 60
    assert {p.suffix for p in (tmp_path / "c").iterdir()} == {".nc", ".png", ".pdf"}
    small = noisette("conditional-entropy --weights autapses:10 --noise 4 --json").json
    assert (small["method"], round(small["conditional_entropy"][0], 3)) == ("exact", 0.456)


@pytest.mark.slow
def test_attractors(noisette, file):
    result = noisette("attractors --json --weights", file)
    assert (result.status, result.json["method"], result.json["starts"]) == (0, "sampled", 1000)
    assert sum(result.json["counts"]) + result.json["unfinished"] == 1000
    assert all(len(cycle) == 2 for cycle in result.json["cycles"])  # symmetric weights have no longer cycles
    text = noisette("attractors --starts 10 --weights", file).out
    assert "95 % confidence" in text


@pytest.mark.slow
def test_exponents_in_noise(noisette, file):
    line = "chaos --gain 2 --networks 1 --duration 20 --discard 5 --dt 0.05 --json --weights"
    silent, noisy = noisette(line, file), noisette(line + " " + file + " --noise white:3")
    assert (silent.status, noisy.status) == (0, 0)
    # without noise the symmetric network comes to rest
    assert 10 * silent.json["kinetic_energy"][0] < noisy.json["kinetic_energy"][0]
    assert noisy.json["lyapunov"][0] != silent.json["lyapunov"][0]


@pytest.mark.slow
def test_correlations(noisette, file, tmp_path):
    frozen = noisette("correlations --gain 0.3 --json --weights", file, "--out", str(tmp_path / "c"))
    assert (frozen.status, frozen.json["method"], frozen.json["valid"]) == (0, "mean-field", [True])
    assert 0 < frozen.json["dimension"][0] < 1
    white = noisette("correlations --noise white:1 --gain 0.3 --draws 50 --json --weights", file)
    assert (white.status, white.json["method"]) == (0, "simulated")
    assert white.json["simulated"]["dimension"][0] > 0
    assert "Method: Theory of this network" in noisette("correlations --gain 0.3 --weights", file).out
