"""The three structured networks of the paper, by name: weights and initial state."""

from noisette.plots import COLOURS
from noisette.weights import autapses, hopfield, nrooks

NETWORKS = {
    "autapses": (autapses(10.0), 0),
    "NRooks": (nrooks(20.0), 0),
    "Hopfield": (hopfield([24, 7], 10.0), 24),
}
COLOUR = {
    "autapses": COLOURS["entropy"],
    "NRooks": COLOURS["divergence"],
    "Hopfield": COLOURS["information"],
}
