"""Stories of the page about recurrence resonance."""

from typing import Any

from noisette.app.answers import Story


def stories(view: type[Any]) -> tuple[Story, ...]:
    """Return the stories, whose views are of the given class."""
    return (
        Story(
            "Noise that helps",
            "Five units that excite only themselves keep any state: without noise, successive states share less than "
            "0.01 bit, because a run always stays where it is. At r = 6 it visits all 32 states and still stays in "
            "each for some time, and they share 4.9 of at most 5 bits. At r = 40 noise dominates, and 0.5 bit is "
            "left.",
            view(weights="autapses:20", noise=6.0, start=0),
            "Drag the dotted line to r = 2 and to r = 40, and compare joint probabilities and raster.",
        ),
        Story(
            "It depends on the length of the run",
            "In 100 steps the same network is most informative at r = 9.3, in 10,000 steps at r = 6.0, and in a "
            "million steps at r = 4.6. A longer run needs less noise to visit all states. Resonance depends on "
            "network, noise and time of observation.",
            view(weights="autapses:20", noise=6.0, start=0, steps=100),
            "Change N_T from 100 to 1,000,000 and follow the optimum.",
        ),
        Story(
            "Two memories",
            "The Hopfield network stores the pattern 11000 and its inverse 00111. Noise weaker than about 10 leaves a "
            "run in one of them. The optimum, r = 21.75, is the same for runs of 10,000 and of a million steps.",
            view(weights="hopfield:24,7:10", noise=21.75, start=24),
            "Lower the noise until the sentence about the regime changes.",
        ),
        Story(
            "Cycles through all states",
            "One weight in each row and column makes each state lead to exactly one other. Without noise a run "
            "repeats a cycle of eight states, which share 3 bits. Noise lets it change between the cycles: 4.96 bits "
            "at r = 5.7.",
            view(weights="nrooks:20", noise=5.7, start=0),
            "Set the noise to 0: the raster becomes periodic.",
        ),
        Story(
            "A pulse that switches",
            "Without noise the network stays in its attractor. One step of strong noise moves it to another one, "
            "where it stays. Noise pulses of this kind search among memories.",
            view(weights="autapses:20", noise=0.0, pulse=40.0, start=21, seed=3),
            "Press the button Pulse several times: each pulse is a new sample.",
        ),
    )
