"""What the two-site theory returns: validity, attributes and refusals."""

import jax.numpy as jnp
import numpy as np
import pytest

from noisette import activations
from noisette.errors import InputError
from noisette.noise import Common, Frozen, OrnsteinUhlenbeck, White
from noisette.provenance import PAPERS
from noisette.theory import correlations

NAMES = ("variance", "covariance_variance", "participation_dimension", "susceptibility", "effective_gain")


def test_silence():
    found = correlations(activations.tanh, [0.5, 2.0], None)
    assert float(found.variance[0]) == float(found.covariance_variance[0]) == 0
    assert np.isnan(float(found.participation_dimension[0]))
    assert found.susceptibility.values[0] == pytest.approx(0.25, rel=1e-12)
    assert found.valid.values.all()
    assert float(found.variance[1]) == pytest.approx(1.924805, abs=1e-6)  # chaos
    assert float(found.participation_dimension[1]) == pytest.approx(0.015914, abs=1e-6)
    assert correlations(activations.tanh, 0.5, Frozen(0.0)).drop_attrs().equals(found.isel(gain=0).drop_attrs())
    quiet = correlations(activations.relu, [1.0, 1.5], None)
    assert float(quiet.variance[0]) == 0
    assert quiet.valid.values.tolist() == [True, False]
    # without noise each unit of a network that is not odd rests at its own value, and nothing covaries
    assert float(correlations(activations.sigmoid, 2.0, None).variance) == 0


def test_small_networks_are_named():
    found = correlations(activations.tanh, [0.5, 1.5], Frozen(1.0), 30)
    assert found.valid.values.tolist() == [True, False]
    assert "N·D = 7.6" in str(found.reason[1].item())
    assert found.participation_dimension.equals(
        correlations(activations.tanh, [0.5, 1.5], Frozen(1.0)).participation_dimension
    )
    assert found.attrs["size"] == "infinite"


def test_gains_without_a_state_do_not_stop_the_others():
    found = correlations(activations.Power(1.5), [0.3, 0.6], Frozen(1.0))
    assert found.valid.values.tolist() == [True, False]
    assert np.isnan(found.variance[1])
    assert str(found.reason[1].item()) == "no stationary state: activity grows without bound (fold at g = 0.4911)"
    assert str(found.reason[0].item()) == ""
    linear = correlations(activations.linear, [0.5, 1.0, 2.0], White(1.0))
    assert linear.valid.values.tolist() == [True, False, False]
    singular = correlations(activations.Power(0.5), 0.1, Frozen(1.0))
    assert float(singular.susceptibility) == np.inf
    assert not bool(singular.valid)


def test_results_say_what_they_are(tmp_path):
    found = correlations(activations.tanh, [0.5, 1.0], Frozen(1.0), activity="rate", self_coupling=False)
    assert found.attrs["method"] == "mean-field"
    assert found.attrs["estimator"] == "stationary"
    expected = {"order": "leading", "activity": "rate", "covariance": "equal-time", "placement": "inside"}
    assert {name: found.attrs[name] for name in expected} == expected
    assert found.attrs["time"] == "fixed point"
    assert found.attrs["self_coupling"] == "no"
    assert PAPERS.keys() >= set(found.attrs["references"].split(","))
    assert found.variance.dims == ("gain",)
    assert correlations(activations.tanh, 0.5, Frozen(1.0)).variance.dims == ()
    for name in NAMES:
        assert found[name].attrs["long_name"]
    found.to_netcdf(tmp_path / "found.nc", engine="h5netcdf")


def test_long_windows_of_fixed_points_are_equal_times():
    short, long = (
        correlations(activations.tanh, 1.2, Frozen(1.0), covariance=kind) for kind in ("equal-time", "long-window")
    )
    for name in NAMES:
        assert float(short[name]) == float(long[name])


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((activations.tanh, -1.0, Frozen(1.0)), {}, "gain"),
        ((activations.tanh, np.nan, Frozen(1.0)), {}, "gain"),
        ((activations.tanh, [[1.0]], Frozen(1.0)), {}, r"shape \(1, 1\)"),
        ((activations.tanh, [], Frozen(1.0)), {}, "shape"),
        ((jnp.sinh, 1.0, Frozen(1.0)), {}, "NaN or infinite"),
        ((activations.tanh, 1.0, Common(1.0)), {}, "Common noise"),
        ((activations.tanh, 1.0, Frozen([1.0, 2.0])), {}, "2 strengths"),
        ((activations.tanh, 1.0, Frozen(1.0)), {"activity": "spikes"}, "activity 'spikes'"),
        ((activations.tanh, 1.0, Frozen(1.0)), {"order": "all"}, "order 'all'"),
        ((activations.tanh, 1.0, Frozen(1.0)), {"covariance": "short"}, "covariance 'short'"),
        ((activations.tanh, 1.0, Frozen(1.0)), {"placement": "above"}, "placement 'above'"),
        ((activations.tanh, 1.0, Frozen(1.0), 1), {}, "size 1"),
        ((activations.tanh, 1.0, White(1.0)), {"dt": 2.0}, "dt 2"),
        ((activations.tanh, 1.0, Frozen(1.0), 100), {"order": "finite", "samples": 2}, "2 samples"),
        ((activations.tanh, 1.0, Frozen(1.0)), {"order": "finite"}, "without a size"),
        ((activations.tanh, 1.0, White(1.0), 100), {"order": "finite"}, "in this noise"),
        ((activations.linear, 0.5, OrnsteinUhlenbeck(1.0, 2.0), 100), {"order": "finite"}, "in this noise"),
        ((activations.relu, 1.0, Frozen(1.0), 100), {"order": "finite"}, "not odd"),
        ((activations.tanh, 1.0, Frozen(1.0), 100), {"order": "finite", "self_coupling": False}, "self-coupling"),
        ((activations.linear, 0.5, White(1.0), 100), {"order": "finite", "self_coupling": False}, "self-coupling"),
        ((activations.linear, 0.5, White(1.0), 100), {"order": "finite", "dt": 0.1}, "dt 0.1"),
        ((activations.tanh, 1.0, Frozen(1.0), 100), {"order": "finite", "placement": "outside"}, "outside"),
        ((activations.tanh, 1.0, Frozen(1.0), 100), {"order": "finite", "dynamic": True}, "dynamic=True"),
        ((lambda x: np.tanh(np.array(x)), 1.0, Frozen(1.0), 100), {"order": "finite"}, "cannot differentiate"),
        ((activations.relu, 1.0, Frozen(1.0)), {"placement": "outside"}, "noise outside φ"),
        ((activations.tanh, 1.0, White(1.0)), {"placement": "outside"}, "noise outside φ"),
    ],
)
def test_bad_input_is_named(arguments, options, message):
    with pytest.raises(InputError, match=message):
        correlations(*arguments, **options)
