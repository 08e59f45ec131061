"""A task of your own
==================

Which of two stimuli, half a second apart, was stronger? A task is a class with a number of channels, names of
conditions, and a function that returns inputs and targets of a trial. This function uses only arithmetic on the index
of the condition, so that it can be compiled. Periods are in ms; the answer is evaluated in the response window
(shaded). An output whose mean has the correct sign passes the strict score; one that oscillates passes only the
threshold score.
"""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.tasks import Task


class Stronger(Task):
    """The target is +1 if the first of two stimuli is stronger, and −1 if the second is."""

    delay: float = 500.0
    duration: float = 1750.0
    channels, conditions = 1, ("first", "second")

    def signals(self, label, *, key):
        """Return the inputs, the targets, and the mask of the response window."""
        weak, more = jax.random.uniform(key, (2,), minval=0.2, maxval=0.8)
        first, second = weak + more * (label == 0), weak + more * (label == 1)
        later = self.times - 250 - self.delay
        inputs = first * ((self.times >= 250) & (self.times < 500)) + second * ((later >= 250) & (later < 500))
        mask = later >= 550
        return inputs[:, None], jnp.where(label == 0, 1, -1) * mask[:, None], mask


task = Stronger(input_noise=0.05)
trials = task.block(6, key=jax.random.key(1), label=np.arange(6) % 2)
steady = 0.4 * trials.target[0, :-1]
oscillating = jnp.sin(task.times[:-1] / 40)[:, None]
for name, outputs in {"steady but weak": steady, "oscillating": oscillating}.items():
    correct = [bool(task.correct(outputs, jax.tree.map(lambda x: x[0], trials), s)) for s in ("threshold", "strict")]
    print(f"{name}: threshold {correct[0]}, strict {correct[1]}")

with nz.plots.style():
    figure, panels = plt.subplots(2, 3, figsize=(8, 3.6), sharex=True, sharey=True, layout="constrained")
    for i, panel in enumerate(panels.T.flat):
        panel.fill_between(task.times, -1, 1, where=trials.mask[i] > 0, color=nz.plots.COLOURS["grey"], alpha=0.2, lw=0)
        panel.plot(task.times, trials.inputs[i, :, 0], lw=1, label="input")
        panel.plot(task.times, trials.target[i, :, 0], label="target")
        panel.set_title(f"the {task.conditions[trials.label[i]]} is stronger")
    panels[1, 1].set_xlabel("time (ms)")
    panels[0, 0].legend(loc="lower left")

if __name__ == "__main__":
    plt.show()
