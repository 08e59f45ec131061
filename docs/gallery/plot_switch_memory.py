"""A pulse of noise that erases or reverses a memory
=================================================

A pulse of noise of 50 ms arrives while a trained network remembers stimulus +1. Independent noise that displaces each
unit by as much as its two memories are apart (root mean square) leaves no answer in 0.33 ± 0.03 of the trials (0.18 ±
0.03 without a pulse) and reverses the answer in 0.02 ± 0.01, whereas noise of the same power along the line between
the memories reverses it in 0.21 ± 0.03. There are 200 trials of one network at each strength; the second stimulus is
+1, and no answer is a mean output within ±½.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.papers.working_memory import example

trained, task, trials, duration = example(10), nz.tasks.DMS(delay=500), 200, 50.0
network = trained.network  # in ms, with the noise of its training
states = nz.analysis.delay_state(trained, task, trials=20, key=0).state.values
axis = states[0] - states[1]  # from the memory of −1 to that of +1
distance = np.linalg.norm(axis) / network.size**0.5  # per unit
noises = {  # of equal power
    "independent noise": nz.White(),
    "noise along the memory": nz.Channels(axis[:, None] / distance),
}
displacements = distance * np.array([0.0, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0])  # of a unit by the pulse alone

with nz.plots.style():
    figure, panels = plt.subplots(1, 2, figsize=(7.6, 3.1), sharey=True, layout="constrained")
    for axes, (name, noise) in zip(panels, noises.items(), strict=True):
        shares = []
        for displacement in displacements:
            pulse = nz.Pulse(displacement / duration**0.5, 600.0, duration, noise)  # 100 ms after stimulus 1
            member = network.with_noise(network.noise + pulse)
            answers = nz.training.run_trials(member, task, trials, key=1, label="+1/+1")
            output = answers.outputs[..., 0].where(answers.mask > 0).mean("time")
            shares.append([(output > 0.5).mean(), (output < -0.5).mean(), (abs(output) <= 0.5).mean()])
        p = np.array(shares)
        error = np.sqrt(p * (1 - p) / trials)
        for column, (kind, colour) in enumerate(
            {"kept": "divergence", "reversed": "information", "no answer": "grey"}.items()
        ):
            axes.errorbar(
                displacements / distance, p[:, column], error[:, column],
                fmt="o-", ms=3.5, lw=1.1, color=nz.plots.COLOURS[colour], label=kind,
            )  # fmt: skip
        axes.set(title=name, xlabel="displacement / distance of the memories", ylim=(0, 1))
        axes.set_xscale("symlog", linthresh=0.125)
        axes.set_xlim(-0.02, 5)
        print(name, p.round(2).tolist(), "largest standard error", error.max().round(3))
    panels[0].set_ylabel("fraction of trials")
    panels[0].legend()

if __name__ == "__main__":
    plt.show()
