"""Figures on correlations in frozen noise: their claims can fail, and they run at any size."""

import jax
import numpy as np
import pytest
import xarray as xr

from noisette.activations import linear
from noisette.papers import from_string
from noisette.papers.correlations import _runs, dimension, distribution, finite_size, powers
from noisette.plots import style
from noisette.studies import load, save
from noisette.studies.claims import VERDICTS
from noisette.theory import correlations

PAPER = from_string("correlations")
FIGURES = {"dimension", "powers", "finite-size", "distribution"}


def verdicts(claims) -> list[str]:
    for claim in claims:
        assert claim.verdict in VERDICTS
        assert claim.reason
        assert claim.ours
    return [claim.verdict for claim in claims]


def drawn(figure, data: xr.Dataset, folder) -> xr.Dataset:
    """Draw the data and return them as read from disk."""
    data = load(save(data, folder / f"{figure.name}.nc"))
    with style():
        figure.plot(data).savefig(folder / f"{figure.name}.png", dpi=50)
    assert (folder / f"{figure.name}.png").stat().st_size > 5000
    return data


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setitem(_runs.SIZE, "quick", 40)
    monkeypatch.setitem(_runs.DRAWS, "quick", 64)
    for module in (dimension, powers):
        monkeypatch.setitem(module.NETWORKS, "quick", 3)
    monkeypatch.setitem(finite_size.NETWORKS, "quick", {20: 8, 40: 6})
    monkeypatch.setitem(finite_size.SITES, "quick", 4000)
    monkeypatch.setitem(finite_size.MATRICES, "quick", 80_000)
    monkeypatch.setitem(finite_size.REDUCED, "quick", (20,))
    monkeypatch.setitem(distribution.MATRICES, "quick", 2)
    monkeypatch.setitem(distribution.SAMPLES, "quick", 128)


def predicted(phi, gain, scale, seed, *, networks, size=None, control=None) -> _runs.Traces:
    """Return the traces of theory, with a scatter of two per cent over four networks."""
    size = _runs.SIZE[scale] if size is None else size
    spread = np.array([-1.0, 1.0, -1.0, 1.0]) * 0.02
    order = {"order": "finite", "size": size} if phi is linear else {}
    tables = [correlations(phi, gain, _runs.NOISE, activity=a, **order) for a in _runs.ACTIVITIES]
    names = ("variance", "participation_dimension", "covariance_variance")
    level, dimension, psi = (np.array([[float(t[name])] for t in tables]) for name in names)
    first, second = level * (1 + spread / 2), level**2 / dimension * (1 + spread)
    return _runs.Traces(first, second, second - psi * (size - 1) / size * (1 + spread), size, 0)


def test_every_figure_is_registered():
    assert {figure.name for figure in PAPER.figures} >= FIGURES


# --- networks ---------------------------------------------------------------------------------------------------------


def test_blocks_are_independent_networks_of_variance_one_over_n():
    W = _runs.blocks(100, 2, jax.random.key(0))
    assert not W[:100, 100:].any()
    assert not W[100:, :100].any()
    assert abs(100 * W[:100, :100].var() - 1) < 0.05
    assert (W[:100, :100] != W[100:, 100:]).all()


def test_linear_networks_settle_where_they_are_stable(small):
    fine = _runs.traces(linear, 0.5, "quick", 0, networks=20, size=20, control=0.5)
    assert fine.first.shape == (3, 20)
    assert fine.failed == 0
    np.testing.assert_allclose(fine.first[0], fine.first[2], rtol=1e-10)  # it is its own control variate
    value, error = fine.dimension()
    exact = correlations(linear, 0.5, _runs.NOISE, 20, order="finite").participation_dimension
    assert abs(value[0] - float(exact)) < 4 * error[0]
    lost = _runs.fixed_points(linear, 3.0, np.eye(5), 7, None)
    assert lost[0].shape == (0, 5)
    assert lost[1] == 7


# --- a: dimension -----------------------------------------------------------------------------------------------------


@pytest.fixture
def dimensions(monkeypatch):
    monkeypatch.setattr(dimension, "traces", predicted)
    monkeypatch.setattr(
        dimension, "correlations", lambda *args, dynamic=False, **options: correlations(*args, **options)
    )
    monkeypatch.setattr(dimension, "GAINS", np.linspace(0.2, 2.6, 13))
    monkeypatch.setattr(dimension, "SHARES", (0.3, 0.6, 0.76))
    return dimension.study("quick", 0).run()


@pytest.mark.slow
def test_claims_on_the_dimension_are_judged(dimensions, tmp_path):
    data = drawn(dimension.FIGURE, dimensions, tmp_path)
    claims = dimension.claims(data)
    assert verdicts(claims) == ["reproduced"] * len(claims)
    off = data.copy(deep=True)
    off["simulated"] = data.simulated * 1.2
    assert verdicts(dimension.claims(off)).count("not reproduced") == 3  # linear, nonlinear, Padé
    flat = data.copy(deep=True)
    flat["simulated"] = xr.full_like(data.simulated, 1 / data.attrs["size"])
    assert dimension.claims(flat)[1].verdict == "not reproduced"
    lost = data.copy(deep=True)
    lost["dimension"] = data.dimension.where(data.gain < 2, 1e-9)
    assert dimension.claims(lost)[0].verdict == "not reproduced"


