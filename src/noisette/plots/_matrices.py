"""Joint distributions of successive states."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.image import AxesImage

from noisette.arguments import check_arguments
from noisette.errors import real_array, real_number

MIN_PROBABILITY = 1e-4  # lower end of the colour scale


@check_arguments
def joint_matrix(
    axes: Axes, joint: Float[np.ndarray, "before after"], *, min_probability: float = MIN_PROBABILITY
) -> AxesImage:
    """Plot a joint distribution of successive states, on a logarithmic colour scale.

    Parameters
    ----------
    axes : axes of the plot
    joint : P(s(t), s(t+1)), shape (K, K), with s(t) over rows; s(t) is on the horizontal axis, s(t+1) on the vertical
    min_probability : lower end of the colour scale; cells with at most this probability are white

    Returns
    -------
    image, for a colour bar

    Examples
    --------
    >>> import noisette as nz
    >>> from noisette.plots import figure
    >>> image = joint_matrix(figure(3, 3).subplots(), np.eye(4) / 4)
    >>> image.get_array().shape
    (4, 4)
    """
    real_array(joint, "joint probabilities")
    real_number(min_probability, "min_probability")
    shown = np.where(joint > min_probability, joint, np.nan).T
    image = axes.imshow(
        shown,
        origin="lower",
        cmap="viridis_r",
        norm=LogNorm(min_probability, 1.0),
        interpolation="nearest",
        aspect="equal",
    )
    last = len(joint) - 1
    ticks = [0, last // 2 + 1, last] if last > 2 else list(range(last + 1))
    axes.set_xticks(ticks)
    axes.set_yticks(ticks)
    axes.set_xlabel("state $s(t)$")
    axes.set_ylabel("state $s(t+1)$")
    for side in ("top", "right"):
        axes.spines[side].set_visible(True)
    return image
