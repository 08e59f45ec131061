"""The rows of the table of freezing chaos; import after the threads are fixed."""

import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from _chaos_limits import DT, limits, noise_step, one_step, short
from _chaos_loops import all_orbits, always_two_products, fused, spectrum, two_orbits, two_products, whole_matrix
from _harness import Bounds, Job, Part, Row, Spread, compare, duration, paced, spread

import noisette as nz

SIZE, GAINS, WHOLE = 1000, np.linspace(0.5, 6.5, 16), 30_000
SOME = (3, 11)  # the gains at which the slowest are timed
DELTA, COARSE = 1e-6, 1e-3  # distances of orbits in float64 and in float32
KEY = jax.random.key(0)


class Curve:
    """One W, one start and one direction for every contender."""

    def __init__(self, gamma: float) -> None:
        self.gamma, rng = gamma, np.random.default_rng(1)
        self.W = np.asarray(nz.weights.gaussian(SIZE, SIZE**-0.5, self_coupling=False, key=jax.random.key(1)))
        self.start = rng.standard_normal(SIZE)
        v = np.random.default_rng(0).standard_normal((SIZE, 1))[:, 0]  # the one that Lyapunov starts from
        self.v = v / np.linalg.norm(v)
        self.matrices = [g * self.W for g in GAINS]
        self.small = {i: self.matrices[i].astype(np.float32) for i in SOME}
        self.plain = self.family(GAINS)
        self.single = in_float32(lambda: self.family(GAINS))
        self.traced = [jnp.asarray(a) for a in (self.W, GAINS, self.start, self.v)]

    def family(self, gains: np.ndarray) -> list:
        """Return networks of several gains on one W."""
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
        """Return exponents by simulate, a gain at a time."""
        return np.concatenate([self.ours(steps, [self.plain[i]]) for i in SOME])

    def orbits(self, steps: int, velocity, which: tuple[int, ...]) -> np.ndarray:
        """Return exponents by two orbits, a gain at a time."""
        about = self.gamma, steps, DT, DELTA
        return np.array([two_orbits(velocity, self.matrices[i], self.start, self.v, *about) for i in which])

    def orbits32(self, steps: int) -> np.ndarray:
        """Return exponents by two orbits in float32."""
        initial = [a.astype(np.float32) for a in (self.start, self.v)]
        about = np.float32(self.gamma), steps, np.float32(DT), np.float32(COARSE)
        return np.array([two_orbits(two_products, self.small[i], *initial, *about) for i in SOME])

    def batched(self, steps: int) -> np.ndarray:
        """Return the exponents by NumPy, all gains at once."""
        return all_orbits(self.W, GAINS, self.start, self.v, self.gamma, steps, DT, DELTA)

    def raw(self, steps: int) -> np.ndarray:
        """Return the exponents by JAX without Noisette."""
        return np.asarray(fused(*self.traced, self.gamma, steps, DT, reaction=self.gamma != 0))


def in_float32(action: Callable):
    """Do something in single precision."""
    jax.config.update("jax_enable_x64", False)
    try:
        return action()
    finally:
        jax.config.update("jax_enable_x64", True)


