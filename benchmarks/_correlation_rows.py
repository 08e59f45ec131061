"""The rows of the table of the statistics of correlations; import after the threads are fixed."""

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
CALLS = 20  # of theory in frozen noise, each round
SAMPLES = 4000  # of the reduced model
TAUS = (0.1, 3.0, 10.0, 30.0)
GAIN, STRONG = 0.8, 1.5
ROOT = {  # how scipy.optimize.root may be called
    "root": ("scipy.optimize.root, a draw at a time [1]", {}),
    "jacobian": ("the same, the Jacobian given [1]", {"jacobian": True}),
    "krylov": ("the same, method='krylov' [1]", {"method": "krylov"}),
}
TOGETHER = "NumPy, relaxation, all draws in one product [1]"
SIMULATED = f"Noisette, simulated to ± {100 * TARGET:g} % of D, N = {SIZE} [2]"


def coloured(tau: float) -> nz.OrnsteinUhlenbeck:
    """Return noise of correlation time τ that gives a unit alone the variance 1."""
    return nz.OrnsteinUhlenbeck(((1 + tau) / tau) ** 0.5, tau)


def bounded(question: str, values: list[float], limit: float) -> Row:
    """Return a row of times that are to stay below a limit in seconds."""
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
    """Refuse to compare the times of two things that do not agree: 4 standard errors, and 1 % for what N leaves."""
    D, error = dimension(table)
    theory = float(expected.participation_dimension)
    assert abs(D - theory) < 4 * error + 0.01 * theory, f"D is {D} ± {error}, and {theory} in theory"


class Problem:
    """Matrices and draws of the noise for SciPy and NumPy, of the law that Noisette draws for itself."""

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

    def settled(self, activation: Callable = TANH) -> Any:
        """Return the states of all draws of the first network, by Noisette."""
        plain = nz.RateNetwork(self.W[0], self.gain, activation=activation)
        return nz.find_fixed_points(plain, inputs=self.noise[0], warn=False)

    def evaluations(self) -> int:
        """Return how often Noisette evaluates the flow of all draws: the activation counts its calls, one a draw."""
        calls = []

        def counted(x):
            jax.debug.callback(lambda _: calls.append(1), x.ravel()[0])  # once for each draw, as it depends on it
            return jnp.tanh(x)

        self.settled(counted)
        jax.effects_barrier()
        return round(len(calls) / DRAWS)


def simulated(gain: float, networks: int) -> Any:
    """Return the statistics of fixed points by Noisette: matrices, draws, states, traces and errors."""
    return nz.simulated_correlations(TANH, gain, NOISE, SIZE, networks=networks, draws=DRAWS)


def predicted(noise: nz.noise.Noise, gain: float, **options: Any) -> Any:
    """Return the statistics by theory."""
    return nz.theory.correlations(TANH, gain, noise, **options)


