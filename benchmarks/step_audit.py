"""Audit of steps of 24 networks, compared with runs with a sixteenth of the step.

    python benchmarks/step_audit.py [--quick] [--seed 1]

Eight gradient flows (Onsager, γ = 1), eight oscillating networks (excitatory–inhibitory pairs, antisymmetric weights)
and eight plain random networks, with steps that are short enough and steps that are not. The reference is the same runs
with dt/16: a step is too long if exponent, energy or variance with dt differ from the reference by more than twice the
tolerance of `step_audit` between dt and dt/2 (an error of first order halves) and by more than statistical errors of 32
runs explain, or if the energy of a gradient flow rises. A false "ok" is the verdict "ok" for a step that is too long; a
false alarm is another verdict for a step that is short enough.
"""

import argparse
from collections.abc import Iterator

import jax
import numpy as np

import noisette as nz
from noisette.analysis._audit import RISING, RunParameters, run_probes
from noisette.analysis._halving import compare, scale_of
from noisette.simulation._stack import starts

SIZE, DURATION, DISCARD = 60, 50.0, 10.0
FINER, RUNS = 16, 32


def draw(seed: int, size: int = SIZE) -> np.ndarray:
    """Return weights of variance 1/N."""
    return np.asarray(nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(seed)))


def antisymmetric(seed: int) -> np.ndarray:
    """Return antisymmetric weights of variance 1/N."""
    W = draw(seed)
    return (W - W.T) / 2**0.5


def cases(base: int) -> Iterator[tuple[str, nz.networks.ContinuousNetwork, float]]:
    """Yield a name, a network and the step that is audited; `base` is added to the seeds of the weights."""
    onsager = [(1.5, 0.05), (2.0, 0.02), (3.0, 0.02), (4.0, 0.02), (6.0, 0.01), (9.0, 0.01), (10.0, 0.01), (5.0, 0.05)]
    for seed, (gain, dt) in enumerate(onsager):
        yield f"Onsager, g = {gain:g}", nz.Onsager(nz.RateNetwork(draw(base + seed), gain)), dt
    for seed, (gain, dt) in enumerate([(1.0, 0.01), (2.0, 0.05), (4.0, 0.05), (4.0, 0.002), (8.0, 0.01)]):
        yield f"antisymmetric, g = {gain:g}", nz.RateNetwork(antisymmetric(base + seed), gain), dt
    for weight, dt in [(3.0, 0.1), (6.0, 0.05), (2.0, 0.01)]:  # excitation amplifies itself and drives inhibition
        W = np.kron(np.array([[1.2, -weight], [weight, 0.0]]), np.eye(2))
        yield f"E-I pairs, w = {weight:g}", nz.RateNetwork(W), dt
    plain = [(0.5, 0.05), (0.9, 0.05), (1.2, 0.05), (1.5, 0.05), (2.0, 0.05), (3.0, 0.05), (5.0, 0.1), (8.0, 0.05)]
    for seed, (gain, dt) in enumerate(plain):
        yield f"plain, g = {gain:g}", nz.RateNetwork(draw(base + 100 + seed), gain), dt


def judged(network: nz.networks.ContinuousNetwork, dt: float) -> tuple[str, bool, np.ndarray, float]:
    """Return the verdict, whether the step is too long, the differences from dt/16, and the stability."""
    key = jax.random.key(7)
    audit = nz.step_audit(network, dt, duration=DURATION, discard=DISCARD, key=key)
    run = RunParameters(DURATION, DISCARD, 1, None, runs=RUNS)
    coarse, fine = (run_probes([network], step, "euler", run, key, None).isel(network=0) for step in (dt, dt / FINER))
    states = starts(network, None, RUNS, key)
    deviation = compare(coarse, fine, scale_of(network, states), comparisons=1, independent=True)
    large = np.abs(deviation.difference) > 2 * deviation.tolerance
    wrong = bool((large & (np.abs(deviation.difference) > deviation.critical)).any())
    if isinstance(network, nz.Onsager):  # the energy of a gradient flow cannot rise
        wrong = wrong or float(coarse.rising.mean()) > RISING
    return audit.attrs["verdict"], wrong, deviation.difference, float(audit.stability[0])


def main() -> None:
    """Print the table of verdicts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every fourth network")
    parser.add_argument("--seed", type=int, default=0, help="seed of the weights")
    options = parser.parse_args()
    chosen = list(cases(1000 * options.seed))[:: 4 if options.quick else 1]
    false = {"ok": 0, "alarm": 0}
    print("| network | dt | stability | verdict | Δλ, ΔE_k/N, Δvariance from dt/16 | too long | |")
    print("|---" * 7 + "|")
    for name, network, dt in chosen:
        verdict, wrong, difference, product = judged(network, dt)
        kind = "false ok" if wrong and verdict == "ok" else "false alarm" if not wrong and verdict != "ok" else ""
        false["ok"] += kind == "false ok"
        false["alarm"] += kind == "false alarm"
        shown = ", ".join(f"{value:.2g}" for value in difference)
        print(
            f"| {name} | {dt:g} | {product:.2f} | {verdict} | {shown} | {'yes' if wrong else 'no'} | {kind} |",
            flush=True,
        )
    print(f'\n{len(chosen)} networks: {false["ok"]} false "ok", {false["alarm"]} false alarms')


if __name__ == "__main__":
    main()
