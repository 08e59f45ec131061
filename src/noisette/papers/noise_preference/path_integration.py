"""Path integration in two dimensions: error against the noise of the test."""

from noisette.papers.noise_preference._curves import figure_of

FIGURE = figure_of("path-integration", "Path integration: error against the noise of the test", "path integration")
