"""The audit of time steps on a few networks: no false "ok" and no false alarm; the full table is in benchmarks/."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import noisette as nz
from noisette.activations import linear
from noisette.analysis._halving import Scale, compare
from noisette.networks import Flow

KEY = jax.random.key(0)
W = np.asarray(nz.weights.gaussian(40, 40**-0.5, self_coupling=False, key=jax.random.key(3)))
TURNING = (W - W.T) / 2**0.5
NETWORKS = {
    "gradient flow": (nz.Onsager(nz.RateNetwork(W, 2.0)), 0.02, "ok"),
    "gradient flow, long step": (nz.Onsager(nz.RateNetwork(W, 5.0)), 0.05, "unstable"),
    "oscillating, short step": (nz.RateNetwork(TURNING, 2.0), 0.005, "ok"),
    "oscillating, damping halved": (nz.RateNetwork(TURNING, 2.0), 0.05, "not converged"),
    "oscillating, false cycle": (nz.RateNetwork(TURNING, 4.0), 0.05, "unstable"),
    "plain at rest": (nz.RateNetwork(W, 0.8), 0.05, "ok"),
    "plain chaos": (nz.RateNetwork(W, 4.0), 0.02, "ok"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_verdicts(name):
    """Chaos: false alarms of one audit below 1 %; the key is fixed."""
    network, dt, verdict = NETWORKS[name]
    result = nz.step_audit(network, dt, duration=30, discard=5, key=KEY)
    assert result.attrs["verdict"] == verdict
    assert ("warning" in result.attrs) == (verdict != "ok")
    if verdict != "ok":
        assert result.attrs["suggested_dt"] < dt
    if verdict == "not converged":
        assert float(result.stability[0]) < 2
        assert "differ in λ" in result.attrs["warning"]


@pytest.mark.slow
def test_the_comparison_detects_lost_damping():
    """ẋ = (−1 ± 4i) x: a step of Euler's grows by |1 + dt μ|, so that λ = ln|1 + dt μ|/dt."""
    network = Flow(lambda x: jnp.array([[-1.0, 4.0], [-4.0, -1.0]]) @ x, 2)
    result = nz.step_audit(network, 0.02, duration=20, key=KEY)
    rates = [np.log(abs(1 + dt * (-1 + 4j))) / dt for dt in (0.02, 0.01)]
    assert result.lyapunov.values == pytest.approx(rates, abs=1e-6)
    assert float(result.difference.sel(measure="lyapunov")) == pytest.approx(rates[0] - rates[1], abs=1e-6)
    assert result.attrs["verdict"] == "not converged"


@pytest.mark.slow
def test_variance_in_noise_is_compared():
    """Variance ½/(1 − 13 dt): 1.04 at dt = 0.04, .68 at half of it; a run of 50 has an error of √(2/50) = 20 %."""
    network = nz.RateNetwork([[0.0, 5.0], [-5.0, 0.0]], activation=linear, noise=nz.White(1.0))
    result = nz.step_audit(network, 0.04, duration=60, discard=10, key=KEY)
    assert result.attrs["verdict"] == "not converged"
    assert "the variance" in result.attrs["warning"]
    assert nz.step_audit(network, 0.05, solver="heun", duration=60, discard=10, key=KEY).attrs["verdict"] == "ok"


@pytest.mark.slow
def test_a_single_start_gives_no_false_certainty():
    """Runs from the same state would be identical; they start 1 % apart, so that chaos appears as a spread."""
    network = nz.RateNetwork(W, 4.0)
    result = nz.step_audit(network, 0.02, start=np.linspace(-1, 1, 40), duration=40, discard=10, key=KEY)
    assert result.attrs["verdict"] == "ok"
    assert float(result.difference_se.sel(measure="kinetic_energy")) > 0


def blocks(seed, shift=0.0, runs=8):
    noise = np.random.default_rng(seed).standard_normal((3, runs, 10)) + shift
    names = ("block_lyapunov", "block_kinetic_energy", "block_variance")
    return xr.Dataset({name: (("run", "block"), 10 + values) for name, values in zip(names, noise, strict=True)})


def test_false_alarms_are_as_rare_as_stated_and_differences_are_detected():
    """400 comparisons of independent runs: without tolerance at most 1 % differ, 4 + 4 √4 = 12 of them (p < 1e-3)."""
    exact = Scale(1e12, 0.0, 0.0)  # no absolute tolerance
    verdicts = [
        compare(blocks(2 * n), blocks(2 * n + 1), exact, comparisons=1, independent=True)._replace(
            tolerance=np.zeros(3)
        )
        for n in range(400)
    ]
    assert sum(bool(verdict.differs.any()) for verdict in verdicts) <= 12
    apart = compare(blocks(0), blocks(1, shift=2.0), exact, comparisons=1, independent=True)
    assert apart.differs.all()
    assert apart.difference == pytest.approx([-2, -2, -2], abs=6 * np.sqrt(2 / 80))
    near = compare(blocks(0), blocks(1, shift=0.3), exact, comparisons=1, independent=True)
    assert not near.differs.any()  # 3 % is tolerated even if it is significant


@pytest.mark.slow
def test_spurious_oscillations_are_not_mistaken_for_activity():
    """At all gains activity decays; it persists only with an Euler step of 0.05, not with "auto"."""
    options = {"duration": 30, "discard": 5, "key": 1}
    auto = nz.chaos_curve([TURNING], [4.0, 8.0], dt="auto", **options)
    assert (auto.audit == "ok").all()
    assert float(auto.kinetic_energy.max()) < 1e-10
    assert auto.lyapunov.values.ravel() == pytest.approx(-1, abs=0.07)
    long = nz.chaos_curve([TURNING], [4.0, 8.0], dt=0.05, **options)
    assert set(long.audit.values.ravel()) <= {"unstable", "not converged"}
    assert float(long.kinetic_energy.min()) > 1
    assert "warning" in long.attrs


@pytest.mark.slow
def test_halving_can_be_left_out():
    result = nz.chaos_curve([TURNING], [2.0], dt=0.05, duration=10, discard=2, halve=False)
    assert result.audit.item() == "ok"  # the linear modes only: stability 0.9
    assert nz.chaos_curve([TURNING], [2.0], dt=0.05, duration=10, discard=2).audit.item() == "not converged"


@pytest.mark.slow
def test_the_stability_of_a_switched_run_is_the_largest_of_its_phases():
    """With γ = 1 between the jumps, the step is too long there, and not at the end."""
    W = nz.weights.from_string("gaussian:20", 0)
    free = nz.RateNetwork(W, 12.0)
    switched = nz.Onsager(free, nz.Switch([20.0, 40.0], [0.0, 1.0, 0.0]))
    options = {"duration": 60.0, "runs": 1, "key": 0}
    audit = nz.step_audit(switched, 0.05, **options)
    run = nz.simulate(switched, duration=60.0, dt=0.05, probes=nz.Snapshots([39.95]), key=0, warn=False)
    frozen = nz.simulation.step_stability(nz.Onsager(free, 1.0), run.snapshots[0, 0].values, 0.05)
    assert audit.attrs["verdict"] == "unstable"
    assert float(run.stability) < 2
    assert float(audit.stability[0]) == pytest.approx(frozen.number, rel=1e-9)
    function = nz.Onsager(free, lambda t: jnp.where((t > 20) & (t < 40), 1.0, 0.0))
    assert float(nz.step_audit(function, 0.05, **options).stability[0]) > 2
