"""Rows of the benchmark of freezing chaos; to be imported after the numbers of threads are fixed."""

import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from _chaos_limits import DT, limits, one_step, short
from _chaos_loops import (
    all_trajectories,
    always_two_products,
    fused,
    spectrum,
    two_products,
    two_trajectories,
    whole_matrix,
)
from _harness import Bounds, Job, Part, Row, Spread, compare, duration, paced, spread

import noisette as nz

SIZE, GAINS, WHOLE = 1000, np.linspace(0.5, 6.5, 16), 30_000
SOME = (3, 11)  # indices of the gains at which the slowest implementations are timed
DELTA, COARSE = 1e-6, 1e-3  # distances of trajectories in float64 and in float32
KEY = jax.random.key(0)


class Curve:
    """The same W, initial state and direction for all implementations."""

    def __init__(self, gamma: float) -> None:
        self.gamma, rng = gamma, np.random.default_rng(1)
        self.W = np.asarray(nz.weights.gaussian(SIZE, SIZE**-0.5, self_coupling=False, key=jax.random.key(1)))
        self.start = rng.standard_normal(SIZE)
        v = np.random.default_rng(0).standard_normal((SIZE, 1))[:, 0]  # the initial direction of the probe Lyapunov
        self.v = v / np.linalg.norm(v)
        self.matrices = [g * self.W for g in GAINS]
        self.small = {i: self.matrices[i].astype(np.float32) for i in SOME}
        self.plain = self.family(GAINS)
        self.single = in_float32(lambda: self.family(GAINS))
        self.traced = [jnp.asarray(a) for a in (self.W, GAINS, self.start, self.v)]

    def family(self, gains: np.ndarray) -> list:
        """Return networks of several gains with the same W."""
        base = nz.RateNetwork(self.W)
        plain = [base.with_gain(float(g)) for g in gains]
        return [nz.Onsager(network, self.gamma) for network in plain] if self.gamma else plain

    def ours(self, steps: int, networks: list | None = None, extra: tuple = ()) -> np.ndarray:
        """Return the exponents by simulate."""
        result = nz.simulate(networks or self.plain, steps, [nz.Lyapunov(), *extra], key=KEY, dt=DT, start=self.start)
        return result.lyapunov.values[:, 0, 0]

    def float32(self, steps: int) -> np.ndarray:
        """Return the exponents by simulate, in float32."""
        return in_float32(lambda: self.ours(steps, self.single))

    def alone(self, steps: int) -> np.ndarray:
        """Return exponents by simulate, one gain at a time."""
        return np.concatenate([self.ours(steps, [self.plain[i]]) for i in SOME])

    def trajectories(self, steps: int, velocity, which: tuple[int, ...]) -> np.ndarray:
        """Return exponents from two trajectories, one gain at a time."""
        parameters = self.gamma, steps, DT, DELTA
        return np.array([two_trajectories(velocity, self.matrices[i], self.start, self.v, *parameters) for i in which])

    def trajectories32(self, steps: int) -> np.ndarray:
        """Return exponents from two trajectories in float32."""
        initial = [a.astype(np.float32) for a in (self.start, self.v)]
        parameters = np.float32(self.gamma), steps, np.float32(DT), np.float32(COARSE)
        return np.array([two_trajectories(two_products, self.small[i], *initial, *parameters) for i in SOME])

    def batched(self, steps: int) -> np.ndarray:
        """Return the exponents by NumPy, for all gains at once."""
        return all_trajectories(self.W, GAINS, self.start, self.v, self.gamma, steps, DT, DELTA)

    def raw(self, steps: int) -> np.ndarray:
        """Return the exponents by JAX without Noisette."""
        return np.asarray(fused(*self.traced, self.gamma, steps, DT, reaction=self.gamma != 0))


def in_float32(action: Callable):
    """Run a function in single precision."""
    jax.config.update("jax_enable_x64", False)
    try:
        return action()
    finally:
        jax.config.update("jax_enable_x64", True)


