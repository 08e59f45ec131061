"""Memory of a trained network that is frozen in its delay
=======================================================

FINDING
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.papers.working_memory import example

network, trials = example(10), 60
gammas, delays = (0.0, 0.5, 0.9, 1.0), (250, 750, 1250)
outcomes = {}
for delay in delays:
    task = nz.tasks.DMS(delay=delay)
    begin, end = (task.dt * step for step in task.periods["delay"])
    for gamma in gammas:
        member = nz.Onsager(network, nz.Switch([begin, end], [0.0, gamma, 0.0]))
        outcomes[gamma, delay] = nz.training.run_trials(
            member, task, trials, key=jax.random.key(1), score="strict", units=delay == delays[-1]
        )


def decoded(units, sign):
    """Return the fraction of test trials in which the nearer class mean of other trials is that of stimulus 1."""
    fit, test = units[::2], units[1::2]
    means = [fit[sign[::2] == s].mean(0) for s in (1, -1)]
    nearer = np.linalg.norm(test - means[1], axis=-1) - np.linalg.norm(test - means[0], axis=-1)
    return (np.sign(nearer) == sign[1::2, None]).mean(0)


with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.1), layout="constrained")
    for gamma, colour in zip(gammas, nz.plots.SERIES, strict=False):
        correct = np.array([outcomes[gamma, delay].correct.mean() for delay in delays])
        error = np.sqrt(correct * (1 - correct) / trials)
        left.errorbar(delays, correct, error, fmt="o-", ms=3.5, color=colour, label=rf"$\gamma = {gamma:g}$")
        long = outcomes[gamma, delays[-1]]
        sign = np.where(long.label.values < 2, 1, -1)
        right.plot(long.time - begin, decoded(long.units.values, sign), color=colour, lw=1.1)
        print(f"γ = {gamma}: correct {correct.round(2)} ± {error.round(2)}")
    left.set(xlabel="delay (ms)", ylabel="fraction correct", ylim=(0, 1.02))
    left.legend()
    right.axvspan(0, delays[-1], color=nz.plots.COLOURS["grey"], alpha=0.15, lw=0)
    right.set(xlabel="time after stimulus 1 (ms)", ylabel="stimulus 1 decoded", xlim=(-300, None))

if __name__ == "__main__":
    plt.show()
