"""Delayed match to sample: error and accuracy against the noise of the test."""

from noisette.papers.noise_preference._curves import figure_of

FIGURE = figure_of(
    "dms",
    "Delayed match to sample: error and accuracy against the noise of the test",
    "delayed match to sample",
    accuracy=True,
)
