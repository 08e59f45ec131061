"""Function approximation: error against the noise of the test."""

from noisette.papers.noise_preference._curves import figure_of

FIGURE = figure_of(
    "function-approximation", "Function approximation: error against the noise of the test", "function approximation"
)