def jobs_of(curve: Curve, steps: int, loop_steps: int) -> dict[str, Job]:
    """Return the implementations to be timed for one curve, with times per gain and step."""
    number, some, every = len(GAINS), len(SOME), tuple(range(len(GAINS)))
    jobs = {
        "ours": Job(curve.ours, steps + 10, 10, number),
        "loop": Job(lambda n: curve.trajectories(n, two_products, every), loop_steps, 0, number),
        "always": Job(lambda n: curve.trajectories(n, always_two_products, SOME), loop_steps, 0, some),
        "batched": Job(curve.batched, loop_steps, 0, number),
        "audited": Job(lambda n: curve.ours(n, extra=(nz.Speed(),)), steps + 10, 10, number),
        "alone": Job(curve.alone, steps + 10, 10, some),
        "raw": Job(curve.raw, steps, 0, number),
        "float32": Job(curve.float32, steps + 10, 10, number),
        "loop32": Job(curve.trajectories32, loop_steps, 0, some),
    }
    if curve.gamma:
        jobs["matrix"] = Job(lambda n: curve.trajectories(n, whole_matrix, SOME), max(2, loop_steps // 5), 0, some)
    return jobs


def lyapunov_curve(rounds: int, quick: bool, gamma: float) -> Part:
    """Compare exponents of 16 gains by Noisette, by plain loops, and by variants of Noisette."""
    curve = Curve(gamma)
    steps, loop_steps = (50, 5) if quick else (300, 30)
    times, first, costs = paced(jobs_of(curve, steps, loop_steps), rounds)
    whole = {name: [t * WHOLE * len(GAINS) for t in values] for name, values in times.items()}
    what = f"λ(g), {len(GAINS)} gains, {WHOLE:,} steps, N = {SIZE}, γ = {gamma:g} [1]"

    def row(label: str, ours: str, other: str, target: float | None = None, question: str = "the same") -> Row:
        return compare(question, whole[ours], whole[other], target, duration, label)

    rows = [row("NumPy, two trajectories, one gain at a time", "ours", "loop", 3, what)]
    if gamma:
        rows.append(row("NumPy, two trajectories, N × N matrix in each step [2]", "ours", "matrix", 50))
    rows += [
        row("NumPy, Eq 8 as printed, two trajectories [3]", "ours", "always"),
        row("NumPy, all gains and trajectories in one product", "ours", "batched"),
        row("JAX without Noisette, state and tangent in one product", "ours", "raw"),
        row("Noisette, one gain at a time", "ours", "alone"),
        row("Noisette with Speed, as in chaos_curve", "ours", "audited"),
        row("Noisette, float64", "float32", "ours", None, "the same in float32"),
        row("NumPy in float32, two trajectories, one gain at a time", "float32", "loop32", None, "the same in float32"),
    ]
    return rows, [
        time_note(curve, times, costs, steps, loop_steps),
        first_call_note(curve, first),
        deviation_note(curve, 20 if quick else 100),
    ]


def time_note(curve: Curve, times: dict, costs: dict, steps: int, loop_steps: int) -> str:
    """Return a note on the time per gain and step."""
    listed = ", ".join(
        f"{name} {spread(Spread.of([1e6 * t for t in times[key]]), short)}"
        for key, name in (("ours", "Noisette"), ("float32", "in float32"), ("raw", "JAX"), ("loop", "NumPy"))
    )
    per_unit = short(1e9 * Spread.of(times["ours"]).median / SIZE)
    cost = duration(Spread.of(costs["ours"]).median)
    return (
        f"γ = {curve.gamma:g}, µs per gain and step: {listed}; Noisette takes {per_unit} ns per unit. Timed with "
        f"{steps} steps (Noisette) and {loop_steps} (NumPy). The overhead of a call of simulate, {cost} (10 steps and "
        "the check of dt at the end), occurs once per curve and is not included."
    )


def first_call_note(curve: Curve, first: dict[str, float]) -> str:
    """Return a note on the time of first calls."""
    named = {"ours": "float64", "float32": "float32", "audited": "with Speed", "alone": "single gain"}
    return (
        f"γ = {curve.gamma:g}, first calls: " + ", ".join(f"{n} {duration(first[k])}" for k, n in named.items()) + "."
    )


def deviation_note(curve: Curve, steps: int) -> str:
    """Return a note on the deviations of exponents, for the same matrices, initial state, direction and steps."""
    ours, some = curve.ours(steps), list(SOME)
    every = tuple(range(len(GAINS)))
    deviations = {
        "NumPy, two trajectories": curve.trajectories(steps, two_products, every) - ours,
        "Eq 8 as printed": curve.trajectories(steps, always_two_products, SOME) - ours[some],
        "N × N": curve.trajectories(steps, whole_matrix, SOME) - ours[some],
        "all gains at once": curve.batched(steps) - ours,
        "JAX": curve.raw(steps) - ours,
        "one gain at a time": curve.alone(steps) - ours[some],
        "Noisette in float32": curve.float32(steps) - ours,
        "NumPy in float32": curve.trajectories32(steps) - ours[some],
    }
    text = ", ".join(f"{name} {np.abs(difference).max():.1e}" for name, difference in deviations.items())
    return (
        f"γ = {curve.gamma:g}, {steps} steps, exponents from {ours.min():.3f} to {ours.max():.3f}; "
        f"largest deviations from Noisette: {text}."
    )


def full_spectrum(rounds: int, quick: bool, gamma: float, gain: float) -> Part:
    """Compare all exponents of 200 units with the standard method in NumPy."""
    size, every, steps = 200, 10, 100 if quick else 1000
    W = np.asarray(nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(2)))
    start = np.random.default_rng(3).standard_normal(size)
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((size, size)))[0]
    network = nz.RateNetwork(W, gain=gain)
    network = nz.Onsager(network, gamma) if gamma else network

    def ours(steps: int) -> np.ndarray:
        result = nz.simulate(network, steps, nz.Lyapunov(size, every), key=KEY, dt=DT, start=start)
        return result.lyapunov.values[0]

    def numpy(steps: int) -> np.ndarray:
        return spectrum(gain * W, start, Q, gamma, steps, DT, every)

    each, first, _ = paced({"ours": Job(ours, steps + 10, 10), "numpy": Job(numpy, steps)}, rounds)
    deviation = np.abs(ours(steps) - numpy(steps)).max()
    what = f"a step of all {size} exponents, γ = {gamma:g}, g = {gain:g}, QR every {every} steps"
    rows = [compare(what, each["ours"], each["numpy"], None, duration, "NumPy, Jacobian of the step × Q")]
    return rows, [
        f"Spectrum, γ = {gamma:g}: largest deviation of an exponent from NumPy after {steps} steps {deviation:.1e}; "
        f"first call {duration(first['ours'])}."
    ]


