"""Theory of populations against simulated networks, over a grid of ensembles, gains and noises.

python benchmarks/population_validity.py [--size 1000] [--networks 8] [--only WORD]

At each point the means, variances, rates and the largest exponent are compared. The difference is given in standard
errors over networks, to which the finite-size effect, at most a share 2/√N of the standard deviation, is not added. The
exit status is 1 if more points than expected by chance are above four standard errors.
"""

import argparse
import sys
import time

import numpy as np
from _harness import environment, fix_threads, table

MOST = 4.0  # standard errors
NAMES = ("mean", "variance", "rate", "rate_square", "lyapunov")


def points(size):
    """Return a name, populations and a gain for each point of the grid."""
    import noisette as nz
    from noisette.activations import relu, tanh
    from noisette.ensembles import Blocks, LowRank, RandomModes, excitatory_inhibitory, gaussian, sparse

    half, fifth = [size // 2, size - size // 2], [4 * size // 5, size - 4 * size // 5]
    two = Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], fifth)
    cell_types = Blocks(0.0, [[0.2, 1.0], [1.0, 2.5]], half)
    rank_one = gaussian(size) + LowRank([[1.0, 2.0], [2.0, 5.0]], size)
    ferromagnetic = Blocks(2.0, 1.0, size)
    quadratic = nz.activations.Power(2.0) if False else relu
    noises = {"no noise": None, "white": nz.White(0.5), "coloured": nz.OrnsteinUhlenbeck(0.7, 2.0), "frozen": nz.Frozen(0.7)}
    Populations = nz.networks.Populations
    for noise_name, noise in noises.items():
        for gain in (0.5, 0.9, 1.5, 2.5):
            yield f"two populations, {noise_name}", Populations(two, bias=0.5, noise=noise), gain
        for gain in (0.7, 1.8):
            yield f"cell types of two gains, {noise_name}", Populations(cell_types, noise=noise), gain
        yield f"time constants 1 and 0.3, {noise_name}", Populations(two, tau=[1.0, 0.3], bias=0.5, noise=noise), 1.2
        yield f"tanh and relu, {noise_name}", Populations(two, [tanh, quadratic], bias=0.5, noise=noise), 0.6
        for gain in (0.8, 2.0):
            yield f"rank one, {noise_name}", Populations(rank_one, noise=noise), gain
        yield f"mean above zero, {noise_name}", Populations(ferromagnetic, noise=noise), 1.2
    yield "sparse, 100 inputs", Populations(sparse(size, 100), noise=noises["white"]), 1.5
    yield "random modes", Populations(RandomModes(np.linspace(0, 1.7, size), size), noise=noises["white"]), 1.5
    yield "balanced, published", Populations(excitatory_inhibitory(size), noise=noises["white"]), 1.5
    yield "inhibition dominates", Populations(excitatory_inhibitory(size, mu_i=-6.0), bias=0.3, noise=noises["white"]), 1.0


def compared(populations, gain, networks, number):
    """Return the differences in standard errors of all quantities, and the largest relative difference."""
    import noisette as nz

    run = {"networks": networks, "duration": 250.0, "discard": 60.0, "dt": 0.05, "start_mean": 0.3}
    data = nz.analysis.population_activity(populations, gain, simulate=True, key=1000 + number, **run)
    scores, shares = {}, {}
    for name in NAMES:
        theory, simulated = data[name].values, data[f"simulated_{name}"].values
        error = np.maximum(data[f"simulated_{name}_se"].values, 1e-12)
        scores[name] = float(np.abs((simulated - theory) / error).max())
        shares[name] = float(np.abs(simulated - theory).max())
    return scores, shares


def main() -> int:
    """Print the table and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1000, help="number of units")
    parser.add_argument("--networks", type=int, default=8, help="networks at each point")
    parser.add_argument("--only", default="", help="word in the names of points")
    options = parser.parse_args()
    fix_threads(1, 1)
    print("\n".join(environment()), flush=True)
    rows, above, began = [], 0, time.time()
    for number, (name, populations, gain) in enumerate(points(options.size)):
        if options.only not in name:
            continue
        scores, shares = compared(populations, gain, options.networks, number)
        above += sum(score > MOST for score in scores.values())
        rows.append((name, f"{gain:g}", *(f"{scores[n]:.1f} ({shares[n]:.2g})" for n in NAMES)))
        print(*rows[-1], sep=" | ", flush=True)
    print("\nDifference in standard errors, and in absolute terms, largest over populations.\n")
    print(table(("ensemble, noise", "gain", *NAMES), rows))
    print(f"\n{len(rows)} points, {above} of {len(NAMES) * len(rows)} differences above {MOST:g} standard errors")
    print(f"{time.time() - began:.0f} s")
    return int(above > 0)


if __name__ == "__main__":
    sys.exit(main())