@pytest.mark.slow
def test_the_dimension_figure_runs(small, monkeypatch):
    monkeypatch.setattr(dimension, "SHARES", (0.3, 0.6))
    monkeypatch.setattr(dimension, "GAINS", np.linspace(0.2, 2.6, 13))
    result = dimension.measure("tanh", "quick", 0)
    assert np.isfinite(result.simulated).all()
    assert (np.abs(result.simulated - result.predicted) < 4 * result.simulated_se + 3 / 40).all()
    np.testing.assert_allclose(result.quadrature, result.predicted, rtol=1e-9)


# --- b: powers --------------------------------------------------------------------------------------------------------


def moving(power, scale, seed):
    """Return a dynamic solution that follows the scaling law, and a consistent simulation."""
    gains = np.array([powers._gain(power, v) for v in powers.LEVELS]) if power < 1 else np.full(3, np.nan)
    followed = np.array([[1.0, 2.0, 4.0], [2.0, 12.0, 150.0], [2.1, 11.5, 160.0], [0.1, 1.0, 10.0]])
    return {
        "moving_gain": ("level", gains),
        "moving_variance": ("level", 5 * gains ** (2 / (1 - power))),
        "moving_dimension": ("level", np.full(3, 1e-3 if power < 1 else np.nan)),
        "followed": (("what", "run"), followed if power == 0.5 else np.full((4, 3), np.nan)),
    }


@pytest.mark.slow
def test_claims_on_powers_are_judged(monkeypatch, tmp_path):
    monkeypatch.setattr(powers, "traces", predicted)
    monkeypatch.setattr(powers, "_dynamic", moving)
    monkeypatch.setattr(powers, "GAINS", np.geomspace(0.1, 30, 12))
    data = drawn(powers.FIGURE, powers.study("quick", 0).run(), tmp_path)
    claims = powers.claims(data)
    assert verdicts(claims) == ["reproduced"] * len(claims)
    for name, factor, place in (
        ("strong_variance", xr.DataArray([1.0, 1.1], dims="strong"), 0),
        ("strong_covariance_variance", xr.DataArray([1.0, 1.2], dims="strong"), 1),
        ("strong_rate_dimension", 1.02, 2),
        ("critical", 4.0, 3),
        ("moving_dimension", xr.DataArray([1.0, 1.0, 1.1], dims="level"), 4),
        ("fold", 1.01, 5),
        ("simulated", 1.2, 6),
        ("followed", xr.DataArray([1.0, 1.0, 1.5, 1.0], dims="what"), 7),
    ):
        off = data.copy(deep=True)
        off[name] = (data[name] * factor).transpose(*data[name].dims)
        assert powers.claims(off)[place].verdict == "not reproduced", name


@pytest.mark.slow
def test_the_powers_figure_runs(small, monkeypatch):
    monkeypatch.setattr(powers, "LEVELS", (1e2,))
    monkeypatch.setattr(powers, "GAINS", np.geomspace(0.1, 30, 12))
    monkeypatch.setattr(powers, "POINTS", {1.5: (0.1, 0.2)})
    result = powers.measure(1.5, "quick", 0)
    apart = np.abs(result.simulated - result.predicted)
    assert (apart < 4 * result.simulated_se + 10 / 40 * result.predicted).all()
    strong = powers._dynamic(0.75, "quick", 0)
    assert strong["moving_variance"][1][0] == pytest.approx(100, rel=0.1)


# --- c: finite size ---------------------------------------------------------------------------------------------------


def test_lines_are_fitted_by_weighted_least_squares():
    sizes, errors = np.array([40, 100, 200]), np.array([0.1, 0.2, np.nan])
    limit, bend, error = finite_size.fitted(sizes, np.append(2 + 3 / sizes[:2], np.nan), errors)
    assert (limit, bend) == pytest.approx((2, 3))
    assert error == pytest.approx(np.hypot(0.1 * 40, 0.2 * 100) / 60)


def test_control_variates_reduce_the_scatter():
    rng = np.random.default_rng(0)
    common = rng.standard_normal((2, 400))
    first, second = 1 + 0.1 * common[0], 2 + 0.3 * common[1]
    scatter = 0.01 * rng.standard_normal((2, 400))
    known = np.array([[1.0], [2.0]]) + np.array([[0.1], [0.3]]) * rng.standard_normal((2, 10**6))
    first_rows = np.array([first + scatter[0], first, first])
    second_rows = np.array([second + scatter[1], second, second])
    runs = _runs.Traces(first_rows, second_rows, np.zeros((3, 400)), 50, 0)
    _, plain_error = runs.dimension()
    value, error = finite_size.controlled(runs, 0, known)
    assert error < 0.1 * plain_error[0]
    assert abs(value - 0.5) < 4 * error


