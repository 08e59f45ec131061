"""Memory of a trained network that is frozen in its delay
=======================================================

With the Onsager reaction term of weight γ = 0.9 during a delay of 4 s, a trained network with ten noise channels
answers correctly in 0.96 ± 0.02 of the trials, and in 0.82 ± 0.04 without the term. At γ = 1 stimulus 1 can be
decoded from every state at the end of the delay (from 0.84 without the term), but noise accumulates, from a standard
deviation of 1.0 to one of 3.4, and 0.89 ± 0.03 are correct. This is one network; γ weighs a velocity in 1/ms against
a gradient in 1/ms².
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.papers.working_memory import example

network, trials = example(10), 100  # with the ten noise channels of its training
gammas, delays = (0.0, 0.5, 0.9, 1.0), (1000, 2500, 4000)


def decoded(units: np.ndarray, sign: np.ndarray) -> np.ndarray:
    """Return the fraction of trials whose state is nearer to the mean state of stimulus 1 than to that of the other.

    The means are those of the other half of the trials.
    """
    fit, test = units[::2], units[1::2]
    distances = [np.linalg.norm(test - fit[sign[::2] == s].mean(0), axis=-1) for s in (1, -1)]
    return (np.sign(distances[1] - distances[0]) == sign[1::2, None]).mean(0)


with nz.plots.style():
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9.4, 3), layout="constrained")
    for gamma, colour in zip(gammas, nz.plots.SERIES, strict=False):
        correct = []
        for delay in delays:
            task = nz.tasks.DMS(delay=delay, duration=5500)  # one duration, so that the program is compiled once
            begin, end = (task.dt * step for step in task.periods["delay"])
            member = nz.Onsager(network, nz.Switch([begin, end], [0.0, gamma, 0.0]))
            answers = nz.training.run_trials(member, task, trials, key=1, score="strict", units=delay == delays[-1])
            correct.append(float(answers.correct.mean()))
        p = np.array(correct)
        error = np.sqrt(p * (1 - p) / trials)
        left.errorbar(delays, p, error, fmt="o-", ms=3.5, lw=1.1, color=colour, label=rf"$\gamma = {gamma:g}$")
        sign, units = np.where(answers.label < 2, 1, -1), answers.units.values
        time = answers.time.values - begin
        middle.plot(time[::20], decoded(units[:, ::20], sign), color=colour, lw=1.1)
        spread = np.mean([units[sign == s].std(0) for s in (1, -1)], axis=0)
        right.plot(time, np.sqrt((spread**2).mean(-1)), color=colour, lw=1.1)
        last = np.argmin(abs(time - delays[-1]))
        print(f"γ = {gamma}: correct {p.round(2)} ± {error.round(2)}")
        print("  decoded, spread:", decoded(units[:, [last]], sign)[0].round(2), (spread[last] ** 2).mean() ** 0.5)
    left.set(xlabel="delay (ms)", ylabel="fraction correct", ylim=(0.5, 1.02))
    left.legend(loc="lower left")
    middle.set(ylabel="stimulus 1 decoded from the state", ylim=(0.5, 1.02))
    right.set(ylabel="standard deviation of $x$ over trials", ylim=0)
    for axes in (middle, right):
        axes.set(xlabel="time in the delay (ms)", xlim=(0, delays[-1]))

if __name__ == "__main__":
    plt.show()
