"""Rows of the benchmark of correlations; to be imported after the numbers of threads are fixed."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from _correlation_loops import all_at_once, by_root
from _harness import Bounds, Part, Row, Spread, Times, compare, duration, interleave, spread, verdict

import noisette as nz

TANH, NOISE = nz.activations.tanh, nz.Frozen(1.0)
SIZE, NETWORKS, DRAWS = 400, 30, 300
TARGET = 1e-3  # standard error of D, relative to it
CALLS = 20  # calls of the theory in frozen noise per round
SAMPLES = 4000  # samples of the reduced model
TAUS = (0.1, 3.0, 10.0, 30.0)
GAIN, STRONG = 0.8, 1.5
ROOT = {  # options of scipy.optimize.root
    "root": ("scipy.optimize.root, one draw at a time [1]", {}),
    "jacobian": ("the same, with the Jacobian [1]", {"jacobian": True}),
    "krylov": ("the same, method='krylov' [1]", {"method": "krylov"}),
}
TOGETHER = "NumPy, relaxation, all draws in one product [1]"
SIMULATED = f"Noisette, simulated to ± {100 * TARGET:g} % of D, N = {SIZE} [2]"


def coloured(tau: float) -> nz.OrnsteinUhlenbeck:
    """Return noise of correlation time τ in which an isolated unit has variance 1."""
    return nz.OrnsteinUhlenbeck(((1 + tau) / tau) ** 0.5, tau)


def bounded(question: str, values: list[float], limit: float) -> Row:
    """Return a row of times with an upper limit in seconds."""
    seconds = Spread.of(values)
    return Row(
        question,
        spread(seconds, duration),
        "",
        "",
        f"<= {duration(limit)}",
        verdict(seconds.median <= limit),
    )


def dimension(table: Any) -> tuple[float, float]:
    """Return D and its standard error."""
    return float(table.participation_dimension), float(table.participation_dimension_se)


def check(table: Any, expected: Any) -> None:
    """Check that simulation and theory agree within 4 standard errors plus 1 % for finite N."""
    D, error = dimension(table)
    theory = float(expected.participation_dimension)
    assert abs(D - theory) < 4 * error + 0.01 * theory, f"simulated D is {D} ± {error}, theory {theory}"


class Problem:
    """Matrices and draws of the noise for SciPy and NumPy, with the same distribution as those drawn by Noisette."""

    def __init__(self, gain: float, networks: int) -> None:
        keys = jax.random.split(jax.random.key(7), networks)
        self.gain = gain
        self.W = [np.asarray(nz.weights.gaussian(SIZE, SIZE**-0.5, key=key)) for key in keys]
        self.J = [gain * W for W in self.W]
        self.noise = np.random.default_rng(7).standard_normal((networks, DRAWS, SIZE))

    def rooted(self, draws: int, how: dict) -> list[np.ndarray]:
        """Return the states of a few draws of each network by scipy.optimize.root."""
        return [by_root(J, xi[:draws], **how) for J, xi in zip(self.J, self.noise, strict=True)]

    def relaxation(self) -> tuple[np.ndarray, int]:
        """Return the states of all draws of the first network, by NumPy, and the number of products."""
        return all_at_once(self.J[0], self.noise[0])

    def solved(self, activation: Callable = TANH) -> Any:
        """Return the states of all draws of the first network, by Noisette."""
        plain = nz.RateNetwork(self.W[0], self.gain, activation=activation)
        return nz.find_fixed_points(plain, inputs=self.noise[0], warn=False)

    def evaluations(self) -> int:
        """Return the number of evaluations of the flow, from the number of calls of the activation (one per draw)."""
        calls = []

        def counted(x):
            jax.debug.callback(
                lambda _: calls.append(1), x.ravel()[0]
            )  # called for every draw, because its argument depends on the draw
            return jnp.tanh(x)

        self.solved(counted)
        jax.effects_barrier()
        return round(len(calls) / DRAWS)


def simulated(gain: float, networks: int) -> Any:
    """Return the statistics of fixed points simulated by Noisette, including drawing, solving, traces and errors."""
    return nz.simulated_correlations(TANH, gain, NOISE, SIZE, networks=networks, draws=DRAWS)


def predicted(noise: nz.noise.Noise, gain: float, **options: Any) -> Any:
    """Return the statistics by theory."""
    return nz.theory.correlations(TANH, gain, noise, **options)


def frozen(rounds: int, quick: bool) -> Part:
    """Compare theory in frozen noise with a simulation of the same accuracy, and fixed points with plain loops."""
    networks, draws, samples = (3, 1, 400) if quick else (NETWORKS, 3, SAMPLES)
    problem, ours = Problem(GAIN, 2), partial(simulated, GAIN, networks)
    reduced = partial(predicted, NOISE, GAIN, size=SIZE, order="finite", samples=samples)
    actions: dict[str, Callable[[], object]] = {
        "theory": lambda: [predicted(NOISE, GAIN) for _ in range(CALLS)],
        "reduced": reduced,
        "ours": ours,
        **{name: partial(problem.rooted, draws, how) for name, (_, how) in ROOT.items()},
        "together": problem.relaxation,
    }
    times, first = interleave(actions, rounds)
    estimate, leading, finite = ours(), predicted(NOISE, GAIN), reduced()
    for expected in (leading, finite):
        check(estimate, expected)
    (D, error), (corrected, corrected_error) = dimension(estimate), dimension(finite)
    to_target, to_corrected = (error / (TARGET * D)) ** 2, (error / corrected_error) ** 2  # factors of run time
    theory, whole = [t / CALLS for t in times["theory"]], scaled(times, networks, draws, len(problem.J))
    work = f"fixed points of {NETWORKS} networks × {DRAWS} draws, N = {SIZE}, tanh, g = {GAIN:g}"
    as_accurate = f"Noisette, simulated to ± {corrected_error:.1g}, N = {SIZE} [2]"
    rows = [
        bounded(f"theory.correlations, N → ∞, tanh, g = {GAIN:g}, frozen noise, warm", theory, 0.010),
        compare("the same", theory, [t * to_target for t in times["ours"]], 1e3, duration, SIMULATED),
        compare(
            f"the same to order 1/N, reduced model, {samples} samples: D ± {corrected_error:.1g}",
            times["reduced"], [t * to_corrected for t in times["ours"]], None, duration, as_accurate,
        ),
        compare(work, whole["ours"], whole["root"], 20, duration, ROOT["root"][0]),
        *(compare("the same", whole["ours"], whole[name], None, duration, ROOT[name][0]) for name in list(ROOT)[1:]),
        compare("the same", whole["ours"], whole["together"], None, duration, TOGETHER),
    ]  # fmt: skip
    texts = {
        name: f"{text} {duration(first[name] - Spread.of(times[name]).median)}"
        for name, text in (("reduced", "reduced model"), ("ours", "simulation"))
    }
    return rows, [
        f"D by {networks} networks × {DRAWS} draws: {D:.4f} ± {error:.4f}, {int(estimate.failed)} draws unsolved; "
        f"theory {float(leading.participation_dimension):.4f} (N → ∞), {corrected:.4f} ± {corrected_error:.4f} "
        f"(N = {SIZE}). ± {100 * TARGET:g} % requires {networks * to_target:.3g} networks.",
        deviation_note(problem, draws),
        f"First calls take longer than later ones by: {', '.join(texts.values())}.",
        *product_note(problem, Spread.of(whole["ours"]).median / NETWORKS, rounds),
    ]


def scaled(times: Times, networks: int, draws: int, few: int) -> Times:
    """Return the seconds for all networks and draws, extrapolated from those for a few."""
    parts = {"ours": networks / NETWORKS, "together": 1 / NETWORKS}
    shares = parts | dict.fromkeys(ROOT, few * draws / (NETWORKS * DRAWS))
    return {name: [t / share for t in times[name]] for name, share in shares.items()}


def deviation_note(problem: Problem, draws: int) -> str:
    """Check that all implementations find the same states, and return a note on their deviations."""
    solution = problem.solved()
    assert bool(solution.converged.all()), "some draws are unsolved"
    states = solution.state.values
    deviations = {name: np.abs(problem.rooted(draws, how)[0] - states[:draws]).max() for name, (_, how) in ROOT.items()}
    deviations["relaxation"] = np.abs(problem.relaxation()[0] - states).max()
    for name, deviation in deviations.items():  # the tolerance of krylov is 6e-6
        assert deviation < (1e-4 if name == "krylov" else 1e-8), f"states by {name} deviate by {deviation:.1e}"
    listed = ", ".join(f"{name} {value:.1e}" for name, value in deviations.items())
    return f"g = {problem.gain:g}: largest deviations of a state from Noisette: {listed}."


def product_note(problem: Problem, whole: float, rounds: int) -> list[str]:
    """Return a note on the time of the matrix products of one network, at the speed of products alone."""
    count, x, J = problem.evaluations(), problem.noise[0], problem.J[0]
    product = jax.jit(lambda a, b: a @ b.T)
    a, b = jnp.asarray(x), jnp.asarray(J)
    jobs: dict[str, Callable[[], object]] = {
        "BLAS": lambda: [np.matmul(x, J.T) for _ in range(count)],
        "XLA": lambda: [product(a, b).block_until_ready() for _ in range(count)],
        "solver": problem.solved,
    }
    times, _ = interleave(jobs, rounds)
    bare = " and ".join(f"{spread(Spread.of(times[name]), duration)} by {name}" for name in ("BLAS", "XLA"))
    states = spread(Spread.of(times["solver"]), duration)
    return [
        f"One network, g = {problem.gain:g}, takes {duration(whole)}, of which its states take {states}; the "
        f"remainder is for matrices, draws and traces. {count} evaluations of the flow require as many products of "
        f"{SIZE} × {SIZE} × {DRAWS}, alone {bare}, in addition to the float32 products of Newton steps; relaxation "
        f"requires {problem.relaxation()[1]}."
    ]


def strong(rounds: int, quick: bool) -> Part:
    """Compare fixed points at a larger gain, closer to the loss of stability."""
    networks = 2 if quick else 6
    problem = Problem(STRONG, 1)
    times, _ = interleave({"ours": partial(simulated, STRONG, networks), "together": problem.relaxation}, rounds)
    ours = [t * NETWORKS / networks for t in times["ours"]]
    together = [t * NETWORKS for t in times["together"]]
    solution, (relaxed, products) = problem.solved(), problem.relaxation()
    same = int((np.abs(solution.state.values - relaxed).max(1) < 1e-6).sum())
    chi = float(predicted(NOISE, STRONG).susceptibility)
    question = (
        f"fixed points of {NETWORKS} networks × {DRAWS} draws, N = {SIZE}, tanh, g = {STRONG:g}, χ = {chi:.2f} [3]"
    )
    return [compare(question, ours, together, None, duration, TOGETHER)], [
        f"[3] Timed with {networks} networks (Noisette) and one network (NumPy), and scaled. For one network Noisette "
        f"solves {int(solution.converged.sum())} of {DRAWS} draws in {problem.evaluations()} evaluations of the flow; "
        f"relaxation in {products} products ends in the same state for {same} draws."
    ]


def time_dependent(rounds: int, quick: bool) -> Part:
    """Compare mean-field theory and D in time-dependent noise with a simulation in Euler steps of the same accuracy."""
    networks, runs = (3, 20) if quick else (10, 60)
    step, gain, tau = 0.1, 1.2, 3.0

    def both(tau: float) -> tuple[Any, Any]:
        noise = coloured(tau)
        return nz.theory.mean_field(TANH, gain, noise), predicted(noise, gain)

    stepped = partial(predicted, coloured(tau), gain, dt=step)
    ours = partial(nz.simulated_correlations, TANH, gain, coloured(tau), SIZE, networks=networks, draws=runs, dt=step)
    actions: dict[str, Callable[[], object]] = {f"{t:g}": partial(both, t) for t in TAUS}
    times, first = interleave({**actions, "stepped": stepped, "simulated": ours}, rounds)
    what = f"mean_field, and D by theory.correlations, tanh, g = {gain:g}, OU noise, τ_c = "
    rows = [bounded(f"{what}{t:g}", times[f"{t:g}"], 3.0) for t in TAUS]
    estimate, expected = ours(), stepped()
    check(estimate, expected)
    D, error = dimension(estimate)
    to_target = (error / (TARGET * D)) ** 2  # factor of run time
    question = f"D in Euler steps of {step:g}, tanh, g = {gain:g}, OU noise, τ_c = {tau:g}"
    scaled_times = [t * to_target for t in times["simulated"]]
    rows.append(compare(question, times["stepped"], scaled_times, None, duration, SIMULATED))
    return rows, [
        f"OU noise, τ_c = {tau:g}: D by {networks} networks × {runs} runs × 4 snapshots in steps of {step:g} {D:.4f} ± "
        f"{error:.4f}, theory {float(expected.participation_dimension):.4f} (N → ∞). ± {100 * TARGET:g} % requires "
        f"{networks * to_target:.3g} networks. First call of mean_field and D {duration(first[f'{TAUS[0]:g}'])}."
    ]


REMARKS = [
    "[1] A few draws of two networks (root) or all draws of one network (NumPy) are timed and scaled. These times "
    "exclude drawing the noise and computing traces, which those of Noisette include. root continues to residuals of "
    "1e-16, far below its tolerance, and then reports that it makes no progress; krylov stops at 6e-6, the others at "
    "1e-10.",
    "[2] The time of one run, times (its standard error/the required standard error)², since errors decrease as "
    "n^(−1/2) with the number n of networks. The relative uncertainty of the error itself is 1/√(2n). The limit "
    "N → ∞ neglects about 0.1 % at N = 400.",
]


def limits(rounds: int) -> dict[str, list[float]]:
    """Return the current speed of matrix products and of random numbers."""
    rng, key, number = np.random.default_rng(0), jax.random.key(0), 2_000_000
    multiply = jax.jit(jnp.matmul)
    jobs: dict[str, tuple[Callable[[], object], float, str]] = {}
    for dtype in (np.float64, np.float32):
        square, wide, thin = (rng.random(shape).astype(dtype) for shape in ((1536, 1536), (SIZE, SIZE), (SIZE, DRAWS)))
        for kind, product, form in (("BLAS", np.matmul, np.asarray), ("XLA", multiply, jnp.asarray)):
            for a, b in ((square, square), (wide, thin)):
                name = f"{kind}: {len(a)} × {len(a)} × {b.shape[1]}, {np.dtype(dtype).name}"
                jobs[name] = (partial(product, form(a), form(b)), 2e-9 * a.size * b.shape[1], "GFlop/s")
    normal = jax.jit(lambda k: jax.random.normal(k, (number,), float))
    jobs["JAX: normal numbers, float64"] = (partial(normal, key), 1e-6 * number, "M/s")
    times, _ = interleave({n: lambda f=job[0]: jax.block_until_ready(f()) for n, job in jobs.items()}, rounds)
    return {f"{name}, {unit}": [work / t for t in times[name]] for name, (_, work, unit) in jobs.items()}


def run(quick: bool) -> tuple[list[Row], list[str], Bounds]:
    """Return the rows, the notes below them, and the limits of the machine."""
    began, rounds = time.perf_counter(), 2 if quick else 5
    before = limits(rounds)
    parts = [part(rounds, quick) for part in (frozen, strong, time_dependent)]
    after = limits(rounds)  # the load of the machine drifts: both measurements are included
    bounds = [(name, spread(Spread.of(before[name] + after[name]), lambda x: f"{x:.3g}")) for name in before]
    rows = [row for part, _ in parts for row in part]
    notes = [note for _, part in parts for note in part]
    return rows, [*notes, *REMARKS, f"These rows took {duration(time.perf_counter() - began)}."], bounds
