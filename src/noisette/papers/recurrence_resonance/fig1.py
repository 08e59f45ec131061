"""Figure 1: a random network of five units with weights of increasing size."""

import jax
import numpy as np
import xarray as xr

from noisette.analysis import attractors, transition_graph
from noisette.networks import Boltzmann
from noisette.papers._paper import Figure
from noisette.papers.recurrence_resonance._curves import curves, exact_of, joints
from noisette.plots import figure, information_curves, joint_matrix, letter, transition_diagram
from noisette.studies import Claim, Study, holds
from noisette.theory import markov
from noisette.weights import gaussian

# The paper does not print its matrix. As in the paper, this matrix has two fixed points and no cycle at w = 5.
MATRIX_SEED = 47
SCALES = (0.5, 2.0, 5.0)


def matrix() -> np.ndarray:
    """Return the random matrix before scaling."""
    return gaussian(5, key=jax.random.key(MATRIX_SEED))


def measure(w: float, scale: str, seed: int) -> xr.Dataset:
    """Return resonance curves, attractors, transition matrix and joint distributions of the matrix scaled by w."""
    weights = w * matrix()
    structure = attractors(Boltzmann(weights))
    data = curves(weights, 0, scale, seed)
    matrices = joints(weights, 0, [0.0, float(data.optimal_noise), 50.0], seed)
    graph = transition_graph(Boltzmann(weights))
    return data.assign(
        joint=(("panel", "before", "after"), matrices.values),
        joint_noise=("panel", matrices.strength.values),
        transition=(("before", "after"), markov.transition_matrix(Boltzmann(weights))),
        basin=("before", structure.labels),
        recurrent=("before", [int(graph.nodes[c]["recurrent"]) for c in range(len(graph))]),
        fixed_points=len(structure.fixed_points),
        attractors=len(structure.sets),
    )


def study(scale: str, seed: int) -> Study:
    """Return the study over the scale w of the weights."""
    return Study("fig1", measure, {"w": SCALES}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot the curves for increasing w, joint distributions at the largest w, and state-transition graphs."""
    fig = figure(8.2, 7.6)
    axes = fig.subplots(3, 3, height_ratios=[0.8, 1, 0.9])
    last = data.sel(w=SCALES[-1])
    images = []
    for i, w in enumerate(SCALES):
        network = data.sel(w=w)
        information_curves(axes[0, i], exact_of(network), network, legend=i == 0)
        axes[0, i].set_ylim(0, 5.2)
        letter(axes[0, i], "abc"[i])
        axes[0, i].set_title(rf"$w = {w:g}$")
        images.append(joint_matrix(axes[1, i], last.joint.values[i]))
        letter(axes[1, i], "def"[i])
        axes[1, i].set_title(rf"$w = {SCALES[-1]:g}$, $r = {float(last.joint_noise[i]):.3g}$")
        transition_diagram(axes[2, i], network.transition.values, network.basin.values, network.recurrent.values)
        letter(axes[2, i], "ghi"[i])
        axes[2, i].set_title(rf"transitions, $w = {w:g}$, $r = 0$")
    fig.colorbar(images[0], ax=axes[1], label="joint probability, one run", shrink=0.9)
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims of the paper about random matrices."""
    gain = {w: float((data.optimal_information - data.exact_information.isel(noise=0)).sel(w=w)) for w in SCALES}
    small, large = data.sel(w=SCALES[0]), data.sel(w=SCALES[-1])
    rise = np.diff(large.exact_divergence.values)
    return [
        holds(
            "w = 5: attractors of the sign map",
            "two fixed points",
            f"{int(large.fixed_points)} of {int(large.attractors)} attractors are fixed points",
            int(large.fixed_points) == int(large.attractors) == 2,
            why="the matrix is chosen for this property; 5 % of Gaussian matrices have exactly two fixed points",
            why_not="the matrix has other attractors",
            any_scale=True,
        ),
        holds(
            "w = 5: noise raises I above its value at r = 0",
            "I peaks at r_opt > 0",
            f"+{gain[SCALES[-1]]:.3f} bit at r = {float(large.optimal_noise):.2f}",
            gain[SCALES[-1]] > 0.05,
            why="exact fixed-start curve, N_T = 10⁴",
            why_not="I does not rise by more than 0.05 bit",
        ),
        holds(
            "w = 0.5: noise does not raise I; the network performs a random walk",
            "I falls from r = 0",
            f"+{gain[SCALES[0]]:.3f} bit, I(0) = {float(small.exact_information[0]):.2f}",
            gain[SCALES[0]] < 0.05,
            why="exact fixed-start curve",
            why_not="noise raises I by 0.05 bit or more",
        ),
        holds(
            "w = 5: divergence D grows with noise",
            "monotonic",
            "monotonic" if (rise > -1e-9).all() else "not monotonic",
            bool((rise > -1e-9).all()),
            why="exact curve on the plotted grid",
            why_not="D decreases between some strengths of the noise",
        ),
    ]


FIGURE = Figure(
    "fig1",
    "A random network of five units with weights of increasing size",
    study,
    plot,
    claims,
    caption=(
        "Lines are exact, and dots are means over simulated runs; the joint distributions in d–f are those of one run. "
        "In g–i, rings mark the states of attractors, and darker lines are more probable transitions."
    ),
)