def jobs_of(curve: Curve, steps: int, looped: int) -> dict[str, Job]:
    """Return the contenders of a curve; each is timed by gain and step."""
    number, some, every = len(GAINS), len(SOME), tuple(range(len(GAINS)))
    jobs = {
        "ours": Job(curve.ours, steps + 10, 10, number),
        "loop": Job(lambda n: curve.orbits(n, two_products, every), looped, 0, number),
        "always": Job(lambda n: curve.orbits(n, always_two_products, SOME), looped, 0, some),
        "batched": Job(curve.batched, looped, 0, number),
        "audited": Job(lambda n: curve.ours(n, extra=(nz.Speed(),)), steps + 10, 10, number),
        "alone": Job(curve.alone, steps + 10, 10, some),
        "raw": Job(curve.raw, steps, 0, number),
        "float32": Job(curve.float32, steps + 10, 10, number),
        "loop32": Job(curve.orbits32, looped, 0, some),
    }
    if curve.gamma:
        jobs["matrix"] = Job(lambda n: curve.orbits(n, whole_matrix, SOME), max(2, looped // 5), 0, some)
    return jobs


def lyapunov_curve(rounds: int, quick: bool, gamma: float) -> Part:
    """Exponents of 16 gains: ours, the loops of a user, and variations of ours."""
    curve = Curve(gamma)
    steps, looped = (50, 5) if quick else (300, 30)
    each, first, costs = paced(jobs_of(curve, steps, looped), rounds)
    whole = {name: [t * WHOLE * len(GAINS) for t in times] for name, times in each.items()}
    what = f"λ(g), {len(GAINS)} gains, {WHOLE:,} steps, N = {SIZE}, γ = {gamma:g} [1]"

    def row(label: str, ours: str, other: str, target: float | None = None, question: str = "the same") -> Row:
        return compare(question, whole[ours], whole[other], target, duration, label)

    rows = [row("NumPy, two orbits, a gain at a time", "ours", "loop", 3, what)]
    if gamma:
        rows.append(row("NumPy, two orbits, N × N built each step [2]", "ours", "matrix", 50))
    rows += [
        row("NumPy, Eq 8 as it stands, two orbits [3]", "ours", "always"),
        row("NumPy, all gains and orbits in one product", "ours", "batched"),
        row("JAX without Noisette, state and tangent in one product", "ours", "raw"),
        row("Noisette, a gain at a time", "ours", "alone"),
        row("Noisette with Speed, as chaos_curve", "ours", "audited"),
        row("Noisette, float64", "float32", "ours", None, "the same in float32"),
        row("NumPy in float32, two orbits, a gain at a time", "float32", "loop32", None, "the same in float32"),
    ]
    return rows, [
        pace(curve, each, costs, steps, looped),
        compiled(curve, first),
        agreement(curve, 20 if quick else 100),
    ]


def pace(curve: Curve, each: dict, costs: dict, steps: int, looped: int) -> str:
    """Say what a gain and a step take."""
    times = ", ".join(
        f"{name} {spread(Spread.of([1e6 * t for t in each[key]]), short)}"
        for key, name in (("ours", "ours"), ("float32", "ours in float32"), ("raw", "JAX"), ("loop", "NumPy"))
    )
    per_unit = short(1e9 * Spread.of(each["ours"]).median / SIZE)
    cost = duration(Spread.of(costs["ours"]).median)
    return (
        f"γ = {curve.gamma:g}, µs a gain and step: {times}; ours is {per_unit} ns a unit. Timed on {steps} steps "
        f"(ours) and {looped} (NumPy). A call of simulate costs {cost} beyond its steps (10 steps and the check of "
        "dt at the end among it), once a curve; not counted."
    )


def compiled(curve: Curve, first: dict[str, float]) -> str:
    """Say what first calls take."""
    named = {"ours": "float64", "float32": "float32", "audited": "with Speed", "alone": "single gain"}
    return (
        f"γ = {curve.gamma:g}, first calls: " + ", ".join(f"{n} {duration(first[k])}" for k, n in named.items()) + "."
    )


def agreement(curve: Curve, steps: int) -> str:
    """Say how far the contenders are apart on the same matrices, start, direction and steps."""
    ours, some = curve.ours(steps), list(SOME)
    every = tuple(range(len(GAINS)))
    apart = {
        "NumPy, two orbits": curve.orbits(steps, two_products, every) - ours,
        "Eq 8 as it stands": curve.orbits(steps, always_two_products, SOME) - ours[some],
        "N × N": curve.orbits(steps, whole_matrix, SOME) - ours[some],
        "all gains at once": curve.batched(steps) - ours,
        "JAX": curve.raw(steps) - ours,
        "a gain at a time": curve.alone(steps) - ours[some],
        "ours in float32": curve.float32(steps) - ours,
        "NumPy in float32": curve.orbits32(steps) - ours[some],
    }
    text = ", ".join(f"{name} {np.abs(difference).max():.1e}" for name, difference in apart.items())
    return (
        f"γ = {curve.gamma:g}, {steps} steps, exponents from {ours.min():.3f} to {ours.max():.3f}; "
        f"greatest distance from ours: {text}."
    )


def full_spectrum(rounds: int, quick: bool, gamma: float, gain: float) -> Part:
    """All exponents of 200 units, against the standard method in NumPy."""
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
    apart = np.abs(ours(steps) - numpy(steps)).max()
    what = f"a step of all {size} exponents, γ = {gamma:g}, g = {gain:g}, QR every {every} steps"
    rows = [compare(what, each["ours"], each["numpy"], None, duration, "NumPy, Jacobian of the step × Q")]
    return rows, [
        f"Spectrum, γ = {gamma:g}: greatest distance of an exponent from NumPy's after {steps} steps {apart:.1e}; "
        f"first call {duration(first['ours'])}."
    ]


REMARKS = [
    "[1] Seconds a step, times steps and gains. Orbits are rescaled at every step, tangents at least every 50; steps "
    "of 0.01.",
    "[2] (1 − γ) f − γ Aᵀ f with A = J ∘ φ′ − 1 built anew: the form of the authors' published script of trajectories "
    "(theirs in PyTorch). At γ = 0 that script takes one matrix–vector product, as the NumPy loop does.",
    "[3] The form of the authors' published script of exponents: two matrix–vector products whatever γ, tanh twice.",
]


def bound(each: dict[str, list[float]], gamma: float, needed: int) -> str:
    """Say how long the products of a gain and a step take at the speeds that were measured."""
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
    return f"γ = {gamma:g}: the {needed} matrix–vector products of a gain and step are {1e3 * work:.3g} MFlop: {times}."


def run(quick: bool) -> tuple[list[Row], list[str], Bounds]:
    """Return the rows, the notes below them, and the limits of the machine."""
    began, rounds = time.perf_counter(), 3 if quick else 5
    before = limits(rounds)
    parts = [lyapunov_curve(rounds, quick, gamma) for gamma in (0.0, 1.0)]
    parts += [one_step(rounds, size) for size in (1000, 5000)]
    parts += [full_spectrum(rounds, quick, gamma, gain) for gamma, gain in ((0.0, 3.0), (1.0, 4.0))]
    parts += [noise_step(rounds, size) for size in ((1_000_000,) if quick else (1_000_000, 10_000_000))]
    after = limits(rounds)  # the load of the machine drifts: both ends count
    bounds = {name: before[name] + after[name] for name in before}
    bounds = [(name, spread(Spread.of(values), short)) for name, values in bounds.items()]
    rows = [row for part, _ in parts for row in part]
    notes = [note for _, part in parts for note in part]
    notes += [bound(bounds, 0.0, 2), bound(bounds, 1.0, 4), *REMARKS]
    return rows, [*notes, f"These rows took {duration(time.perf_counter() - began)}."], bounds
