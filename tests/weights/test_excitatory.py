import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm

from noisette import weights
from noisette.errors import InputError
from noisette.weights import EI_CASES, dale_violations, excitatory_inhibitory, expected_mean, spectral_radius

KEY = jax.random.key(0)
SIZE = 1000
PAPER = {"inhibitory": (-2.53, 1.252), "balanced": (0.0, 0.963), "excitatory": (2.53, 1.043)}  # N E[J], R at N = 1000


@pytest.fixture(scope="module")
def drawn():
    return {name: excitatory_inhibitory(SIZE, **case, key=KEY) for name, case in EI_CASES.items()}


@pytest.mark.parametrize("name", PAPER)
def test_the_formulas_give_the_numbers_of_the_paper(name):
    mean, radius = PAPER[name]
    assert SIZE * expected_mean(SIZE, **EI_CASES[name]) == pytest.approx(mean, abs=0.005)
    assert spectral_radius(**EI_CASES[name]) == pytest.approx(radius, abs=0.0005)


@pytest.mark.slow
@pytest.mark.parametrize("name", PAPER)
def test_matrices_have_the_stated_moments(name, drawn):
    # a million weights: within 5 standard errors, false alarms below 1e-6 each
    J, case = drawn[name], EI_CASES[name]
    density, share = case["density"], case["fraction"]
    assert J.mean() == pytest.approx(expected_mean(SIZE, **case), abs=5 * J.std() / SIZE)
    assert (J != 0).mean() == pytest.approx(density, abs=5 * np.sqrt(density * (1 - density)) / SIZE)
    for kind, columns in [("e", J[:, :800]), ("i", J[:, 800:])]:
        present = columns[columns != 0] * np.sqrt(SIZE)
        mu, sigma = case[f"mu_{kind}"], case[f"sigma_{kind}"]
        assert present.mean() == pytest.approx(mu, abs=5 * sigma / np.sqrt(present.size))
        assert present.std() == pytest.approx(sigma, rel=5 / np.sqrt(2 * present.size))
    # N · variance about the mean of each type is R²
    variances = [SIZE * part.var() for part in (J[:, :800], J[:, 800:])]
    assert share * variances[0] + (1 - share) * variances[1] == pytest.approx(spectral_radius(**case) ** 2, rel=0.03)


@pytest.mark.parametrize("name", PAPER)
def test_the_bulk_of_the_spectrum_fills_the_disc(name):
    """Half of the eigenvalues lie within the r that solves Σ_l f_l d_l²/(r² + d_l²/2) = 1, few beyond R.

    d_l² = α [(1 − α) μ_l² + σ_l²]; the law of radii F is that of a Ginibre matrix with scaled columns,
    Σ_l f_l d_l²/(r² + (1 − F) d_l²) = 1, which puts F = 1 at R. N = 300: 7 % for finite size.
    """
    case = EI_CASES[name]
    sizes = np.abs(np.linalg.eigvals(excitatory_inhibitory(300, **case, key=KEY)))
    radius = spectral_radius(**case)
    shares = np.array([0.8, 0.2])
    squares = 0.2 * (0.8 * np.array([case["mu_e"], case["mu_i"]]) ** 2 + 1.2**2)
    median = np.sqrt(brentq(lambda r: np.sum(shares * squares / (r + squares / 2)) - 1, 0, radius**2))
    assert np.median(sizes) == pytest.approx(median, rel=0.07)
    assert np.mean(sizes < 1.1 * radius) > 0.97


@pytest.mark.parametrize(("name", "share"), [("inhibitory", 0.16), ("balanced", 0.16), ("excitatory", 0.08)])
def test_dispersion_breaks_dales_law_as_often_as_a_gaussian_tail(name, share, drawn):
    case = EI_CASES[name]
    result = dale_violations(drawn[name])
    # 160 000 and 40 000 synapses: within 5 standard errors
    expected = {"excitatory": norm.sf(case["mu_e"] / 1.2), "inhibitory": norm.sf(-case["mu_i"] / 1.2)}
    for (kind, tail), number in zip(expected.items(), (160_000, 40_000), strict=True):
        assert result[kind] == pytest.approx(tail, abs=5 * np.sqrt(max(tail, 1e-4) / number))
    assert result["all"] == pytest.approx(0.8 * expected["excitatory"] + 0.2 * expected["inhibitory"], abs=0.005)
    assert result["all"] == pytest.approx(share, abs=0.01)


@given(seed=st.integers(0, 2**31), fraction=st.floats(0, 1), density=st.floats(0.05, 1))
def test_without_dispersion_dales_law_holds(seed, fraction, density):
    J = excitatory_inhibitory(
        30, sigma_e=0.0, sigma_i=0.0, fraction=fraction, density=density, key=jax.random.key(seed)
    )
    assert set(dale_violations(J, fraction).values()) == {0}
    assert (J[:, : int(30 * fraction)] >= 0).all()
    assert (J[:, int(30 * fraction) :] <= 0).all()


def test_the_same_key_draws_the_same_matrix(drawn):
    assert (excitatory_inhibitory(SIZE, **EI_CASES["balanced"], key=KEY) == drawn["balanced"]).all()
    assert (excitatory_inhibitory(30, key=KEY) != excitatory_inhibitory(30, key=jax.random.key(1))).any()


def test_moments_of_one_type_are_those_of_a_dense_gaussian():
    """With density 1 and one type the matrix is Gaussian: mean μ/√N, radius σ."""
    single_type = {"mu_e": 0.5, "mu_i": -9.0, "fraction": 1.0, "density": 1.0}
    assert expected_mean(400, **single_type) == pytest.approx(0.5 / 20)
    assert spectral_radius(sigma_e=1.7, **single_type) == pytest.approx(1.7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: excitatory_inhibitory(0, key=KEY), "size 0"),
        (lambda: excitatory_inhibitory(5, fraction=1.5, key=KEY), "fraction 1.5; a fraction of excitatory units"),
        (lambda: excitatory_inhibitory(5, fraction=-0.1, key=KEY), "fraction -0.1"),
        (lambda: excitatory_inhibitory(5, density=0.0, key=KEY), "density 0; a connection probability above 0"),
        (lambda: excitatory_inhibitory(5, density=1.1, key=KEY), "density 1.1"),
        (lambda: excitatory_inhibitory(5, sigma_i=-1.0, key=KEY), "sigma_i -1; a standard deviation, zero or positive"),
        (lambda: expected_mean(0, mu_e=1.0, mu_i=1.0), "size 0"),
        (lambda: expected_mean(5, mu_e=1.0, mu_i=1.0, density=2.0), "density 2"),
        (lambda: spectral_radius(mu_e=1.0, mu_i=1.0, fraction=2.0), "fraction 2"),
        (lambda: dale_violations([[1.0, 2.0]]), "a weight matrix is square"),
        (lambda: dale_violations([[1.0]], fraction=7.0), "fraction 7"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_presets_are_those_of_the_paper():
    assert set(EI_CASES) == set(PAPER)
    assert weights.EI_CASES["inhibitory"]["mu_i"] == -6
