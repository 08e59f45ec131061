import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.analysis import exponents_between, lyapunov_spectrum
from noisette.errors import InputError
from noisette.networks import Map


def henon(x):
    return jnp.stack([1 - 1.4 * x[0] ** 2 + x[1], 0.3 * x[0]])


def run(**options):
    return nz.simulate(Map(henon, 2), 4000, nz.Lyapunov(2, **options), start=0.1, key=0)


@pytest.mark.slow
def test_the_whole_time_gives_the_exponents_and_errors_of_the_probe():
    data = run()
    whole = exponents_between(data, 0.0, 1.0)
    np.testing.assert_allclose(whole.lyapunov, data.lyapunov, atol=1e-12)
    np.testing.assert_allclose(whole.lyapunov_se, data.lyapunov_se, rtol=1e-9)
    np.testing.assert_allclose(whole.lyapunov_running, data.lyapunov_running, atol=1e-12)
    assert whole.lyapunov.attrs["units"] == "1/step"


@pytest.mark.slow
def test_a_late_window_equals_a_run_with_a_transient():
    late = exponents_between(run(), 0.25, 1.0)
    discarded = run(discard=1000)
    np.testing.assert_allclose(late.lyapunov, discarded.lyapunov, atol=1e-12)
    assert late.lyapunov_se.attrs["blocks"] == "75"
    np.testing.assert_allclose(late.lyapunov_se, discarded.lyapunov_se, rtol=0.5)  # of 75 and of 100 blocks
    assert late.share.values[[0, -1]].tolist() == [0.26, 1.0]


def test_windows_add_up():
    data = run()
    parts = [exponents_between(data, begin, end).lyapunov for begin, end in ((0, 0.3), (0.3, 1))]
    np.testing.assert_allclose(0.3 * parts[0] + 0.7 * parts[1], data.lyapunov, atol=1e-12)


def test_ends_are_rounded_to_blocks_inside_the_window():
    data = run()
    inside, exact = exponents_between(data, 0.201, 0.999), exponents_between(data, 0.21, 0.99)
    np.testing.assert_array_equal(inside.lyapunov, exact.lyapunov)
    assert np.isnan(exponents_between(data, 0.5, 0.69).lyapunov_se).all()  # 19 blocks


@pytest.mark.slow
def test_results_of_a_spectrum_without_runs_are_accepted():
    data = lyapunov_spectrum(Map(henon, 2), duration=4000, discard=0, start=0.1, key=0)
    assert exponents_between(data, 0.0, 1.0).lyapunov.values == pytest.approx(data.lyapunov.values, abs=1e-12)


@pytest.mark.parametrize(
    ("begin", "end", "message"),
    [
        (0.5, 0.5, "0 ≤ begin < end ≤ 1"),
        (-0.1, 1.0, "fractions"),
        (0.0, 1.1, "fractions"),
        (0.501, 0.509, "100 blocks"),
    ],
)
def test_a_window_has_an_extent(begin, end, message):
    with pytest.raises(InputError, match=message):
        exponents_between(run(), begin, end)


def test_data_contain_exponents():
    with pytest.raises(InputError, match="lyapunov_running"):
        exponents_between(nz.simulate(Map(henon, 2), 10, key=0), 0.0, 1.0)