REMARKS = [
    "[1] Time per step, times the numbers of steps and gains. Trajectories are rescaled in every step, tangents at "
    "least every 50 steps; dt = 0.01.",
    "[2] (1 − γ) f − γ Aᵀ f with A = J diag(φ′) − 1 computed in each step, as in the authors' published script for "
    "trajectories (in PyTorch). At γ = 0 that script takes one matrix–vector product, as the NumPy loop does.",
    "[3] As in the authors' published script for exponents: two matrix–vector products for any γ, and tanh twice.",
]


def bound_note(each: dict[str, list[float]], gamma: float, needed: int) -> str:
    """Return a note on the time of the matrix products per gain and step, at the measured speeds."""
    work = 2e-9 * needed * SIZE**2
    times = ", ".join(
        f"{1e6 * work / Spread.of(each[f'{name}, {kind}, GFlop/s']).median:.3g} µs ({name}, {kind})"
        for name, kind in (
            ("BLAS: 1536 × 1536 × 1536", "float64"),
            ("XLA: 1536 × 1536 × 1536", "float64"),
            ("XLA: 1000 × 1000 × 16", "float64"),
            ("XLA: 1000 × 1000 × 32", "float64"),
            ("XLA: 1000 × 1000 × 32", "float32"),
        )
    )
    return f"γ = {gamma:g}: the {needed} matrix–vector products per gain and step are {1e3 * work:.3g} MFlop: {times}."


def run(quick: bool) -> tuple[list[Row], list[str], Bounds]:
    """Return the rows, the notes below them, and the limits of the machine."""
    began, rounds = time.perf_counter(), 3 if quick else 5
    before = limits(rounds)
    parts = [lyapunov_curve(rounds, quick, gamma) for gamma in (0.0, 1.0)]
    parts += [one_step(rounds, size) for size in (1000, 5000)]
    parts.append(full_spectrum(rounds, quick, 1.0, 4.0))
    after = limits(rounds)  # the load of the machine drifts: both measurements are included
    bounds = {name: before[name] + after[name] for name in before}
    bounds = [(name, spread(Spread.of(values), short)) for name, values in bounds.items()]
    rows = [row for part, _ in parts for row in part]
    notes = [note for _, part in parts for note in part]
    notes += [bound_note(bounds, 0.0, 2), bound_note(bounds, 1.0, 4), *REMARKS]
    return rows, [*notes, f"These rows took {duration(time.perf_counter() - began)}."], bounds
