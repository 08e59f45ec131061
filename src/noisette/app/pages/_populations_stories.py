"""Stories of the page about populations."""

from typing import Any

from noisette.app.answers import Story


def stories(view: type[Any]) -> tuple[Story, ...]:
    """Return the stories, whose views are of the given class."""
    return (
        Story(
            "Inhibition lowers the means",
            "Excitatory units receive a constant input of 0.5, and inhibition outweighs excitation twofold: their mean "
            "is μ = 0.67 at g = 1.2, and that of inhibitory units 0.17. If it does so fourfold, the means are 0.60 and "
            "0.10. The onset of chaos hardly depends on it, g = 0.86 and 0.83, as it is determined by the variances.",
            view(gain=1.2),
            "Move the balance k from 2 to 4 and follow the means and the exponent.",
        ),
        Story(
            "An outlier moves the mean",
            "If excitation outweighs inhibition, e = 2 and k = 0.5, the weights have an outlier at g e (1 − k) = g, "
            "outside the disc of radius 0.63 g. Without bias, means are zero up to g = 1, where the outlier makes them "
            "unstable. At g = 1.3 all units have the mean μ = 0.64, and the fixed point is stable (λ = −0.36).",
            view(gain=1.3, excitation=2.0, balance=0.5, variance_e=0.2, variance_i=0.2, bias=0.0),
            "Set both variances to 2: the disc contains the outlier, and activity is chaotic.",
        ),
        Story(
            "Noise suppresses chaos",
            "At g = 1.2 activity is chaotic without noise, with λ = 0.10. White noise of strength 1 makes the exponent "
            "negative, −0.01, and noise of strength 1.5 lowers it to −0.10. The variance grows only from 2.33 to 2.48 "
            "and 2.90, and the means hardly change.",
            view(gain=1.2, noise=1.0),
            "Move the noise from 0 to 1.5 and follow λ.",
        ),
    )
