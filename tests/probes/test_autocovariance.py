"""The autocovariance probe against NumPy on the whole trace, and against an exact law."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError

KEY = jax.random.key(0)
N = 6
W = nz.weights.gaussian(N, N**-0.5, key=jax.random.key(3))
NETWORK = nz.RateNetwork(W, 1.2, bias=0.5, noise=nz.White(1.0))


def lagged(x, lags, centred):
    """Return the autocovariance from the trace of one trial, shape (samples, units)."""
    n = len(x)
    result = [(x[lags:] * x[lags - k : n - k]).mean() for k in range(lags + 1)]
    return np.array(result) - centred * (x.mean(0) ** 2).mean()


@pytest.mark.slow
@pytest.mark.parametrize("centred", [True, False])
def test_the_probe_gives_the_autocovariance_of_the_trace(centred):
    probes = {
        "all": nz.Autocovariance(9, centred=centred),
        "some": nz.Autocovariance(4, every=3, discard=20, centred=centred),
        "none": nz.Autocovariance(0, centred=centred),
        "long": nz.Autocovariance(95, centred=centred),
        "x": nz.Trace(),
    }
    frozen = nz.Onsager(NETWORK, 0.1)  # its rates are those of the wrapped network
    result = nz.simulate(frozen, 100, probes, dt=0.1, key=KEY, runs=2)
    x = result.x_trace.values
    for run in range(2):
        for values, name in ((x, "current"), (np.tanh(x), "rate")):
            assert result[f"all_{name}"][run].values == pytest.approx(lagged(values[run], 9, centred))
            assert result[f"none_{name}"][run].values == pytest.approx(lagged(values[run], 0, centred))
            assert result[f"long_{name}"][run].values == pytest.approx(lagged(values[run], 95, centred), abs=1e-13)
            assert result[f"some_{name}"][run].values == pytest.approx(lagged(values[run, 20::3], 4, centred))
    assert result.some_lag.values == pytest.approx(0.3 * np.arange(5))


@pytest.mark.slow
def test_the_autocovariance_follows_the_exact_law_of_independent_units():
    """Ornstein–Uhlenbeck units in Euler steps: C_k = a^k dt σ²/(1 − a²), a = 1 − dt; 4.5 standard errors."""
    units = nz.RateNetwork(np.zeros((10, 10)), noise=nz.White(1.0))
    result = nz.simulate(units, 3000, nz.Autocovariance(30, discard=100, centred=False), dt=0.1, key=KEY, runs=50)
    expected = 0.9 ** np.arange(31) * 0.1 / (1 - 0.81)
    each = result.current.values
    assert result.lag.values[-1] == pytest.approx(3.0)
    assert (np.abs(each.mean(0) - expected) < 4.5 * each.std(0) / 50**0.5).all()


@pytest.mark.slow
def test_the_probe_accepts_binary_networks():
    flip = nz.SignNetwork([[-1.0]])
    result = nz.simulate(flip, 11, nz.Autocovariance(2, centred=False), key=KEY)
    assert result.current[0].values.tolist() == [1, -1, 1]
    assert "rate" not in result
    assert result.lag.values.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nz.Autocovariance(-1), "lags -1"),
        (lambda: nz.Autocovariance(3, every=0), "every 0"),
        (lambda: nz.simulate(NETWORK, 10, nz.Autocovariance(10), dt=0.1, key=KEY), "more samples than lags"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