def sizes_as_predicted() -> xr.Dataset:
    """Return data with the known slopes."""
    sizes, errors = np.array([40, 100, 200]), np.array([0.02, 0.05, 0.1])
    rows = []
    for name, case in finite_size.CASES.items():
        limits = [known for known, _ in case.slopes] or [finite_size._exact(name)] * 2
        rows.append([[limit + 2 / n for limit in limits] for n in sizes])
    simulated = xr.DataArray(rows, dims=("case", "size", "activity"))
    error = xr.zeros_like(simulated) + xr.DataArray(errors, dims="size")
    model = simulated.where(xr.DataArray(sizes <= 100, dims="size"))
    model = model.where(xr.DataArray([bool(case.slopes) for case in finite_size.CASES.values()], dims="case"))
    none = xr.zeros_like(simulated.isel(activity=0)).astype(int)
    return xr.Dataset(
        {"simulated": simulated, "simulated_se": error, "model": model, "model_se": error.where(model.notnull()),
         "failed": none},
        {"case": list(finite_size.CASES), "size": sizes, "activity": list(_runs.ACTIVITIES)},
    )  # fmt: skip


def test_claims_on_finite_size_are_judged(tmp_path):
    data = drawn(finite_size.FIGURE, sizes_as_predicted(), tmp_path)
    claims = finite_size.claims(data)
    assert verdicts(claims) == ["reproduced"] * len(claims)
    off = data.copy(deep=True)
    off["simulated"], off["model"] = data.simulated - 1, data.model - 1
    assert "reproduced" not in verdicts(finite_size.claims(off))[:-1]
    apart = data.copy(deep=True)
    apart["model"] = data.model + 0.2
    assert finite_size.claims(apart)[-1].verdict == "not reproduced"


@pytest.mark.slow
def test_the_finite_size_figure_runs(small):
    for case, size, reduced in (("linear", 20, False), ("no-autapses", 20, False), ("tanh-0.8", 20, True)):
        result = finite_size.measure(case, size, "quick", 0)
        assert np.isfinite(result.simulated).all()
        assert bool(np.isfinite(result.model).all()) is reduced
        if reduced:
            apart = np.abs(result.simulated - result.model)
            assert (apart < 4 * np.hypot(result.simulated_se, result.model_se)).all()


# --- d: distribution --------------------------------------------------------------------------------------------------


def test_moments_of_pairs_are_free_of_sampling():
    rng = np.random.default_rng(0)
    size, draws = 60, 300
    root = np.eye(size) + 0.3 * rng.standard_normal((size, size)) / np.sqrt(size)
    root *= np.linspace(0.5, 1.5, size)[:, None]  # the sampling error differs between pairs
    exact = (root @ root.T)[np.triu_indices(size, 1)] * np.sqrt(size)
    moments = [distribution.pair_moments(rng.standard_normal((draws, size)) @ root.T)[1] for _ in range(40)]
    _, variance, added, kurtosis = np.mean(moments, 0)
    assert added > (exact**2).mean()  # the sampling error is the larger part
    assert variance == pytest.approx((exact**2).mean(), rel=0.1)
    error = np.std(moments, 0)[3] / np.sqrt(40)  # of the mean over samples, false-alarm rate 6e-5
    assert kurtosis == pytest.approx((exact**4).mean() / (exact**2).mean() ** 2 - 3, abs=4 * error)


@pytest.mark.slow
def test_the_distribution_figure_runs_and_its_claims_are_judged(small, monkeypatch, tmp_path):
    monkeypatch.setitem(distribution.SIZES, "quick", (20, 40))
    monkeypatch.setattr(distribution, "CASES", {"tanh-0.8": distribution.CASES["tanh-0.8"]})
    data = drawn(distribution.FIGURE, distribution.study("quick", 0).run(), tmp_path)
    verdicts(distribution.claims(data))
    ratio = data.variance.mean("network") / data.psi
    assert (np.abs(ratio - 1) < 0.5).all()
    ideal, scatter = data.copy(deep=True), xr.DataArray(np.tile([-1.0, 1.0], 2), dims="network")
    available = data.variance.notnull()
    ideal["variance"] = (data.psi * (1 + 0.05 * scatter)).where(available).transpose(*data.variance.dims)
    ideal["average"] = (0.01 * scatter + 0 * data.psi).where(available).transpose(*data.average.dims)
    ideal["kurtosis"] = (
        (4 / data["size"] + 0.05 * scatter + 0 * data.psi).where(available).transpose(*data.kurtosis.dims)
    )
    assert verdicts(distribution.claims(ideal)) == ["reproduced"] * 3
    for name, change, place in (("variance", 1.5, 0), ("average", 20.0, 1), ("kurtosis", 20.0, 2)):
        off = ideal.copy(deep=True)
        off[name] = ideal[name] * change if name == "variance" else ideal[name] + change * np.sqrt(ideal.psi)
        assert distribution.claims(off)[place].verdict == "not reproduced", name
