"""Python code that computes a view of the page about correlations with public calls."""

from typing import Any

from noisette import Frozen, OrnsteinUhlenbeck, White
from noisette.app.pages._correlations_results import (
    DRAWS,
    DT,
    LAG_NETWORKS,
    LAG_RUNS,
    LAGS,
    LONGEST,
    PAIR_DRAWS,
    PAIR_RUNS,
    SNAPSHOTS,
    SPACING,
    Law,
)

TABLE = '[["variance", "covariance_variance", "participation_dimension"]]'


def python(view: Any, law: Law, fixed: bool) -> str:
    """Return the code.

    Parameters
    ----------
    view : the view
    law : what determines its theory
    fixed : whether the activity is at stable fixed points
    """
    time = "" if law.step is None else f", dt={DT}"
    lines = [
        "import jax",
        *(["import jax.numpy as jnp"] if view.activity == "rate" else []),
        "import numpy as np",
        "import noisette as nz",
        "",
        f"phi = nz.activations.from_string({view.activation!r})",
        f"noise = {noise(law)}",
        f"activity, N, seed = {view.activity!r}, {view.size}, {view.seed}",
        "",
        "# variance tr C/N, ψ and D against the gain",
        f"gains = np.union1d(np.arange(1, 31) / 10, [{view.gain!r}])",
        f"theory = nz.theory.correlations(phi, gains, noise, activity=activity{time})",
    ]
    lines += _chaos(law) + (_simulated(view, law) if view.networks else [])
    lines += ["", "# covariances of the pairs of one network", *_pairs(view, law, fixed)]
    if not fixed:
        lines += ["", "# autocovariance", *_lags(view, law)]
    return "\n".join([*lines, "", f"print(theory{TABLE}.to_dataframe())"]) + "\n"


def noise(law: Law) -> str:
    """Return the noise as code."""
    process = law.noise
    if isinstance(process, Frozen):
        return f"nz.Frozen({float(process.std)!r})"
    if isinstance(process, White):
        return f"nz.White({float(process.strength)!r})"
    assert isinstance(process, OrnsteinUhlenbeck)
    return f"nz.OrnsteinUhlenbeck({float(process.std)!r}, {float(process.tau)!r})"


def _chaos(law: Law) -> list[str]:
    """Return the lines for the theory of chaos at gains at which fixed points are unstable."""
    if law.kind != "frozen":
        return []
    call = f"phi, gains[unstable], noise, activity=activity, dynamic=True, dt={DT}"
    return [
        "unstable = theory.susceptibility.values >= 1  # the noise is constant, the activity is chaotic",
        "if unstable.any():",
        f"    chaos = nz.theory.correlations({call})",
    ]


def _simulated(view: Any, law: Law) -> list[str]:
    """Return the lines for simulated networks at every third gain."""
    options = f"options = {{'networks': {view.networks}, 'draws': {DRAWS}, 'activity': activity, 'dt': {DT}}}"
    call = "phi, some, noise, N, key=seed, **options"
    chosen = "chosen = np.isin(gains, np.arange(3, 31, 3) / 10) & np.isfinite(theory.variance.values)"
    begin = [chosen, options, "simulated = {}"]
    if law.kind != "frozen":
        return [
            *begin,
            "some = gains[chosen]",
            "if some.size:",
            f"    simulated[True] = nz.simulated_correlations({call})",
            f"    print(simulated[True]{TABLE}.to_dataframe())",
        ]
    return [
        *begin,
        "for dynamic in (False, True):  # fixed points, then chaos",
        "    some = gains[chosen & (unstable == dynamic)]",
        "    if some.size:",
        f"        simulated[dynamic] = nz.simulated_correlations({call}, dynamic=dynamic)",
        f"        print(simulated[dynamic]{TABLE}.to_dataframe())",
    ]


def _pairs(view: Any, law: Law, fixed: bool) -> list[str]:
    """Return the lines for one network at the gain of the view."""
    lines = [
        "key = jax.random.key(seed)",
        "W = nz.weights.gaussian(N, N**-0.5, key=key)",
        f"network = nz.RateNetwork(W, {view.gain!r}, activation=phi, noise=noise)",
    ]
    if fixed:
        call = f"network, {PAIR_DRAWS}, key=jax.random.fold_in(key, 1), warn=False"
        lines += [f"points = nz.find_fixed_points({call})", "x = points.state.values[points.stable.values]"]
    else:
        call = f"probes=nz.Snapshots(times), runs={PAIR_RUNS}, dt={DT}, key=jax.random.fold_in(key, 1), warn=False"
        lines += [
            f"times = [{law.transient!r} + {SPACING} * k for k in range({SNAPSHOTS})]",
            f"run = nz.simulate(network, duration=times[-1] + 1, {call})",
            "x = run.snapshots.values.reshape(-1, N)",
            "x = x[np.isfinite(x).all(1)]",
        ]
    lines.append("y = x" if view.activity == "current" else "y = np.asarray(phi(jnp.asarray(x)))")
    # means are zero if the activation is odd
    lines.append("C = y.T @ y / len(y)" if law.odd else "C = np.cov(y.T)")
    return [*lines, "pairs = C[np.triu_indices(N, 1)]"]


def _lags(view: Any, law: Law) -> list[str]:
    """Return the lines for the autocovariance."""
    lines = [
        f"lags = nz.theory.autocovariance(phi, {view.gain!r}, noise, dt={DT})",
        f"lags = lags.sel(lag=slice(0, max(min(float(lags.lag[-1]) / 3, {LONGEST}), 2.0)))",
    ]
    if view.networks == 0 or (law.kind == "frozen" and not law.odd):
        return lines
    transient = law.transient
    return [
        *lines,
        "longest = float(lags.lag[-1])",
        f"every, duration = max(1, round(longest / {LAGS} / {DT})), {transient!r} + max(100.0, 8 * longest)",
        f"probe = nz.Autocovariance({LAGS}, every, discard={round(transient / DT)}, centred={not law.odd})",
        f"keys = [jax.random.fold_in(key, k) for k in range({LAG_NETWORKS})]",
        "weights = [nz.weights.gaussian(N, N**-0.5, key=k) for k in keys]",
        f"networks = [nz.RateNetwork(W, {view.gain!r}, activation=phi, noise=noise) for W in weights]",
        f"time = {{'duration': duration, 'dt': {DT}}}",
        f"runs = nz.simulate(networks, probes=probe, runs={LAG_RUNS}, key=seed, warn=False, **time)",
        'C_simulated = runs[activity].mean("run").mean("network")',
    ]
