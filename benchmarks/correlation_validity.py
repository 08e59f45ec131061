"""Validity of `theory.correlations` (`valid`), compared with networks simulated by NumPy alone.

python benchmarks/correlation_validity.py --simulate   # about 25 minutes on one core: writes the reference
python benchmarks/correlation_validity.py              # prints the table and the fractions from the stored reference

A point is an activation, a gain, a noise, a size, and the activity x or φ(x). A point deviates (is "off") if the
simulated variance or dimension differs from theory by more than four standard errors and by more than 10 %, or if
activity grows without bound in some draw of more than 5 % of the networks. The simulation shares no code with the
package: explicit steps of dx = (−x + g J φ(x)) dt + noise with J_ij ~ N(0, 1/N), 1/2 time constant for fixed points,
otherwise Euler or Heun.
"""

import argparse
import csv
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import erf

REFERENCE = Path(__file__).parents[1] / "tests" / "data" / "correlation_validity.csv"
UNITS = 4000  # total number of units of all networks of a point
DRAWS = {40: 160, 100: 160, 200: 120, 400: 120}
RUNAWAY = 1e4  # states larger than this multiple of the noise count as unbounded
SNAPSHOTS = 4
FAR_ERRORS, FAR_SHARE, LOST_SHARE = 4.0, 0.1, 0.05


class Point(NamedTuple):
    """One simulation; `scheme` is "fixed" (frozen noise), "euler" (theory takes the same dt) or "heun" (continuous)."""

    activation: str
    gain: float
    noise: str
    size: int
    scheme: str = "fixed"
    burn: float = 60.0
    every: float = 4.0
    dt: float = 0.1


def grid() -> list[Point]:
    """Return all points, from small gains to gains beyond the critical gain."""
    frozen = {
        "tanh": [(0.8, 40), (0.8, 400), (1.2, 40), (1.2, 100), (1.5, 40), (1.5, 100), (1.5, 400), (1.7, 100)],
        "erf": [(0.8, 40), (1.2, 100), (1.5, 40), (1.5, 200)],
        "linear": [(0.3, 40), (0.5, 40), (0.5, 100), (0.7, 40), (0.7, 100), (0.7, 400), (0.85, 100), (0.85, 400),
                   (0.95, 400)],
        "pade:0.3333,0": [(1.2, 40), (1.2, 100), (1.6, 100), (1.6, 400)],
        "power:0.75": [(0.5, 40), (0.8, 100), (1.0, 100), (1.0, 400), (1.2, 100)],
        "power:0.5": [(0.5, 100), (1.0, 100)],
        "power:1.5": [(0.3, 40), (0.3, 400), (0.4, 40), (0.4, 100), (0.4, 400), (0.45, 100), (0.45, 400), (0.48, 400)],
        "relu": [(0.5, 40), (0.8, 40), (0.8, 100), (0.8, 400), (1.0, 100), (1.0, 400), (1.1, 100), (1.1, 400),
                 (1.2, 100), (1.2, 400), (1.3, 100), (1.3, 400)],
        "threshold:0.5": [(0.8, 40), (1.0, 100), (1.0, 400), (1.2, 100), (1.2, 400), (1.4, 100)],
        "clip": [(0.8, 40), (1.2, 100), (1.4, 40), (1.4, 200)],
    }  # fmt: skip
    points = [Point(name, g, "frozen:1", n) for name, pairs in frozen.items() for g, n in pairs]
    points += [Point("tanh", g, "frozen:0.2", n) for g, n in [(0.8, 40), (1.0, 100), (1.0, 400), (1.2, 100)]]
    beyond = [("tanh", 1.9, 100), ("tanh", 2.2, 100), ("tanh", 2.5, 100), ("tanh", 2.5, 400), ("tanh", 3.5, 100),
              ("tanh", 3.5, 400), ("erf", 2.5, 100), ("pade:0.3333,0", 2.5, 100), ("power:0.75", 1.8, 100)]  # fmt: skip
    points += [Point(*row[:2], "frozen:1", row[2], "euler", 120.0, 10.0) for row in beyond]
    white = [
        ("tanh", 0.8, "white:1", 40), ("tanh", 0.8, "white:0.003", 100), ("tanh", 0.95, "white:0.003", 100),
        ("tanh", 1.2, "white:1", 100), ("tanh", 1.5, "white:1", 40), ("tanh", 2.0, "white:1.5", 100),
        ("tanh", 2.0, "white:1.5", 400), ("tanh", 2.0, "white:0.5", 100), ("tanh", 2.0, "white:0.5", 400),
        ("tanh", 3.0, "white:1", 100), ("tanh", 3.0, "white:1", 400), ("linear", 0.5, "white:1", 40),
        ("linear", 0.7, "white:1", 40), ("linear", 0.7, "white:1", 100), ("linear", 0.9, "white:1", 100),
        ("linear", 0.95, "white:1", 400), ("erf", 1.2, "white:1", 100), ("pade:0.3333,0", 1.2, "white:1", 40),
        ("pade:0.3333,0", 2.0, "white:1", 100), ("power:0.75", 0.8, "white:1", 100),
    ]  # fmt: skip
    points += [Point(*row, "euler", 60.0) for row in white]
    kinked = [("relu", 0.8, 40), ("relu", 1.0, 100), ("relu", 1.1, 100), ("relu", 1.1, 400), ("relu", 1.3, 100),
              ("threshold:0.5", 1.0, 100), ("clip", 1.1, 100)]  # fmt: skip
    points += [Point(*row[:2], "white:1", row[2], "heun", 60.0) for row in kinked]
    points += [
        Point("tanh", 1.2, "ou:1:3", 40, "euler", 60.0, 8.0), Point("tanh", 2.0, "ou:1:3", 100, "euler", 80.0, 8.0),
        Point("tanh", 3.0, "ou:1:3", 100, "euler", 80.0, 8.0), Point("erf", 1.2, "ou:1:10", 100, "euler", 80.0, 20.0),
        Point("relu", 1.0, "ou:1:3", 100, "heun", 80.0, 8.0), Point("linear", 0.8, "ou:1:3", 100, "euler", 80.0, 8.0),
        Point("pade:0.3333,0", 1.4, "ou:1:3", 400, "euler", 60.0, 8.0),
        Point("tanh", 1.5, "frozen:0.5+white:0.5", 100, "euler", 80.0, 8.0),
        Point("tanh", 2.0, "none", 400, "euler", 150.0, 10.0), Point("tanh", 3.0, "none", 100, "euler", 120.0, 10.0),
        Point("tanh", 3.0, "none", 400, "euler", 120.0, 10.0), Point("tanh", 5.0, "none", 400, "euler", 80.0, 10.0),
    ]  # fmt: skip
    return points


