"""Speed of recorded noise: a step that replays it, against one that draws white noise.

python benchmarks/recorded_noise.py [--rounds 9]

The steps of Euler's method of uncoupled units are timed alternately in white noise, in recorded noise at the recorded
step, at twice and at half of it. The times are those of processor time, as medians over rounds; the exit status is 1 if
a replay at the recorded step takes more than 1.5 times as long as drawing.
"""

import argparse
import sys
import time

from _harness import Spread, environment, fix_threads, spread, table

MOST = 1.5  # ratio of the time of a replay to that of drawing
NUMBERS = 2e7  # numbers per call
DT = 0.01


def measured(size: int, runs: int, rounds: int) -> dict[str, list[float]]:
    """Return the processor time per step, in microseconds, of each round."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    import noisette as nz
    from noisette.random_numbers import fold_in

    steps = int(min(20_000, max(1000, NUMBERS / size / 10)))
    recorded = nz.noise.record(nz.White(0.5), size, duration=steps * DT, dt=DT, key=0)

    @eqx.filter_jit
    def run(network, number):
        def trial(key):
            start = network.init(jnp.zeros(size), key=key)
            step = lambda n, state: network.step(state, n, key=fold_in(key, n))  # noqa: E731
            return jax.lax.fori_loop(0, number, step, start).units

        return jax.vmap(trial)(jax.random.split(jax.random.key(0), runs))

    def timed(noise, dt):
        flow = nz.networks.Flow(lambda x: -x, size, noise=noise)
        network, number = nz.networks.Euler(network=flow, dt=jnp.asarray(dt)), jnp.asarray(steps // 2)

        def action():
            began = time.process_time()
            jax.block_until_ready(run(network, number))
            return (time.process_time() - began) / (steps // 2) * 1e6

        return action

    actions = {
        "drawn": timed(nz.White(0.5), DT),
        "recorded": timed(nz.noise.prepared(recorded, steps, DT), DT),
        "2 dt": timed(nz.noise.prepared(recorded, steps // 2, 2 * DT), 2 * DT),
        "dt/2": timed(recorded, DT / 2),
    }
    times: dict[str, list[float]] = {name: [] for name in actions}
    for n in range(rounds + 1):  # the first round compiles
        for name, action in actions.items():
            value = action()
            times[name] += [value] if n else []
    return times


def main() -> int:
    """Print the table and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="number of rounds")
    rounds = parser.parse_args().rounds
    fix_threads(1, 1)
    print("\n".join(environment()), flush=True)
    rows, worst = [], 0.0
    for size in (10, 100, 1000):
        for runs in (1, 8):
            times = measured(size, runs, rounds)
            ratio = Spread.of([a / b for a, b in zip(times["recorded"], times["drawn"], strict=True)])
            worst = max(worst, ratio.median)
            shown = [spread(Spread.of(values), lambda x: f"{x:.2f}") for values in times.values()]
            rows.append((str(size), str(runs), *shown, spread(ratio, lambda x: f"{x:.2f}")))
    print("\nMicroseconds of processor time per step of all runs: median (minimum–maximum).\n")
    print(table(("units", "runs", "drawn", "recorded, dt", "recorded, 2 dt", "recorded, dt/2", "ratio at dt"), rows))
    print(f"\nlargest ratio {worst:.2f}; at most {MOST} is accepted")
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
