"""A resumable study
=================

A function measured on a grid, with the results of all points stored. Here the points of one gain fail on purpose: the
other points are computed, the store records the failures, and running the study again computes only missing points.
"""

import tempfile
import warnings

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.studies import Study, failures, status


def dimension(gain, *, key):
    """Return the participation dimension of the activity of one network, relative to N."""
    if gain == 1.25:
        raise RuntimeError("node failure")
    network = nz.RateNetwork(nz.weights.gaussian(60, 60**-0.5, key=key), gain, noise=nz.White(0.3))
    covariance = nz.Covariance(every=20, discard=100)
    result = nz.simulate(network, duration=400, dt=0.1, probes=covariance, key=key, warn=False)
    return {"dimension": nz.participation_dimension(result.covariance.values[0])}


study = Study("dimension", dimension, {"gain": np.arange(0.25, 2.1, 0.25)}, repeats=3, seed=1)
store = tempfile.mkdtemp()
with warnings.catch_warnings(action="ignore", category=nz.FailedPointsWarning):  # the failures are shown below
    data = study.run(store=store)
print(status(store).line())
print(failures(store)[0].line())

figure, axes = plt.subplots(figsize=(4.4, 3), layout="constrained")
mean, error = data.dimension.mean("repeat"), data.dimension.std("repeat")
axes.errorbar(data.gain, mean, error, fmt="o-", capsize=2)
axes.axvline(1.25, ls=":", lw=1, color="0.6")
axes.text(1.28, 0.6, "failed and recorded", fontsize=7, color="0.4")
axes.set(xlabel="gain $g$", ylabel="participation dimension $D$", ylim=(0, None))
axes.set_title("three networks of 60 units in white noise")
plt.show()
