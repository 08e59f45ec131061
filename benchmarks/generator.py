"""Statistical tests and speed of the normal and uniform numbers of simulations.

python benchmarks/generator.py [--numbers 1e9] [--seed 0]

The tests compare the distribution of all numbers with the normal one (Kolmogorov–Smirnov, χ² over bins of equal
probability, counts in the tails, moments) and look for correlations between neighbouring indices, steps and runs. The
exit status is 1 if a p-value is below 1e-6; with 32 tests this happens by chance with probability 3e-5. The speeds are
those of one core, interleaved with those of JAX and NumPy.
"""

import argparse
import sys
import time

from _harness import Spread, environment, fix_threads, interleave, spread, table

SMALLEST = 1e-6  # p-value below which a test fails
BLOCK = 1000, 10_000  # keys, and numbers from each key
BINS = 2**20
TAILS = (2.0, 3.0, 4.0, 5.0, 6.0, 6.5)
ORDERS = (1, 2, 3, 4, 6, 8)
SHIFTS = {"index + 1": (0, 1), "index + 2": (0, 2), "index + 32": (0, 32), "key + 1": (1, 0), "both + 1": (1, 1)}


def tested(numbers: int, seed: int) -> list[tuple[str, float, float]]:
    """Return the name, the statistic and the p-value of each test."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    from scipy import special, stats

    from noisette.random_numbers import fold_in, normal, uniform

    @jax.jit
    def block(key, first):
        keys = jax.vmap(lambda i: fold_in(key, i))(first + jnp.arange(BLOCK[0]))
        x = jax.vmap(lambda k: normal(k, (BLOCK[1],)))(keys)
        bins = [(u * BINS).astype(jnp.int32) for u in (jax.scipy.special.ndtr(x), _rows(uniform, keys))]
        tails = jnp.stack([(sign * x > t).sum() for t in TAILS for sign in (1, -1)])
        moments = jnp.stack([(x**k).sum() for k in ORDERS])
        pairs = [
            ((x**p - (p == 2)) * (jnp.roll(x, shift, (0, 1)) ** p - (p == 2))).sum()
            for p in (1, 2)
            for shift in SHIFTS.values()
        ]
        return bins, tails, moments, jnp.stack(pairs), jnp.abs(x).max()

    per_block = BLOCK[0] * BLOCK[1]
    rounds = max(1, round(numbers / per_block))
    total = rounds * per_block
    counts = np.zeros((2, BINS), np.int64)
    tails, moments, pairs, largest, began = 0, 0.0, 0.0, 0.0, time.monotonic()
    for i in range(rounds):
        bins, t, m, p, high = block(jax.random.key(seed), i * BLOCK[0])
        for row, codes in zip(counts, bins, strict=True):
            row += np.bincount(np.asarray(codes).ravel(), minlength=BINS)
        tails, moments, pairs = tails + np.asarray(t), moments + np.asarray(m), pairs + np.asarray(p)
        largest = max(largest, float(high))
        if sys.stderr.isatty():
            left = (time.monotonic() - began) / (i + 1) * (rounds - i - 1)
            print(f"\r{i + 1}/{rounds} blocks, {left:.0f} s left ", end="", file=sys.stderr)
    print(f"{total:.3g} numbers of each kind, seed {seed}; largest |x| {largest:.3f}\n")
    rows = []
    for kind, row in zip(("normal", "uniform"), counts, strict=True):
        distance = np.abs(np.cumsum(row) / total - np.arange(1, BINS + 1) / BINS).max()
        rows.append((f"{kind}: Kolmogorov–Smirnov distance", distance, special.kolmogorov(distance * np.sqrt(total))))
        square = ((row - total / BINS) ** 2).sum() / (total / BINS)
        rows.append((f"{kind}: χ² of {BINS} bins, per bin", square / BINS, stats.chi2.sf(square, BINS - 1)))
    for (t, sign), number in zip(((t, s) for t in TAILS for s in (1, -1)), tails, strict=True):
        expected = total * special.ndtr(-t)
        p_value = stats.binomtest(int(number), total, special.ndtr(-t)).pvalue
        rows.append((f"x {'> ' if sign > 0 else '< −'}{t:g}: observed / expected", number / expected, p_value))
    for k, value in zip(ORDERS, moments, strict=True):
        mean, second = special.factorial2(k - 1) * (k % 2 == 0), special.factorial2(2 * k - 1)
        z = (value / total - mean) / np.sqrt((second - mean**2) / total)
        rows.append((f"⟨x^{k}⟩, standard errors from its value", z, 2 * stats.norm.sf(abs(z))))
    names = [f"{what}, {name}" for what in ("x", "x² − 1") for name in SHIFTS]
    for name, value, scale in zip(names, pairs, np.repeat([1.0, 2.0], len(SHIFTS)), strict=True):
        z = value / total / (scale / np.sqrt(total))
        rows.append((f"correlation of {name}, standard errors", z, 2 * stats.norm.sf(abs(z))))
    return rows


def _rows(draw, keys):
    """Return the numbers of each key."""
    import jax

    return jax.vmap(lambda k: draw(k, (BLOCK[1],)))(keys)


def speeds(rounds: int = 7) -> list[tuple[str, str]]:
    """Return the numbers per second of each generator, added to an array in the cache, and the limit of the memory."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from noisette import random_numbers

    size, repeats = 100_000, 50
    key, rng = jax.random.key(0), np.random.Generator(np.random.SFC64(0))
    buffer, large = np.empty(size), np.zeros(20_000_000)

    def compiled(draw):
        def total(key):
            add = lambda i, x: x + draw(jax.random.fold_in(key, i), (size,))  # noqa: E731
            return jax.lax.fori_loop(0, repeats, add, jnp.zeros(size))

        function = jax.jit(total)
        return lambda: jax.block_until_ready(function(key))

    def numpy(draw):
        return lambda: [draw(size, out=buffer) for _ in range(repeats)]

    times, _ = interleave(
        {
            "normal, Noisette": compiled(random_numbers.normal),
            "normal, JAX": compiled(lambda key, shape: jax.random.normal(key, shape, float)),
            "normal, NumPy (SFC64)": numpy(rng.standard_normal),
            "uniform, Noisette": compiled(random_numbers.uniform),
            "uniform, JAX": compiled(lambda key, shape: jax.random.uniform(key, shape, float)),
            "uniform, NumPy (SFC64)": numpy(rng.random),
            "float64 written to memory": lambda: large.fill(1.0),
        },
        rounds,
    )
    numbers = {name: large.size if "memory" in name else size * repeats for name in times}
    return [
        (name, spread(Spread.of([numbers[name] / t / 1e6 for t in each]), lambda x: f"{x:.0f}"))
        for name, each in times.items()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    fix_threads(1, 1)
    print("\n".join(environment()), flush=True)
    print("\n" + table(("M/s, one core", "median (minimum–maximum)"), speeds()) + "\n", flush=True)
    rows = tested(int(chosen.numbers), chosen.seed)
    print(table(("test", "statistic", "p"), [(name, f"{value:.4g}", f"{p:.2g}") for name, value, p in rows]))
    failed = [name for name, _, p in rows if not p > SMALLEST]
    print(f"\n{len(rows)} tests, {len(failed)} with p < {SMALLEST:g}" + "".join(f"\n- {name}" for name in failed))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
