"""Time of each kind of noise per number, relative to its random numbers alone.

python benchmarks/noises.py --xla 1 [--quick]

Each kind is sampled in a loop over steps, in which its samples are added up; the random numbers that it uses are drawn
and added in the same way: the same number of the same distribution. Times are CPU times of one thread, which other
programs disturb least, and medians of interleaved rounds; the target is a ratio of 1.5. Noises that combine processes
by a matrix are measured for trials in parallel, as in a simulation; for correlations of full rank, the N products per
number are counted among the random numbers. The exit status is 1 if a ratio is above the target.
"""

import sys
import time

from _harness import Spread, options, spread, table

TARGET = 1.5
UNITS, TRIALS, STEPS = 10_000, 100, 40


def kinds():
    """Return for each kind its noise, number of units and trials, and a function that draws its random numbers."""
    import jax.numpy as jnp
    import numpy as np

    import noisette as nz
    from noisette.noise import _distributions as distributions
    from noisette.random_numbers import exponential, fold_in, normal, uniform

    def normals(rows):
        return lambda key, shape: normal(key, (rows * shape[0],))

    def pulses(key, shape):
        number = distributions.poisson_numbers(fold_in(key, 0), shape, jnp.asarray(0.05))
        heights = [exponential(-0.025 * uniform(fold_in(key, k), shape)) for k in (1, 2)]  # of at most two pulses
        return number + heights[0] + heights[1]

    root = np.random.default_rng(0).standard_normal((TRIALS, TRIALS)) / TRIALS**0.5
    law = nz.PowerLaw(1.0, 1.0, 0.1, 100.0)
    poisson = lambda key, shape: distributions.poisson_numbers(key, shape, jnp.asarray(0.05))  # noqa: E731
    student = lambda key, shape: distributions.student_numbers(key, shape, jnp.asarray(5.0))  # noqa: E731
    stable = lambda key, shape: distributions.stable_numbers(key, shape, 1.5)  # noqa: E731
    single = {
        "White": (nz.White(1.0), normal),
        "OrnsteinUhlenbeck": (nz.OrnsteinUhlenbeck(1.0, 2.0), normal),
        "Telegraph": (nz.Telegraph(1.0, 2.0), uniform),
        "SampleAndHold": (nz.SampleAndHold(1.0, 0.3), normal),
        "SampleAndHold, random phase": (nz.SampleAndHold(1.0, 0.3, "random"), normal),
        "Shot, delta pulses": (nz.Shot(1.0, 1.0), poisson),
        "Shot, filtered": (nz.Shot(1.0, 1.0, 2.0), pulses),
        "Independent, uniform": (nz.Independent("uniform"), uniform),
        "Independent, Laplace": (nz.Independent("laplace"), distributions.laplace_numbers),
        "Independent, Student": (nz.Independent("student", 1.0, 5.0), student),
        "Stable, α = 1.5": (nz.Stable(1.5), stable),
        "BandLimited": (nz.BandLimited(1.0, 0.3, 2.0), normals(2)),
        "PowerLaw, 3 decades": (law, normals(len(law.components[0]))),
    }
    rows = {name: (noise, UNITS, 1, numbers) for name, (noise, numbers) in single.items()}
    uniform_correlation = nz.Correlated.from_correlation(1.0, 0.3, TRIALS)
    rows["Correlated, uniform, N = 100"] = (uniform_correlation, TRIALS, TRIALS, normal)
    full = nz.Correlated(root @ root.T)
    product = lambda key, shape: normal(key, shape) @ full.shared  # noqa: E731
    rows["Correlated, full rank, N = 100"] = (full, TRIALS, TRIALS, product)
    return rows


def compiled(noise, units, trials, numbers):
    """Return two compiled functions of the same number of samples: of the noise, and of its random numbers."""
    import jax
    import jax.numpy as jnp

    from noisette.random_numbers import fold_in

    dt = jnp.asarray(0.05)

    def sampled(state, key):
        def step(n, carry):
            state, total = carry
            added, state = noise.sample(state, n * dt, units, key=fold_in(key, n), dt=dt)
            return state, total + added

        return jax.lax.fori_loop(0, STEPS, step, (state, jnp.zeros(units)))

    def drawn(key):
        add = lambda n, total: total + numbers(fold_in(key, n), (units,))  # noqa: E731
        return jax.lax.fori_loop(0, STEPS, add, jnp.zeros_like(numbers(key, (units,))))

    keys = jax.random.split(jax.random.key(0), trials)
    states = jax.vmap(lambda key: noise.init(units, key=key))(keys)
    if trials == 1:
        state, key = jax.tree.map(lambda leaf: leaf[0], states), keys[0]
        run, draw = jax.jit(sampled), jax.jit(drawn)
    else:
        state, key = states, keys
        run, draw = jax.jit(jax.vmap(sampled)), jax.jit(jax.vmap(drawn))
    return lambda: jax.block_until_ready(run(state, key)), lambda: jax.block_until_ready(draw(key))


def timed(actions, rounds):
    """Return the CPU times of actions that are called alternately."""
    times = {name: [] for name in actions}
    for round_ in range(rounds + 1):
        for name, action in actions.items():
            began = time.process_time()
            action()
            if round_:  # the first call compiles
                times[name].append(time.process_time() - began)
    return times


def main() -> int:
    """Print the table."""
    quick = options(__doc__)
    rows, missed = [], []
    for name, (noise, units, trials, numbers) in kinds().items():
        run, draw = compiled(noise, units, trials, numbers)
        times = timed({"noise": run, "numbers": draw}, 7 if quick else 31)
        count = units * trials * STEPS
        each = {what: Spread.of([1e9 * t / count for t in values]) for what, values in times.items()}
        ratio = Spread.of([a / b for a, b in zip(times["noise"], times["numbers"], strict=True)])
        if ratio.median > TARGET:
            missed.append(name)
        show = lambda x: f"{x:.1f}"  # noqa: E731
        rows.append(
            (name, spread(each["noise"], show), spread(each["numbers"], show), spread(ratio, lambda x: f"{x:.2f}"))
        )
        print(f"{name}: {ratio.median:.2f}", file=sys.stderr, flush=True)
    print("\n" + table(("kind", "ns per sample", "its random numbers alone", "ratio"), rows))
    print(f"\n{len(missed)} of {len(rows)} kinds above {TARGET:g}" + "".join(f"\n- {name}" for name in missed))
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