def function_of(name: str):
    """Return φ in NumPy."""
    kind, _, rest = name.partition(":")
    numbers = [float(part) for part in rest.split(",") if part]
    if kind == "power":
        return lambda x: np.sign(x) * np.abs(x) ** numbers[0]
    if kind == "threshold":
        return lambda x: np.maximum(x - numbers[0], 0)
    if kind == "pade":
        return lambda x: x * (1 + numbers[1] * numbers[0] * x * x) / (1 + numbers[0] * x * x)
    return {
        "tanh": np.tanh, "erf": erf, "linear": lambda x: x, "relu": lambda x: np.maximum(x, 0),
        "clip": lambda x: np.clip(x, -1, 1),
    }[kind]  # fmt: skip


def simulated(point: Point, seed: int) -> dict[str, float | int]:
    """Return variance and dimension of x and φ(x) with standard errors, and the share of networks with lost draws."""
    rng = np.random.default_rng([seed, point.size])
    phi, n, draws = function_of(point.activation), point.size, DRAWS[point.size]
    count = max(10, UNITS // n)
    J = rng.standard_normal((count, n, n)) * (point.gain / np.sqrt(n))
    states = list(runs(point, J, phi, (count, n, draws), rng))
    centred = point.activation.startswith(("relu", "threshold"))
    row: dict[str, float | int] = {"networks": count, "draws": draws}
    kept = [np.isfinite(np.stack([s[i] for s in states])).all((0, 1)) for i in range(count)]
    row["lost"] = float(np.mean([not k.all() for k in kept]))
    for name, function in (("x", lambda x: x), ("phi", phi)):
        traces = []
        for i in range(count):
            if kept[i].sum() < 20:
                continue
            traces.append(np.mean([traces_of(function(s[i][:, kept[i]]), centred) for s in states], 0))
        row |= estimates(np.array(traces), name)
    return row


def runs(point: Point, J: np.ndarray, phi, shape: tuple[int, ...], rng: np.random.Generator):
    """Yield snapshots, shape (networks, N, draws), with NaN in draws whose activity grows without bound."""
    parts = dict.fromkeys(("frozen", "white"), 0.0)
    coloured = None
    for part in point.noise.split("+"):
        kind, *numbers = part.split(":")
        if kind == "ou":
            coloured = float(numbers[0]), float(numbers[1])
        elif kind != "none":
            parts[kind] = float(numbers[0])
    strength = max(parts["frozen"], parts["white"], coloured[0] if coloured else 0.0) or 1.0
    frozen = parts["frozen"] * rng.standard_normal(shape)
    slow = coloured[0] * rng.standard_normal(shape) if coloured else 0.0
    x = frozen + slow + (parts["white"] / np.sqrt(2) if parts["white"] else 0.1) * rng.standard_normal(shape)
    dt = 0.5 if point.scheme == "fixed" else point.dt
    flow = lambda y: J @ phi(y) - y + frozen  # noqa: E731
    times = point.burn + point.every * np.arange(1 if point.scheme == "fixed" else SNAPSHOTS)
    if point.scheme == "fixed":
        times = np.array([250.0])
    marks = {round(t / dt) for t in times}
    with np.errstate(all="ignore"):
        for step in range(1, max(marks) + 1):
            white = parts["white"] * np.sqrt(dt) * rng.standard_normal(shape) if parts["white"] else 0.0
            first = flow(x) + slow
            if coloured:
                keep = np.exp(-dt / coloured[1])
                slow = keep * slow + coloured[0] * np.sqrt(1 - keep**2) * rng.standard_normal(shape)
            if point.scheme == "heun":
                first = (first + flow(x + dt * first + white) + slow) / 2
            x = x + dt * first + white
            if step in marks:
                late = x + dt * (flow(x) + slow)  # equals x at a fixed point
                bad = ~(np.abs(x).max(1) < RUNAWAY * strength)
                if point.scheme == "fixed":
                    bad |= ~(np.abs(late - x).max(1) < 1e-3 * np.abs(x).max(1)) & (np.abs(x).max(1) > 100 * strength)
                yield np.where(bad[:, None], np.nan, x)


def traces_of(x: np.ndarray, centred: bool) -> tuple[float, float]:
    """Return unbiased tr C/N and tr C²/N from independent columns; differences of pairs if the mean is unknown."""
    if centred:
        half = x.shape[1] // 2
        x = (x[:, :half] - x[:, half : 2 * half]) / np.sqrt(2)
    n, draws = x.shape
    gram = x.T @ x
    variances = np.diag(gram)
    return variances.mean() / n, ((gram**2).sum() - (variances**2).sum()) / (draws * (draws - 1) * n)


def estimates(traces: np.ndarray, name: str) -> dict[str, float]:
    """Return means over networks, D = ⟨tr C/N⟩²/⟨tr C²/N⟩, and jackknife errors over networks."""
    if len(traces) < 3:
        return {f"{name}_{key}": float("nan") for key in ("variance", "variance_se", "dimension", "dimension_se")}
    first, second = traces.T
    count = len(first)
    without = ((first.sum() - first) / (count - 1)) ** 2 / ((second.sum() - second) / (count - 1))
    spread = np.sqrt((count - 1) * np.mean((without - without.mean()) ** 2))
    return {
        f"{name}_variance": first.mean(), f"{name}_variance_se": first.std(ddof=1) / np.sqrt(count),
        f"{name}_dimension": first.mean() ** 2 / second.mean(), f"{name}_dimension_se": spread,
    }  # fmt: skip


def simulate_all() -> None:
    """Simulate all points that are not yet in the reference, and append each row as soon as it is available."""
    done = {key(row) for row in stored()} if REFERENCE.exists() else set()
    for seed, point in enumerate(grid()):
        if key(point._asdict()) in done:
            continue
        began = time.perf_counter()
        row = point._asdict() | {k: float(f"{v:.5g}") for k, v in simulated(point, seed).items()}
        new = not REFERENCE.exists()
        with REFERENCE.open("a", newline="") as file:
            writer = csv.DictWriter(file, row.keys(), lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow(row)
        print(seed, *row.values(), f"{time.perf_counter() - began:.1f} s", flush=True)


def key(row) -> tuple[str, ...]:
    """Return the values that identify a simulation."""
    return tuple(str(row[name]) for name in ("activation", "gain", "noise", "size", "scheme"))


def stored() -> list[dict[str, str]]:
    """Return the rows of the reference."""
    with REFERENCE.open(newline="") as file:
        return list(csv.DictReader(file))


class Verdict(NamedTuple):
    """One row of the reference and one activity: theory, simulation, whether theory deviates, `valid` and `reason`."""

    point: str
    activity: str
    theory: tuple[float, float]
    simulated: tuple[float, float]
    errors: tuple[float, float]
    off: bool
    valid: bool
    reason: str


def verdicts(rows: list[dict[str, str]]) -> list[Verdict]:
    """Return two verdicts for each of the given rows of the reference: for x and for φ(x)."""
    return [verdict(row, activity) for row in rows for activity in ("current", "rate")]


def verdict(row: dict[str, str], activity: str) -> Verdict:
    """Return the results of `theory.correlations` and of the simulation for one point."""
    from noisette import theory

    name = "x" if activity == "current" else "phi"
    simulated = float(row[f"{name}_variance"]), float(row[f"{name}_dimension"])
    errors = float(row[f"{name}_variance_se"]), float(row[f"{name}_dimension_se"])
    moving = row["scheme"] != "fixed"
    options = {"dt": float(row["dt"]) if row["scheme"] == "euler" else None, "dynamic": moving}
    activation = activation_of(row["activation"])
    predicted = theory.correlations(
        activation, float(row["gain"]), noise_of(row["noise"]), int(row["size"]), activity=activity, **options
    )
    expected = float(predicted.variance), float(predicted.participation_dimension)
    pairs = zip(expected, simulated, errors, strict=True)
    far = any(not abs(s - t) <= max(FAR_ERRORS * e, FAR_SHARE * abs(t)) for t, s, e in pairs)
    point = f"{row['activation']} g={row['gain']} {row['noise']} N={row['size']}"
    off = far or float(row["lost"]) > LOST_SHARE
    return Verdict(
        point, activity, expected, simulated, errors, off, bool(predicted.valid), str(predicted.reason.item())
    )


def activation_of(name: str):
    """Return the activation of the package."""
    from noisette import activations

    return clip if name == "clip" else activations.from_string(name)


def clip(x):
    """Return x limited to ±1."""
    import jax.numpy as jnp

    return jnp.clip(x, -1, 1)


def noise_of(text: str):
    """Return the noise of the package."""
    from noisette import noise

    kinds = {"frozen": noise.Frozen, "white": noise.White, "ou": noise.OrnsteinUhlenbeck}
    parts = [
        kinds[kind](*map(float, numbers)) for kind, *numbers in (p.split(":") for p in text.split("+") if p != "none")
    ]
    return None if not parts else parts[0] if len(parts) == 1 else parts[0] + parts[1]


def shares(judged: list[Verdict]) -> tuple[float, float]:
    """Return the fraction of deviating points among valid points, and among invalid points."""
    valid, invalid = ([v.off for v in judged if v.valid == kind] for kind in (True, False))
    return float(np.mean(valid)), float(np.mean(invalid))


def table() -> None:
    """Print all points, and the fractions of deviating points."""
    judged = verdicts(stored())
    for v in judged:
        pairs = zip(v.theory, v.simulated, v.errors, strict=True)
        numbers = "   ".join(f"{t:9.4g} {s:9.4g} ({e:.2g})" for t, s, e in pairs)
        print(
            f"{v.point:42s} {v.activity:8s} {numbers}  {'OFF' if v.off else '   '} {'valid' if v.valid else v.reason}"
        )
    valid, invalid = shares(judged)
    count = sum(v.valid for v in judged)
    others = len(judged) - count
    print(f"{len(judged)} points; off: {100 * valid:.1f} % of {count} valid, {100 * invalid:.0f} % of {others} others")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true", help="simulate the points that are missing in the reference")
    if parser.parse_args().simulate:
        simulate_all()
    table()
