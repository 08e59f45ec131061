"""Stories of the page about recurrence resonance."""

from typing import Any

from noisette.app.answers import Story


def stories(view: type[Any]) -> tuple[Story, ...]:
    """Return the stories, whose views are of the given class."""
    return (
        Story(
            "Noise that helps",
            "Five units that excite only themselves keep any state for ever: without noise nothing happens. A run of "
            "10,000 steps visits all 32 states only if noise lets it leave them. The information of successive states "
            "is therefore largest at an intermediate strength.",
            view(weights="autapses:10", noise=7.0, start=0),
            "Drag the dotted line to r = 2 and to r = 40, and compare joint probabilities and raster.",
        ),
        Story(
            "It depends on the length of the run",
            "At r = 3 a run of 10,000 steps of the same network rarely leaves its state. A run of a million steps "
            "does, and the optimum moves to weaker noise. Resonance depends on network, noise and time of observation.",
            view(weights="autapses:10", noise=3.0, start=0, steps=1_000_000),
            "Change N_T from 1,000 to 1,000,000 and follow the optimum.",
        ),
        Story(
            "Two memories",
            "The Hopfield network stores the pattern 11000 and its inverse 00111. Weak noise leaves a run in one of "
            "them. Only for this network of the paper is there an optimum in runs of any length.",
            view(weights="hopfield:24,7:10", noise=23.0, start=24),
            "Lower the noise until the sentence about the regime changes.",
        ),
        Story(
            "Cycles through all states",
            "One weight in each row and column makes each state lead to exactly one other. Successive states share "
            "much information although the network never rests. Noise moves it from cycle to cycle.",
            view(weights="nrooks:20", noise=10.0, start=0),
            "Choose sign units and noise 0: the run repeats a cycle.",
        ),
        Story(
            "A pulse that switches",
            "Without noise the network stays in its attractor. One step of strong noise moves it to another one, where "
            "it stays. This is how noise pulses search among memories.",
            view(weights="autapses:10", noise=0.0, pulse=20.0, start=21, seed=3),
            "Press the button Pulse several times: each pulse is a new sample.",
        ),
    )
