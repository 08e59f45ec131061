"""A noise pulse that erases or reverses a memory
==============================================

FINDING
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.papers.working_memory import example

trained, task, trials = example(10), nz.tasks.DMS(delay=500), 100
network = trained.network  # in ms, with the noise of its training
states = nz.analysis.delay_state(trained, task, trials=20, key=0).state.values
direction = states[0] - states[1]  # from the memory of −1 to that of +1
direction /= np.linalg.norm(direction) / network.size**0.5  # the power is that of independent unit noise
kinds = {"independent": nz.White(), "along the memory": nz.Channels(direction[:, None], nz.White())}
strengths = np.array([0.0, 0.1, 0.2, 0.4, 0.8, 1.6])
results = {}
for name, noise in kinds.items():
    for s in strengths:
        pulse = nz.Gated(noise.scaled(s), 600, 650)
        member = network.with_noise(network.noise + pulse)
        answers = nz.training.run_trials(member, task, trials, key=1, label="+1/+1", score="strict")
        results[name, s] = answers
        inside = answers.outputs.where(answers.mask > 0).mean("time").values[:, 0]
        print(name, s, (inside > 0.5).mean(), (inside < -0.5).mean(), inside.mean())
