from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate._ivp import bdf
from scipy.linalg import expm

import noisette as nz
from noisette.activations import linear
from noisette.errors import InputError

KEY = jax.random.key(0)
N = 10
W = np.asarray(nz.weights.gaussian(N, N**-0.5, self_coupling=False, key=KEY))
FROZEN = nz.Onsager(nz.RateNetwork(W, 2.0, tau=np.linspace(0.7, 1.5, N)))
TIGHT = {"adaptive": nz.Adaptive(1e-9), "stiff": nz.Stiff(1e-9)}


@pytest.mark.slow
def test_exact_solvers_and_small_steps_agree():
    """Heun's error is O(dt²): a quarter with half the step, and Richardson extrapolation agrees with the solvers."""
    arguments = {"duration": 4.0, "key": KEY, "runs": 3}
    coarse, fine = (nz.simulate(FROZEN, **arguments, dt=dt, solver="heun").final.values for dt in (0.01, 0.005))
    for solver in ("adaptive", "stiff"):
        exact = nz.simulate(FROZEN, **arguments, dt=0.5, solver=solver)
        off = [np.abs(heun - exact.final.values).max() for heun in (coarse, fine)]
        assert off[1] < 1e-4
        assert off[0] / off[1] == pytest.approx(4, abs=0.5)
        assert (4 * fine - coarse) / 3 == pytest.approx(exact.final.values, abs=1e-5)
        assert "stability" not in exact


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["adaptive", "stiff"])
def test_the_error_is_within_the_tolerance(solver):
    """ẋ = A x + B u with u held during each step: exp(A dt) on each, exactly."""
    network = nz.RateNetwork(W, 0.9, activation=linear, input_weights=W[:, :1])
    A = 0.9 * W - np.eye(N)
    # 300 states: more than one chunk for the probes
    steps, dt = 300, 0.02
    pulse = np.repeat([0.0, 1.0, -2.0], 100)
    result = nz.simulate(network, steps, nz.Trace(), dt=dt, inputs=pulse, solver=TIGHT[solver], key=KEY, start=0.5)
    x, through = np.full(N, 0.5), expm(A * dt)
    for n in range(steps):
        assert result.trace.values[0, n] == pytest.approx(x, abs=2e-5 if solver == "stiff" else 1e-6)
        fixed = -np.linalg.solve(A, W[:, 0] * pulse[n])
        x = fixed + through @ (x - fixed)
    assert result.final.values[0] == pytest.approx(x, abs=2e-5 if solver == "stiff" else 1e-6)


@pytest.mark.slow
def test_time_dependence_is_the_same_for_solvers_and_steps():
    """γ switches at t = 1: the solver resolves it within its tolerance."""
    switched = nz.Onsager(nz.RateNetwork(W, 2.0), nz.Switch([1.0], [0.0, 1.0]))
    arguments = {"duration": 2.0, "key": KEY}
    seen = []
    exact = nz.simulate(switched, **arguments, dt=0.1, solver="adaptive", progress=lambda *at: seen.append(at))
    small = nz.simulate(switched, **arguments, dt=0.001, solver="heun")
    assert exact.final.values == pytest.approx(small.final.values, abs=5e-3)
    assert seen[-1] == (20, 20)


def test_diverging_flows_are_reported():
    explosive = nz.networks.Flow(lambda x: x**2, 1)
    with pytest.raises(InputError, match=r"the adaptive solver failed at time (0.9|1).*may blow up"):
        nz.simulate(explosive, duration=2.0, dt=0.1, solver="adaptive", start=1.0, key=KEY)


@pytest.mark.parametrize("solver", ["adaptive", "stiff"])
def test_noise_is_refused(solver):
    noisy = nz.RateNetwork(W, noise=nz.White(0.1))
    with pytest.raises(
        InputError, match=f"solver '{solver}' for a network with noise; .*use euler, heun or milstein, or with_noise"
    ):
        nz.simulate([nz.RateNetwork(W), noisy], duration=1.0, dt=0.1, solver=solver, key=KEY)
    assert jnp.isfinite(nz.simulate(noisy.with_noise(None), 2, dt=0.1, solver=solver, key=KEY).final.values).all()


def test_uninitialised_memory_does_not_matter(monkeypatch):
    """SciPy's BDF starts with uninitialised memory; here it contains signalling NaN, for which NumPy warns."""
    empty = np.empty

    def result(*arguments, **more):
        array = empty(*arguments, **more)
        if array.dtype == float:
            array.view(np.uint64).fill(0x7FF0000000000001)
        return array

    stiff = partial(nz.simulate, nz.RateNetwork(W, 0.8), 1, dt=5.0, solver="stiff", key=jax.random.key(1))
    clean = stiff().final.values
    monkeypatch.setattr(bdf.np, "empty", result)
    assert (stiff().final.values == clean).all()
