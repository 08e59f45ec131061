"""Stories of the page about chaos."""

from typing import Any

from noisette.app.answers import Story


def stories(view: type[Any]) -> tuple[Story, ...]:
    """Return the stories, whose views are of the given class."""
    alone = {"base": 0.0, "gamma": 0.0}
    return (
        Story(
            "Freezing and release",
            "A random network with gain g = 3 is chaotic: λ = 0.18 per τ. Between 100 and 200 τ each unit receives the "
            "reaction of the others to its own state, the Onsager term with γ = 1; the dynamics are then a gradient "
            "descent of the kinetic energy, which falls to less than a hundredth. Without the term, chaos returns.",
            view(weights="gaussian:200"),
            "Drag the dotted lines in the figure to change when the term acts.",
        ),
        Story(
            "Noise suppresses chaos",
            "Without noise this network with g = 2 is chaotic, λ = 0.05 per τ. White noise with σ = 2 makes its units "
            "more variable and its exponent negative, λ = −0.23: trajectories in the same noise converge. Mean-field "
            "theory for infinitely many units predicts 0.11 and −0.19.",
            view(weights="gaussian:200", gain=2.0, kind="white", strength=2.0, dt=0.05, duration=400.0, **alone),
            "Lower σ to 1, 0.5 and 0, and watch the exponent pass zero.",
        ),
        Story(
            "Chaos that is the step's",
            "At γ = 1 the equation is a gradient descent, which cannot be chaotic. Nevertheless the simulation with "
            "g = 6 and dt = 0.05 has λ > 1.5 per τ, because the step is longer than the bound 2|Re μ|/|μ|² of the "
            "fastest modes, and E_k does not fall. A published chaotic phase at large gain is such an artefact.",
            view(gain=6.0, base=1.0, gamma=1.0, dt=0.05, duration=100.0),
            "Shorten dt to 0.01: the exponent is no longer positive, and E_k falls.",
        ),
        Story(
            "How much of the term?",
            "With γ = 0.2 the energy falls, but the network remains chaotic. With γ = 0.6 it freezes. A negative γ has "
            "the opposite effect: with γ = −0.5 the exponent is three times larger than without the term.",
            view(gamma=0.2),
            "Set γ between the marks to 0.6, to 2 and to −0.5.",
        ),
        Story(
            "One network is not the mean field",
            "Mean-field theory for infinitely many units gives λ = 0.112 per τ at g = 2. Networks of 100 units differ: "
            "this one comes to rest, and another one is chaotic. The standard error of an exponent does not "
            "contain this difference between networks.",
            view(gain=2.0, seed=1, **alone),
            "Press New sample several times; then choose gaussian:200 as weights.",
        ),
    )


__all__ = ["stories"]
