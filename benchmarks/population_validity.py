"""Theory of populations against simulated networks, over a grid of ensembles, gains and noises.

python benchmarks/population_validity.py [--size 500] [--networks 12] [--only WORD]

At each point the means, variances, rates and the largest exponent are compared. Theory is that of N → ∞, and simulated
averages differ from it by a term of order 1/N: networks of N and 2 N units are simulated, and 2 x(2N) − x(N) is
compared with the theory, in standard errors over networks. With 12 networks, 4 standard errors are exceeded by chance
with a probability of 0.2 %. The exit status is 1 if a difference exceeds them.
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
    Populations = nz.networks.Populations
    two = Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], fifth)
    cell_types = Blocks(0.0, [[0.2, 1.0], [1.0, 2.5]], half)
    rank_one = gaussian(size) + LowRank([[1.0, 2.0], [2.0, 5.0]], size)
    ferromagnetic = Blocks(2.0, 1.0, size)
    white, coloured, frozen = nz.White(0.5), nz.OrnsteinUhlenbeck(0.7, 2.0), nz.Frozen(0.7)
    noises = {"no noise": None, "white": white, "coloured": coloured, "frozen": frozen}
    for noise_name, noise in noises.items():
        for gain in (0.5, 0.9, 1.5, 2.5):
            yield f"two populations, {noise_name}", Populations(two, bias=0.5, noise=noise), gain
        for gain in (0.7, 1.8):
            yield f"cell types of two gains, {noise_name}", Populations(cell_types, noise=noise), gain
        yield f"time constants 1 and 0.3, {noise_name}", Populations(two, tau=[1.0, 0.3], bias=0.5, noise=noise), 1.2
        yield f"tanh and relu, {noise_name}", Populations(two, [tanh, relu], bias=0.5, noise=noise), 0.6
        for gain in (0.8, 2.0):
            yield f"rank one, {noise_name}", Populations(rank_one, noise=noise), gain
        yield f"mean above zero, {noise_name}", Populations(ferromagnetic, noise=noise), 1.2
    yield "sparse, 100 inputs", Populations(sparse(size, 100), noise=white), 1.5
    yield "random modes", Populations(RandomModes(np.linspace(0, 1.7, size), size), noise=white), 1.5
    yield "balanced, published", Populations(excitatory_inhibitory(size), noise=white), 1.5
    inhibited = excitatory_inhibitory(size, mu_i=-6.0)
    yield "inhibition dominates", Populations(inhibited, bias=0.3, noise=white), 1.0


def compared(pair, gain, networks, number):
    """Return the differences in standard errors of all quantities, and the largest differences."""
    import noisette as nz

    run = {"networks": networks, "duration": 100.0, "discard": 50.0, "dt": 0.05, "start_mean": 0.3}
    settings = {"simulate": True, "key": 1000 + number, **run}
    small, large = (nz.analysis.population_activity(populations, gain, **settings) for populations in pair)
    scores, shares = {}, {}
    for name in NAMES:
        value = 2 * large[f"simulated_{name}"] - small[f"simulated_{name}"]
        error = np.hypot(2 * large[f"simulated_{name}_se"], small[f"simulated_{name}_se"])
        # ensembles whose mean depends on N are compared with the theory of the larger size
        difference = np.abs(value - large[name]).values
        scores[name] = float((difference / np.maximum(error.values, 1e-12)).max())
        shares[name] = float(difference.max())
    return scores, shares


def main() -> int:
    """Print the table and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=500, help="number of units N")
    parser.add_argument("--networks", type=int, default=12, help="networks at each point")
    parser.add_argument("--only", default="", help="word in the names of points")
    options = parser.parse_args()
    fix_threads(1, 1)
    print("\n".join(environment()), flush=True)
    rows, above, began = [], 0, time.time()
    pairs = zip(points(options.size), points(2 * options.size), strict=True)
    for number, ((name, small, gain), (_, large, _)) in enumerate(pairs):
        if options.only not in name:
            continue
        scores, shares = compared((small, large), gain, options.networks, number)
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