def frozen(rounds: int, quick: bool) -> Part:
    """Theory in frozen noise, the simulation that says as much, and the loops of a user."""
    networks, draws, samples = (3, 1, 400) if quick else (NETWORKS, 3, SAMPLES)
    problem, ours = Problem(GAIN, 2), partial(simulated, GAIN, networks)
    reduced = partial(predicted, NOISE, GAIN, size=SIZE, order="finite", samples=samples)
    contenders: dict[str, Callable[[], object]] = {
        "theory": lambda: [predicted(NOISE, GAIN) for _ in range(CALLS)],
        "reduced": reduced,
        "ours": ours,
        **{name: partial(problem.rooted, draws, how) for name, (_, how) in ROOT.items()},
        "together": problem.relaxation,
    }
    times, first = interleave(contenders, rounds)
    estimate, leading, finite = ours(), predicted(NOISE, GAIN), reduced()
    for expected in (leading, finite):
        check(estimate, expected)
    (D, error), (corrected, corrected_error) = dimension(estimate), dimension(finite)
    more, same = (error / (TARGET * D)) ** 2, (error / corrected_error) ** 2
    theory, whole = [t / CALLS for t in times["theory"]], scaled(times, networks, draws, len(problem.J))
    work = f"fixed points of {NETWORKS} networks × {DRAWS} draws, N = {SIZE}, tanh, g = {GAIN:g}"
    as_sure = f"Noisette, simulated to ± {corrected_error:.1g}, N = {SIZE} [2]"
    rows = [
        bounded(f"theory.correlations, N → ∞, tanh, g = {GAIN:g}, frozen noise, warm", theory, 0.010),
        compare("the same", theory, [t * more for t in times["ours"]], 1e3, duration, SIMULATED),
        compare(
            f"the same to order 1/N, reduced model, {samples} samples: D ± {corrected_error:.1g}",
            times["reduced"], [t * same for t in times["ours"]], None, duration, as_sure,
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
        f"(N = {SIZE}). To ± {100 * TARGET:g} % by {networks * more:.3g} networks.",
        agreement(problem, draws),
        f"First calls take longer than later ones by: {', '.join(texts.values())}.",
        *inside(problem, Spread.of(whole["ours"]).median / NETWORKS, rounds),
    ]


def scaled(times: Times, networks: int, draws: int, few: int) -> Times:
    """Return the seconds that all networks and draws take, from those of a few."""
    parts = {"ours": networks / NETWORKS, "together": 1 / NETWORKS}
    shares = parts | dict.fromkeys(ROOT, few * draws / (NETWORKS * DRAWS))
    return {name: [t / share for t in times[name]] for name, share in shares.items()}


def agreement(problem: Problem, draws: int) -> str:
    """Check that all contenders find the same states; say how far they are apart."""
    mine = problem.settled()
    assert bool(mine.converged.all()), "draws without a solution"
    states = mine.state.values
    apart = {name: np.abs(problem.rooted(draws, how)[0] - states[:draws]).max() for name, (_, how) in ROOT.items()}
    apart["relaxation"] = np.abs(problem.relaxation()[0] - states).max()
    for name, distance in apart.items():  # krylov's own tolerance is 6e-6
        assert distance < (1e-4 if name == "krylov" else 1e-8), f"{name} finds other states: {distance:.1e}"
    distances = ", ".join(f"{name} {value:.1e}" for name, value in apart.items())
    return f"g = {problem.gain:g}: greatest distance of a state from ours: {distances}."


def inside(problem: Problem, whole: float, rounds: int) -> list[str]:
    """Say what the matrix products of one network take, at the speeds that bare ones have."""
    count, x, J = problem.evaluations(), problem.noise[0], problem.J[0]
    product = jax.jit(lambda a, b: a @ b.T)
    a, b = jnp.asarray(x), jnp.asarray(J)
    jobs: dict[str, Callable[[], object]] = {
        "BLAS": lambda: [np.matmul(x, J.T) for _ in range(count)],
        "XLA": lambda: [product(a, b).block_until_ready() for _ in range(count)],
        "solver": problem.settled,
    }
    times, _ = interleave(jobs, rounds)
    bare = " and ".join(f"{spread(Spread.of(times[name]), duration)} by {name}" for name in ("BLAS", "XLA"))
    states = spread(Spread.of(times["solver"]), duration)
    return [
        f"One network, g = {problem.gain:g}, takes {duration(whole)}, its states {states} of it; the rest are "
        f"matrices, draws, traces. {count} evaluations of the flow need as many products of "
        f"{SIZE} × {SIZE} × {DRAWS}, bare {bare}, beside the float32 products of Newton steps; relaxation needs "
        f"{problem.relaxation()[1]}."
    ]


def strong(rounds: int, quick: bool) -> Part:
    """Fixed points at a stronger gain, closer to where they become unstable."""
    networks = 2 if quick else 6
    problem = Problem(STRONG, 1)
    times, _ = interleave({"ours": partial(simulated, STRONG, networks), "together": problem.relaxation}, rounds)
    ours = [t * NETWORKS / networks for t in times["ours"]]
    together = [t * NETWORKS for t in times["together"]]
    mine, (other, products) = problem.settled(), problem.relaxation()
    same = int((np.abs(mine.state.values - other).max(1) < 1e-6).sum())
    chi = float(predicted(NOISE, STRONG).susceptibility)
    question = (
        f"fixed points of {NETWORKS} networks × {DRAWS} draws, N = {SIZE}, tanh, g = {STRONG:g}, χ = {chi:.2f} [3]"
    )
    return [compare(question, ours, together, None, duration, TOGETHER)], [
        f"[3] Timed with {networks} networks (ours) and one (NumPy), and scaled. Of one network ours solves "
        f"{int(mine.converged.sum())} of {DRAWS} draws in {problem.evaluations()} evaluations of the flow; relaxation "
        f"in {products} products ends in the same state for {same}."
    ]


def moving(rounds: int, quick: bool) -> Part:
    """Mean field and D in noise that changes, and the simulation in Euler steps that says as much."""
    networks, runs = (3, 20) if quick else (10, 60)
    step, gain, tau = 0.1, 1.2, 3.0

    def both(tau: float) -> tuple[Any, Any]:
        noise = coloured(tau)
        return nz.theory.mean_field(TANH, gain, noise), predicted(noise, gain)

    stepped = partial(predicted, coloured(tau), gain, dt=step)
    ours = partial(nz.simulated_correlations, TANH, gain, coloured(tau), SIZE, networks=networks, draws=runs, dt=step)
    contenders: dict[str, Callable[[], object]] = {f"{t:g}": partial(both, t) for t in TAUS}
    times, first = interleave({**contenders, "stepped": stepped, "simulated": ours}, rounds)
    what = f"mean_field, and D by theory.correlations, tanh, g = {gain:g}, OU noise, τ_c = "
    rows = [bounded(f"{what}{t:g}", times[f"{t:g}"], 3.0) for t in TAUS]
    estimate, expected = ours(), stepped()
    check(estimate, expected)
    D, error = dimension(estimate)
    more = (error / (TARGET * D)) ** 2
    question = f"D in Euler steps of {step:g}, tanh, g = {gain:g}, OU noise, τ_c = {tau:g}"
    reaching = [t * more for t in times["simulated"]]
    rows.append(compare(question, times["stepped"], reaching, None, duration, SIMULATED))
    return rows, [
        f"OU noise, τ_c = {tau:g}: D by {networks} networks × {runs} runs × 4 snapshots in steps of {step:g} {D:.4f} ± "
        f"{error:.4f}, theory {float(expected.participation_dimension):.4f} (N → ∞). To ± {100 * TARGET:g} % by "
        f"{networks * more:.3g} networks. First call of mean_field and D {duration(first[f'{TAUS[0]:g}'])}."
    ]


REMARKS = [
    "[1] A few draws of two networks (root) or all draws of one (NumPy) are timed and scaled to all. Neither drawing "
    "the noise nor the traces are counted there; ours draws, solves and estimates. root goes on to residuals of 1e-16, "
    "far below its tolerance, and then reports that it makes no progress; krylov stops at 6e-6, the others at 1e-10.",
    "[2] The time of one run, times (its standard error/the one asked for)²: errors fall as one over the root of the "
    "number n of networks. That error is itself known to one part in √(2n) only. ± 0.1 % is about what N → ∞ neglects "
    "at N = 400.",
]


def limits(rounds: int) -> dict[str, list[float]]:
    """What products and random numbers give just now."""
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
    parts = [part(rounds, quick) for part in (frozen, strong, moving)]
    after = limits(rounds)  # the load of the machine drifts: both ends count
    bounds = [(name, spread(Spread.of(before[name] + after[name]), lambda x: f"{x:.3g}")) for name in before]
    rows = [row for part, _ in parts for row in part]
    notes = [note for _, part in parts for note in part]
    return rows, [*notes, *REMARKS, f"These rows took {duration(time.perf_counter() - began)}."], bounds
