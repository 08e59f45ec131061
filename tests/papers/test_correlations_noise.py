"""Figures e to h of the correlations paper: claims follow the data, and each measure runs at a small size."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from noisette.papers import from_string, reproduce
from noisette.papers.correlations import coloured, limits, noise_types, one_network
from noisette.plots import style
from noisette.studies import load
from noisette.studies.claims import VERDICTS

ACTIVITIES = ["current", "rate"]


def verdicts(claims):
    assert all(claim.verdict in VERDICTS and claim.reason and claim.ours and claim.paper for claim in claims)
    return [claim.verdict for claim in claims]


def draws(figure, data, folder):
    with style():
        figure.plot(data).savefig(folder / "drawn.png", dpi=50)
    return (folder / "drawn.png").stat().st_size > 3000


# --- e: quenched and annealed noise


@pytest.fixture
def types():
    """Return data that agree with theory; ν grows with the gain."""
    gains = np.array(noise_types.GAINS)
    kinds = list(noise_types.KINDS)
    shape = (len(kinds), len(gains), 2)
    slopes = np.stack([gains**2 / (k + gains**2) for k in (4, 4, 3, 3)]) * 0.9
    dimension = np.empty(shape)
    dimension[:] = ((1 - slopes) ** 2)[..., None]
    dimension[2] = np.sqrt(dimension[2])
    for gain, row in noise_types.TABLE.items():
        at = list(gains).index(gain)
        for kind, value in zip((0, 2, 3), row, strict=True):
            dimension[kind, at] = value
            slopes[kind, at] = 1 - np.sqrt(value)
    rest = np.full(shape, np.nan)
    rest[0] = dimension[0]
    simulated = np.full(shape, np.nan)
    for gain in (0.5, 1.0, 1.5):
        at = list(gains).index(gain)
        simulated[[0, 2, 3], at] = dimension[[0, 2, 3], at] + 0.001
    data = {
        "dimension": dimension,
        "euler": dimension.copy(),
        "at_rest": rest,
        "simulated": simulated,
        "simulated_se": np.where(np.isnan(simulated), np.nan, 0.001),
    }
    variables = {name: (("kind", "gain", "activity"), values) for name, values in data.items()}
    coords = {"kind": kinds, "gain": gains, "activity": ACTIVITIES}
    return xr.Dataset(variables | {"slopes": (("kind", "gain"), slopes)}, coords, {"size": 200, "dt": 0.1})


def monotonic(types):
    """Make D decrease also between the tabulated gains."""
    for kind in (0, 2):
        known = [0.0, *noise_types.TABLE, 2.5]
        values = [1.0, *(types.dimension.values[kind, list(types.gain.values).index(g), 0] for g in known[1:-1]), 0.01]
        types.dimension.values[kind] = np.interp(types.gain.values, known, values)[:, None]
    return types


def test_claims_on_noise_types_are_judged(types, tmp_path):
    types = monotonic(types)
    assert verdicts(noise_types.claims(types)) == ["reproduced"] * 4
    assert draws(noise_types.FIGURE, types, tmp_path)


def test_claims_on_noise_types_can_fail(types):
    rising, other, far, law = (monotonic(types).copy(deep=True) for _ in range(4))
    rising.dimension.values[2, 3] = 1.2
    assert verdicts(noise_types.claims(rising))[0] == "not reproduced"
    other.at_rest.values[0, 3] += 0.01
    assert verdicts(noise_types.claims(other))[1] == "reproduced"  # g = 0.375 is not in the table
    other.at_rest.values[0, 4] += 0.01
    assert verdicts(noise_types.claims(other))[1] == "not reproduced"
    law.slopes.values[3, 5] += 0.01
    assert verdicts(noise_types.claims(law))[2] == "not reproduced"
    far.simulated.values[2, 8] += 0.01
    assert verdicts(noise_types.claims(far))[3] == "not reproduced"


@pytest.mark.slow
def test_noise_types_are_measured(monkeypatch):
    monkeypatch.setitem(noise_types.SIZE, "quick", 40)
    monkeypatch.setitem(noise_types.NETWORKS, "quick", 3)
    monkeypatch.setitem(noise_types.RUNS, "quick", 10)
    result = noise_types.measure("annealed", 1.0, "quick", 0)
    assert result.dimension.values == pytest.approx([0.7876, 0.8048], abs=1e-4)
    assert result.euler.values == pytest.approx([0.8081, 0.8256], abs=1e-4)
    assert (abs(result.simulated - result.euler) < 5 * result.simulated_se + 0.05).all()
    assert np.isnan(result.at_rest).all()
    nothing = noise_types.measure("quenched", 0.25, "quick", 0)
    assert np.isnan(nothing.simulated).all()
    assert nothing.at_rest.values == pytest.approx(nothing.dimension.values)


# --- f: coloured noise


@pytest.fixture
def colours():
    """Return data with the tabulated values, an exact 1/τ_c law, and simulations that agree with theory."""
    times = np.array(coloured.TIMES)
    known = np.array(list(coloured.TABLE))
    table = np.array(list(coloured.TABLE.values()))
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.where(np.isinf(times), 1.0, times / (1 + times))
        columns = np.array([np.interp(place, np.where(np.isinf(known), 1.0, known / (1 + known)), c) for c in table.T])
    variance, dimension = columns[:2].T.copy(), columns[2:].T.copy()
    simulated = np.isin(times, coloured.SIMULATED)[:, None]
    data = {"variance": variance, "dimension": dimension}
    for name in ("variance", "dimension"):
        data[f"euler_{name}"] = np.where(simulated, data[name], np.nan)
        data[f"simulated_{name}"] = data[f"euler_{name}"] + 0.001
        data[f"error_{name}"] = np.where(simulated, 0.001, np.nan * variance)
    variables: dict[str, Any] = {name: (("time", "activity"), values) for name, values in data.items()}
    variables["autocovariance"] = (("time", "lag"), np.exp(-coloured.LAGS / (1 + np.minimum(times, 1e9)[:, None])))
    variables["slow_coefficient"] = ("time", np.full(len(times), 0.54))
    coords = {"time": times, "activity": ACTIVITIES, "lag": coloured.LAGS}
    return xr.Dataset(variables, coords, {"size": 200, "gain": 1.2, "dt": 0.1})


@pytest.mark.slow
def test_claims_on_coloured_noise_are_judged(colours, tmp_path):
    assert verdicts(coloured.claims(colours))[:3] == ["reproduced"] * 3
    assert draws(coloured.FIGURE, colours, tmp_path)


def test_claims_on_coloured_noise_can_fail(colours):
    colours.simulated_dimension.values[6] += 0.01
    colours.variance.values[4] += 0.2
    assert verdicts(coloured.claims(colours))[:3] == ["not reproduced"] * 3
    colours.slow_coefficient.values[:] = 1.0
    assert verdicts(coloured.claims(colours))[4] == "not reproduced"


@pytest.mark.slow
def test_coloured_noise_runs_with_both_limits(tmp_path):
    """The whole figure, from study to claims, at smoke scale; white and quenched noise are τ_c = 0 and ∞."""
    claims, _ = reproduce(from_string("correlations"), coloured.FIGURE, tmp_path, scale="smoke")
    assert [claim.verdict for claim in claims] == ["not judged", *["reproduced"] * 4]
    data = load(tmp_path / "coloured.nc")
    assert data.time.values.tolist() == list(coloured.TIMES)
    for time, (v, q, dx, dphi) in coloured.TABLE.items():
        assert data.variance.sel(time=time).values == pytest.approx([v, q], abs=2e-4)
        assert data.dimension.sel(time=time).values == pytest.approx([dx, dphi], abs=2e-4)
    assert float(data.slow_coefficient[0]) == pytest.approx(0.556, abs=1e-3)
    frozen = data.autocovariance.sel(time=np.inf)
    assert np.allclose(frozen, frozen[0])
    assert (tmp_path / "coloured.png").stat().st_size > 3000


# --- g: one network


def test_agreement_allows_for_sampling_error():
    rng = np.random.default_rng(0)
    root = rng.normal(size=(60, 60)) / 60**0.5 + np.eye(60)
    true = root @ root.T
    x = rng.normal(size=(400, 60)) @ root.T
    measures = one_network.agreement(x.T @ x / 400, true, 400)
    assert measures["correlation"] == pytest.approx(measures["floor"], abs=0.01)
    assert measures["slope"] == pytest.approx(1, abs=0.03)
    shuffled = one_network.agreement(x.T @ x / 400, true[::-1, ::-1], 400)
    assert abs(shuffled["correlation"]) < 0.2 < shuffled["floor"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("floor", 0.985, ["reproduced"] * 4),
        ("correlation", 0.9, ["not reproduced", "reproduced", "reproduced", "not reproduced"]),
        ("slope", 0.9, ["reproduced", "not reproduced", "reproduced", "not reproduced"]),
    ],
)
def test_claims_on_one_network_are_judged(name, value, expected, tmp_path):
    kinds = [" ".join(kind) for kind in one_network.KINDS]
    full = np.full((len(one_network.CASES), len(kinds)), 1.0)
    x = np.linspace(-1, 1, 5)
    data = {n: (("case", "kind"), v * full) for n, v in (("correlation", 0.98), ("floor", 0.985), ("slope", 0.97))}
    data |= {n: (("case", "kind", "pair"), full[..., None] * x) for n in ("predicted", "simulated")}
    coords = {"case": list(one_network.CASES), "kind": kinds}
    made = xr.Dataset(data, coords, {"size": 200, "draws": 4000})
    made[name][:] = value
    assert verdicts(one_network.claims(made)) == expected
    assert name != "floor" or draws(one_network.FIGURE, made, tmp_path)


@pytest.mark.slow
def test_one_network_is_measured(monkeypatch):
    monkeypatch.setitem(one_network.SIZE, "quick", 60)
    monkeypatch.setattr(one_network, "DRAWS", 1000)
    result = one_network.measure("uneven", "quick", 0).sel(kind="current own")
    assert int(result.failed) == 0
    assert float(result.correlation / result.floor) > 0.97
    assert float(result.own_correlation) > 0.95
    assert result.predicted.shape == result.simulated.shape


# --- h: limits


@pytest.fixture
def ends():
    """Return data of a clear transition, and simulations that agree with dynamic theory."""
    cells = len(limits.GAINS)
    gains, strengths = np.array(limits.GAINS), np.array(limits.STRENGTHS)
    chi = np.array(list(limits.CHI.values())).T
    shares = np.stack([np.clip((chi - 0.8) / width, 0, 1) for width in (0.5, 0.3)], -1)
    critical = np.stack([1 + strengths**0.5] * 3, 1)
    for (name, s), value in limits.CRITICAL.items():
        critical[limits.STRENGTHS.index(s), list(limits.ACTIVATIONS).index(name)] = value
    for column in range(3):
        critical[:, column] = np.interp(strengths, [0.05, 0.2, 1.0, 3.0], [1.1, *critical[[2, 5], column], 3.0])
    dynamic = {"variance": gains**2, "dimension": 0.3 / gains}
    at = limits.GAINS.index(2.5)
    values = {n: np.stack([v, v], 1) for n, v in dynamic.items()}
    values["variance"][at], values["dimension"][at] = [5.0878, 0.6], [0.1008, 0.1254]
    simulated = np.isin(gains, limits.SIMULATED)[:, None]
    data = {"chi": (("cell", "flow"), chi), "unsettled": (("cell", "flow", "size"), shares)}
    data |= {"strength": ("cell", strengths), "critical": (("cell", "activation"), critical), "gain": ("cell", gains)}
    for name, value in values.items():
        both = {"dynamic": value, "static": value * np.where(gains > 1.8556, 0.9, 1)[:, None]}
        both |= {"euler": np.where(simulated, value, np.nan), "simulated": np.where(simulated, value * 1.001, np.nan)}
        both["error"] = np.where(simulated, value * 0.01, np.nan)
        data |= {f"{kind}_{name}": (("cell", "activity"), v) for kind, v in both.items()}
    coords = {"cell": np.arange(cells), "flow": list(limits.CHI), "size": [100, 200]}
    coords |= {"activation": list(limits.ACTIVATIONS), "activity": ACTIVITIES}
    return xr.Dataset(data, coords, {"dt": 0.2, "runs_size": 400, "starts": 96})


def test_claims_on_limits_are_judged(ends, tmp_path):
    assert verdicts(limits.claims(ends)) == ["reproduced"] * 5
    assert draws(limits.FIGURE, ends, tmp_path)


def test_claims_on_limits_can_fail(ends):
    ends.unsettled.values[0] = 0.3
    ends.critical.values[5] += 0.01
    ends.dynamic_dimension.values[:] *= -1
    ends.euler_variance.values[:] *= 2
    assert verdicts(limits.claims(ends)) == ["not reproduced"] * 5


@pytest.mark.slow
def test_limits_are_measured(monkeypatch):
    monkeypatch.setitem(limits.SIZES, "quick", (20, 40))
    monkeypatch.setitem(limits.STARTS, "quick", (4, 4))
    monkeypatch.setattr(limits, "SIMULATED", ())
    monkeypatch.setitem(limits.CHI, "tanh", (0.3,) * 9)
    monkeypatch.setitem(limits.CHI, "power", (1.1,) * 9)
    result = limits.measure(5, "quick", 0)  # s = 1, g = 2.5
    assert result.critical.values == pytest.approx([1.8556, 1.3380, 1.8090], abs=1e-4)
    assert (result.unsettled.sel(flow="tanh") == 0).all()
    assert (result.static_dimension < result.dynamic_dimension).all()
    assert result.dynamic_dimension.values == pytest.approx([0.1008, 0.1254], abs=1e-4)
    assert np.isnan(result.simulated_dimension).all()
    gain = limits.gain_of(limits.tanh, 1.0)
    assert gain == pytest.approx(1.8556, abs=1e-4)
