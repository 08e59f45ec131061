"""Simulations and theory behind the page about chaos."""

import json
import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import jax
import numpy as np
import xarray as xr

from noisette import Lyapunov, Speed, Trace, activations, noise, simulate
from noisette.analysis import exponents_between, spectrum, synchronisation
from noisette.app.answers import Report
from noisette.app.pages._chaos_view import Chaos, network_of, switched, unit_network
from noisette.errors import InputError
from noisette.networks import Onsager, RateNetwork
from noisette.simulation import StepStability, step_stability
from noisette.theory import mean_field

RECORDS = 600  # largest number of records of a run
BEGINNING = 400  # steps of the run that is computed at once
KEPT = 8  # runs that are kept
RANDOM = "gaussian:"  # weights to which mean-field theory applies: independent, of variance 1/N

_lock = threading.Lock()
_runs: OrderedDict[tuple[Chaos, float], xr.Dataset] = OrderedDict()
_gates: WeakValueDictionary[tuple[Chaos, float], Any] = WeakValueDictionary()


class Phase(NamedTuple):
    """A part of a run in which γ is constant.

    Attributes
    ----------
    begin, end, gamma : its times, in units of τ, and γ
    lyapunov, error : largest exponent after the transient, in 1/τ, and its standard error; NaN if too short
    running : the exponent from the transient to each time, with the dimension ``time``
    first, mean, last : kinetic energy per unit at its beginning, after the transient, and at its end
    stability : stability of Euler's step at the state that limits it most, among three states of the phase, after the
        transient, in the middle of the rest, and at the end; None if the last one is not finite
    rates : eigenvalues of the Jacobian at its end, in 1/τ
    """

    begin: float
    end: float
    gamma: float
    lyapunov: float
    error: float
    running: xr.DataArray
    first: float
    mean: float
    last: float
    stability: StepStability | None
    rates: np.ndarray


class Theory(NamedTuple):
    """Largest exponent and kinetic energy per unit for N → ∞, and the reason if they are not known."""

    lyapunov: float
    energy: float
    reason: str


def key_of(view: Chaos) -> jax.Array:
    """Return the key of a run, which is that of the first network of ``noisette chaos``."""
    return jax.random.fold_in(jax.random.key(view.seed), 0)


def every_of(view: Chaos, dt: float | None = None) -> int:
    """Return the number of steps between records."""
    return math.ceil(round(view.duration / (dt or view.dt)) / RECORDS)


def run_of(view: Chaos, report: Report, dt: float | None = None) -> xr.Dataset:
    """Return the run of a view; recent runs are kept.

    Parameters
    ----------
    view : the view
    report : progress
    dt : time step, that of the view by default
    """
    step = dt or view.dt
    place = (view.but(transient=0.0), step)
    with _lock:
        gate = _gates.setdefault(place, threading.Lock())
    with gate:  # two parts of the page that need the same run compute it once
        with _lock:
            known = _runs.get(place)
        if known is not None:
            return known
        data = _simulated(view, step, report)
        with _lock:
            _runs[place] = data
            while len(_runs) > KEPT:
                _runs.popitem(last=False)
        return data


def _simulated(view: Chaos, dt: float, report: Report) -> xr.Dataset:
    every = every_of(view, dt)
    probes = [Trace(every=every), Speed(every=every), Lyapunov()]
    steps = max(1, round(view.steps * view.dt / dt))
    return simulate(network_of(view), steps, probes, dt=dt, key=key_of(view), warn=False, progress=report)


def beginning_of(view: Chaos) -> xr.Dataset:
    """Return the first steps of the run, with the records of five units."""
    probes = [Trace(every=2), Speed(every=2)]
    return simulate(switched(view), BEGINNING, probes, dt=view.dt, key=key_of(view), warn=False)


def meeting_of(view: Chaos, report: Report) -> xr.Dataset:
    """Return the distance of two trajectories that start from different states in the noise of the run."""
    duration = view.steps * view.dt
    return synchronisation(
        network_of(view), duration=duration, dt=view.dt, key=key_of(view), warn=False, progress=report
    )


def bounds_of(view: Chaos, data: xr.Dataset) -> dict[float, StepStability]:
    """Return the stability of the step after the first steps, for each γ of the view.

    For the γ of the last step, the simulation has computed the number, and the mode is not computed again (NaN).

    Parameters
    ----------
    view : the view
    data : the first steps of its run
    """
    state = data.final.values[0]
    if not np.isfinite(state).all():
        return {}
    network, number = unit_network(view), float(data.stability)
    last = float(switched(view).gamma_at((BEGINNING - 1) * view.dt))
    stabilities = {}
    for gamma in dict.fromkeys(gamma for _, _, gamma in view.phases):
        if gamma == last and number > 0:
            stabilities[gamma] = StepStability(number, 2 * view.dt / number, complex(math.nan))
        else:
            stabilities[gamma] = step_stability(with_gamma(network, gamma), state, view.dt)
    return stabilities


def with_gamma(network: RateNetwork, gamma: float) -> RateNetwork | Onsager:
    """Return a network with the Onsager term of a constant weight."""
    return network if gamma == 0 else Onsager(network, gamma)


