"""Which weights maximise information?
===================================

The exact information I of successive states of five Boltzmann units is maximised over all weights by gradient ascent
through the stationary chain, from 20 starts, within four bounds on the weights. Above: the best matrices; below: I
against the steps of the ascent, with the value of N-rooks of the same size (dashed).

If the sum of magnitudes in each row is bounded, N-rooks (one weight in each row and column) are the global maximum, a
theorem; 15 of 20 starts end there, the others in local maxima. With a bound on the norm of each row, 17 of 20 starts
end at N-rooks for strong weights. For weak weights the best matrix is of another kind: the optimum is a ferromagnet
up to signs, of I = 0.850 instead of 0.800 bit, and of 20 starts two end at N-rooks. With a bound on single weights all
of them are used, with fields larger than those of N-rooks, and I = 1.9 instead of 0.8 bit.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.information import binary_entropy

size = 5
first = nz.weights.gaussian(size, key=jax.random.key(3))
problems = [("row-sum", 5.0), ("row-norm", 5.0), ("row-norm", 1.0), ("largest", 1.0)]

with nz.plots.style():
    figure, axes = plt.subplots(2, 4, figsize=(9, 4.4), layout="constrained", sharey="row")
for (constraint, bound), (above, below) in zip(problems, axes.T, strict=True):
    found = nz.analysis.maximise_information(first, constraint, bound, starts=20)
    best = int(np.argmax(found.final_information.values))
    rooks = size * (1 - float(binary_entropy(1 / (1 + np.exp(bound)))))
    print(
        f"{constraint} {bound:g}: best {float(found.final_information[best]):.4f} bit, N-rooks {rooks:.4f} bit; "
        f"{int(found.nrooks.sum())} of 20 starts end at N-rooks; largest residual {float(found.residual.max()):.0e}"
    )
    above.imshow(found.weights[best], cmap="RdBu_r", vmin=-bound, vmax=bound)
    above.set(title=f"{constraint} ≤ {bound:g}", xlabel="from unit", xticks=range(size), yticks=range(size))
    below.plot(found.step + 1, found.information.T, color="C0", lw=0.6, alpha=0.7)
    below.axhline(rooks, color="black", lw=0.8, ls="--")
    below.set(xlabel="step", xscale="log")
axes[0, 0].set_ylabel("to unit")
axes[1, 0].set_ylabel("information $I$ (bit)")

if __name__ == "__main__":
    plt.show()
