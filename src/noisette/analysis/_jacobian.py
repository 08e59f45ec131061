"""Derivatives of the velocity: the Jacobian, its spectrum, and its diagonal and trace without the full matrix."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import real_values, require
from noisette.networks import ContinuousNetwork, NetworkLike, Onsager, RateNetwork, as_network
from noisette.networks.stability import eigenvalues, jacobian_matrix

State = ArrayLike | Array
Signal = ArrayLike | Array | None
CHUNK = 64  # tangent vectors pushed forward at once where the diagonal has no closed form


@check_arguments
def jacobian(
    network: NetworkLike, units: State, time: float | Array = 0.0, inputs: Signal = None
) -> Float[Array, "N N"]:
    """Jacobian of the velocity of a network in continuous time at a given state.

    .. math:: D_{ij} = \\frac{\\partial F_i}{\\partial x_j}

    For rate units D = A, A_ij = (−δ_ij + g W_ij φ'_j)/τ_i; with the Onsager term
    D = (1 − γ) A − γ (AᵀA + diag(φ''_i g Σ_k W_ki f_k/τ_k)), with f the velocity without this term. At γ = 1 this is
    minus the Hessian of the kinetic energy E_k = ½ Σ f_i² and therefore symmetric. It is computed by forward-mode
    automatic differentiation, which is exact.

    Parameters
    ----------
    network : network in continuous time, or a trained network
    units : state x, shape (N,)
    time : time at which a time-dependent velocity is evaluated, in the unit of time of the network
    inputs : input signals u at that time, shape (channels,), or a number for one channel. They affect the Jacobian
        where the velocity depends on them non-additively, as with the Onsager term of a driven network

    Returns
    -------
    D, shape (N, N), in 1/time; the rows belong to the components of the velocity

    Raises
    ------
    InputError : a network that is not in continuous time, a state of another shape.

    See Also
    --------
    analysis.spectrum : Its eigenvalues.
    analysis.divergence : Its trace, without the matrix.
    analysis.diagonal : Its diagonal, without the matrix.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.RateNetwork([[0.0, 3.0], [0.0, 0.0]])
    >>> jacobian(network, [0.0, 0.0])
    Array([[-1.,  3.],
           [ 0., -1.]], dtype=float64)
    >>> jacobian(nz.Onsager(network), [0.0, 0.0])
    Array([[ -1.,   3.],
           [  3., -10.]], dtype=float64)

    References
    ----------
    Huang & Huang (2025), Physical Review E 112:044227, equation 10.
    """
    flow = as_network(network, ContinuousNetwork).dynamics()
    return jacobian_matrix(flow, _state(flow, units), instant(time), signal(inputs))


@check_arguments
def spectrum(
    network: NetworkLike, units: State, time: float | Array = 0.0, inputs: Signal = None
) -> Float[np.ndarray, " N"] | Complex[np.ndarray, " N"]:
    """Eigenvalues of the Jacobian, from the least to the most stable.

    Where D is symmetric up to round-off, as in every gradient flow, the solver for symmetric matrices is used, since
    the general solver would return spurious complex pairs.

    Parameters
    ----------
    network, units, time, inputs : as for `jacobian`

    Returns
    -------
    array, shape (N,), in 1/time, in descending order of the real part; real if D is symmetric, otherwise complex

    Raises
    ------
    InputError : as for `jacobian`, or a Jacobian that is not finite.

    See Also
    --------
    lyapunov_spectrum : One or many exponents of given networks, with standard errors, dimension and entropy rate.
    analysis.modes : The eigenvectors as well.
    analysis.jacobian : The matrix itself.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.RateNetwork([[0.0, 3.0], [0.0, 0.0]])
    >>> spectrum(nz.Onsager(network), [0.0, 0.0]).round(4)
    array([ -0.0917, -10.9083])
    >>> spectrum(nz.RateNetwork([[0.0, 2.0], [-2.0, 0.0]]), [0.0, 0.0]).round(6)
    array([-1.+2.j, -1.-2.j])
    """
    matrix = np.asarray(jacobian(network, units, time, inputs))
    require(
        bool(np.isfinite(matrix).all()),
        "a Jacobian with NaN or infinite entries",
        "eigenvalues need a finite state",
        "check for divergence, and shorten dt",
    )
    return eigenvalues(matrix)


@check_arguments
def divergence(
    network: NetworkLike, units: State, time: float | Array = 0.0, inputs: Signal = None
) -> Float[Array, ""]:
    """Divergence of the velocity, the rate at which the flow expands volumes: the trace of the Jacobian.

    .. math:: \\mathrm{Tr}\\, D = \\sum_i D_{ii}, \\qquad \\text{rate units: } \\sum_i (-1 + g W_{ii} \\phi'_i)/\\tau_i

    The cost is O(N) for a `RateNetwork`, O(N²) for `Onsager` applied to one, and that of N Jacobian-vector products for
    other networks.

    Parameters
    ----------
    network, units, time, inputs : as for `jacobian`

    Returns
    -------
    Tr D, in 1/time; its mean over time equals the sum of all Lyapunov exponents

    See Also
    --------
    analysis.diagonal : Every entry of the diagonal, of which this is the sum.

    Examples
    --------
    >>> import noisette as nz
    >>> float(divergence(nz.Onsager(nz.RateNetwork([[0.0, 3.0], [0.0, 0.0]])), [0.0, 0.0]))
    -11.0

    References
    ----------
    Huang & Huang (2025), Physical Review E 112:044227, figure 4.
    """
    return diagonal(network, units, time, inputs).sum()


@check_arguments
def diagonal(
    network: NetworkLike, units: State, time: float | Array = 0.0, inputs: Signal = None
) -> Float[Array, " N"]:
    """Diagonal of the Jacobian: minus the relaxation rate of each unit with all others held fixed.

    .. math:: D_{ii} = (1-\\gamma) A_{ii} - \\gamma \\Big(\\sum_k A_{ki}^2
       + \\phi''_i \\, g \\sum_k W_{ki} f_k / \\tau_k\\Big), \\qquad A_{ii} = (-1 + g W_{ii} \\phi'_i)/\\tau_i

    The equation is that of rate units with the Onsager term, as for `jacobian`; γ = 0 without this term.

    Parameters
    ----------
    network, units, time, inputs : as for `jacobian`

    Returns
    -------
    array, shape (N,), in 1/time

    See Also
    --------
    analysis.divergence : Their sum.

    Examples
    --------
    >>> import noisette as nz
    >>> diagonal(nz.Onsager(nz.RateNetwork([[0.0, 3.0], [0.0, 0.0]])), [0.0, 0.0])
    Array([ -1., -10.], dtype=float64)
    """
    flow = as_network(network, ContinuousNetwork).dynamics()
    return _diagonal(flow, _state(flow, units), instant(time), signal(inputs))


def _state(network: ContinuousNetwork, units: State) -> Array:
    """Return a state as an array of float64, after checking that its shape is (N,)."""
    state = jnp.asarray(real_values(units, "state"), float)
    require(
        state.shape == (network.size,), f"state of shape {state.shape}", f"one number for each of {network.size} units"
    )
    return state


def instant(time: float | Array) -> Array:
    """Return a time as an array of float64, after checking that it is one finite number."""
    array = jnp.asarray(real_values(time, "time"), float)
    require(array.ndim == 0, f"time of shape {array.shape}", "one finite number")
    return array


def signal(inputs: Signal) -> Array | None:
    """Return the input signals at one time as an array of shape (channels,)."""
    if inputs is None:
        return None
    array = jnp.atleast_1d(jnp.asarray(real_values(inputs, "inputs"), float))
    require(array.ndim == 1, f"inputs of shape {array.shape}", "the signals at one time, one number per channel")
    return array


@eqx.filter_jit
def _diagonal(network: ContinuousNetwork, units: Array, time: Array, inputs: Array | None) -> Array:
    """Return the diagonal of the Jacobian, in closed form where there is one."""
    # closed forms hold for exactly these classes, since a derived class may define another velocity
    if type(network) is RateNetwork:
        return _leak_and_self(network, units)[0]
    if type(network) is Onsager and type(network.network) is RateNetwork:
        inner_inputs = inputs if network.stimulus == "inside" else None
        return _with_reaction(network.network, units, network.gamma_at(time), inner_inputs)
    _, tangent = jax.linearize(lambda x: network.drift(x, time, inputs), units)
    number = units.shape[0]
    entry = lambda i: tangent(jax.nn.one_hot(i, number, dtype=units.dtype))[i]  # noqa: E731
    return jax.lax.map(entry, jnp.arange(number), batch_size=min(CHUNK, number))


def _leak_and_self(network: RateNetwork, units: Array) -> tuple[Array, Array, Array]:
    """Return A_ii, φ' and φ'', each of shape (N,)."""
    # For an elementwise activation the derivative along (1, 1, …) contains the derivative of every unit, also where
    # its parameters differ between units, which rules out differentiation of a scalar function.
    ones = jnp.ones_like(units)
    slope = lambda x: jax.jvp(network.activation, (x,), (ones,))[1]  # noqa: E731
    first, second = jax.jvp(slope, (units,), (ones,))
    return (-1 + network.gain * jnp.diag(network.weights) * first) / network.tau, first, second


def _with_reaction(network: RateNetwork, units: Array, gamma: Array, inputs: Array | None) -> Array:
    """Return D_ii = (1 − γ) A_ii − γ (Σ_k A_ki² + φ''_i g Σ_k W_ki f_k/τ_k), shape (N,)."""
    plain, first, second = _leak_and_self(network, units)
    weights, gain = network.weights, network.gain
    tau = jnp.broadcast_to(network.tau, units.shape)
    # Σ_k A_ki², with the cross term of leak and self-coupling at k = i
    squares = gain**2 * first**2 * ((1 / tau**2) @ weights**2)
    squares += (1 - 2 * gain * jnp.diag(weights) * first) / tau**2
    curvature = second * gain * ((network.drift(units, 0.0, inputs) / tau) @ weights)
    return (1 - gamma) * plain - gamma * (squares + curvature)