def phases_of(view: Chaos, data: xr.Dataset) -> list[Phase]:
    """Return exponents, energies and modes of each phase of a run.

    Parameters
    ----------
    view : the view
    data : its run
    """
    configuration = json.loads(data.attrs["configuration"])
    total = configuration["steps"] * configuration["dt"]
    return [_phase(view, data, span, total) for span in view.phases]


def _phase(view: Chaos, data: xr.Dataset, span: tuple[float, float, float], total: float) -> Phase:
    begin, end, gamma = span
    counted = begin + view.transient / 100 * (end - begin)
    try:
        window = exponents_between(data, counted / total, min(1.0, end / total)).isel(run=0, exponent=0)
        exponent, error = float(window.lyapunov), float(window.lyapunov_se)
        running = window.lyapunov_running.assign_coords(share=window.share * total).rename(share="time")
    except InputError:  # shorter than a block
        exponent = error = float("nan")
        running = xr.DataArray(np.zeros(0), {"time": np.zeros(0)}, ["time"])
    energies = data.speed.isel(run=0)
    times = energies.speed_time.values
    inside = energies.values[(times >= begin - 1e-9) & (times < end - 1e-9)]
    late = energies.values[(times >= counted - 1e-9) & (times < end - 1e-9)]
    none = np.full(1, np.nan)
    inside, late = (values if len(values) else none for values in (inside, late))
    states = [_state_at(data, time, total) for time in ((counted + end) / 2, counted, end)]
    known = bool(np.isfinite(states[-1]).all())
    network = with_gamma(unit_network(view), gamma)
    step = json.loads(data.attrs["configuration"])["dt"]
    stabilities = [step_stability(network, state, step) for state in states if known and np.isfinite(state).all()]
    return Phase(
        *(begin, end, gamma, exponent, error, running),
        *(float(inside[0]), float(late.mean()), float(inside[-1])),
        max(stabilities, key=lambda stability: stability.number, default=None),
        spectrum(network, states[-1]) if known else np.zeros(0),
    )


def _state_at(data: xr.Dataset, time: float, total: float) -> np.ndarray:
    """Return the last recorded state before a time; the final state at the end of the run."""
    if time >= total - 1e-9:
        return data.final.values[0]
    rows = np.flatnonzero(data.time.values < time - 1e-9)
    return data.trace.values[0, rows[-1] if len(rows) else 0]


def has_theory(view: Chaos) -> bool:
    """Return whether mean-field theory describes the weights of a view."""
    return view.weights.startswith(RANDOM)


@lru_cache(maxsize=512)
def theory_at(activation: str, gain: float, process: str) -> Theory:
    """Return the results of mean-field theory for N → ∞ at γ = 0.

    Parameters
    ----------
    activation, process : words of activation and noise
    gain : gain g
    """
    try:
        data = mean_field(activations.from_string(activation), gain, noise.from_string(process))
    except InputError as error:
        return Theory(float("nan"), float("nan"), str(error))
    return Theory(float(data.lyapunov), float(data.kinetic_energy), "")


def gains_of(view: Chaos) -> np.ndarray:
    """Return the gains of the curve of mean-field theory."""
    return np.linspace(0.25, 4.0, 16) if view.gain <= 4 else np.linspace(0.75, 12.0, 16)


def theory_curve(view: Chaos, report: Report) -> Sequence[Theory]:
    """Return the results of mean-field theory at all gains of the curve."""
    gains, results = gains_of(view), []
    for number, gain in enumerate(gains.tolist()):
        report(number, len(gains))
        results.append(theory_at(view.activation, gain, view.noise_word))
    return results


def variables_of(view: Chaos, data: xr.Dataset, phases: Sequence[Phase]) -> dict[str, Any]:
    """Return the numbers of a run as the variables of a Dataset."""
    rates = np.array(
        [
            np.pad(p.rates.astype(complex), (0, data.sizes["final_unit"] - len(p.rates)), constant_values=np.nan)
            for p in phases
        ]
    )
    bounds = [p.stability.bound if p.stability else float("nan") for p in phases]
    return {
        "trace": data.trace.isel(run=0, unit=slice(0, 5)),
        "speed": data.speed.isel(run=0).rename(speed_time="time"),  # recorded in the same steps
        "gamma": ("phase", [p.gamma for p in phases]),
        "begin": ("phase", [p.begin for p in phases], {"units": "tau"}),
        "end": ("phase", [p.end for p in phases], {"units": "tau"}),
        "lyapunov": ("phase", [p.lyapunov for p in phases], {"units": "1/tau"}),
        "lyapunov_se": ("phase", [p.error for p in phases], {"units": "1/tau"}),
        "kinetic_energy": ("phase", [p.last for p in phases]),
        "mean_kinetic_energy": ("phase", [p.mean for p in phases]),
        "bound": ("phase", bounds, {"units": "tau"}),
        "eigenvalues": (("phase", "mode", "part"), np.stack([np.real(rates), np.imag(rates)], -1), {"units": "1/tau"}),
    }


__all__ = ["Phase", "Theory", "beginning_of", "bounds_of", "phases_of", "run_of", "theory_at", "theory_curve"]
