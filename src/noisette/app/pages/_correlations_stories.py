"""Stories of the page about correlations."""

from typing import Any

from noisette.app.answers import Story


def stories(view: type[Any]) -> tuple[Story, ...]:
    """Return the stories, whose views are of the given class."""
    return (
        Story(
            "The dimension falls but stays positive",
            "In frozen noise the dimension of tanh units falls from 0.77 at g = 0.6 to 0.38 at g = 1.2 and 0.17 at "
            "g = 1.8. Saturation keeps it positive beyond g = 1, where linear networks have no stationary state. "
            "Beyond g = 1.856 fixed points are unstable, and the activity is chaotic: its dimension is 0.08 at g = 3.",
            view(gain=1.8),
            "Drag the dotted line to g = 2.5: activity now changes in time although the noise is constant.",
        ),
        Story(
            "Linear units diverge at g = 1",
            "Linear units have D = (1 − g²)², which is 0.56 at g = 0.5 and 0.04 at g = 0.9. Their variance, "
            "1/(1 − g²) times that of the noise, grows without bound towards g = 1. Beyond it there is no stationary "
            "state, and no dimension.",
            view(activation="linear", gain=0.9),
            "Set the gain to 1.1, then choose tanh as the activation.",
        ),
        Story(
            "White noise against frozen noise",
            "White noise is averaged out while it spreads through the network, and frozen noise is not. At g = 1.2, in "
            "noise that gives an isolated unit a standard deviation of 1, tanh units have D = 0.71 in white noise and "
            "0.38 in frozen noise. White noise also moves the onset of chaos, from g = 1.86 to 2.35.",
            view(kind="white"),
            "Choose frozen noise and compare; C(τ) exists only if activity changes in time.",
        ),
        Story(
            "Coloured noise between them",
            "The slower the noise, the stronger the correlations that it causes. At g = 1.2 the dimension of tanh "
            "units is 0.61 for a correlation time of half a time constant, 0.47 for three and 0.42 for ten. The limits "
            "are white noise, 0.71, and frozen noise, 0.38.",
            view(kind="coloured", tau=3.0),
            "Move the slider of τ_c from 0.5 to 10 and follow D and the decay of C(τ).",
        ),
        Story(
            "Few units",
            "Theory holds for many units, and the page states when there are too few. For rectified linear units at "
            "g = 0.9 it predicts D = 0.57. Networks of 30 units have a dimension below 0.5, and those of 200 units are "
            "within 10 % of the theory.",
            view(activation="relu", gain=0.9, size=30, networks=16),
            "Increase N to 200; then try tanh with N = 30, for which the theory holds at this gain.",
        ),
    )
