"""Jacobians of networks and their eigenvalues: how stiff a network is, and by which modes a step is judged."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jaxtyping import Array, Complex, Float
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigs

from noisette.networks._continuous import ContinuousNetwork
from noisette.networks.step_size import Spectrum

ITERATIONS = 100
LIMIT = 1000  # units up to which all eigenvalues are computed: 0.8 s on one core, 0.15 s if symmetric
SMALL = 64  # units up to which the Jacobian is kept with its eigenvalues
SYMMETRIC = 1e-10  # relative asymmetry that is still round-off
KRYLOV = {"LM": 6, "LR": 6, "LI": 6}  # modes beyond the limit: the fastest, the least stable, the most oscillating
VECTORS = 60  # of Arnoldi's method, between two restarts
RESTARTS = 20
PRECISION = 1e-4  # of the modes that Arnoldi's method finds, relative to their rate

Signal = Float[Array, " channels"] | None


@eqx.filter_jit
def sharpness(
    network: ContinuousNetwork,
    units: Float[Array, " N"],
    time: float | Array = 0.0,
    inputs: Signal = None,
    iterations: int = ITERATIONS,
) -> Float[Array, ""]:
    """Return the rate of the fastest mode at a state: the largest |eigenvalue| of the Jacobian of the drift.

    .. math:: s = \\max_k |\\mu_k(D)|, \\qquad D = \\partial \\mathbf F / \\partial \\mathbf x

    For a gradient flow it is the top eigenvalue of the Hessian (its "sharpness"), and Euler's and Heun's steps are
    stable while dt · s < 2; oscillating modes need shorter steps, see `step_size`. It is computed by power iteration
    on Jacobian–vector products; for symmetric D the error is of second order in that of the vector.

    Parameters
    ----------
    network : a network in continuous time
    units : state, shape (N,)
    time : matters where the drift depends on time explicitly
    inputs : input signals at that time, shape (channels,)
    iterations : of the power method

    Returns
    -------
    s, in 1/time

    Examples
    --------
    >>> import jax.numpy as jnp, noisette as nz
    >>> frozen = nz.Onsager(nz.RateNetwork([[0.0, 3.0], [0.0, 0.0]]))
    >>> round(float(sharpness(frozen, jnp.zeros(2))), 4)  # top eigenvalue of (1 − J)ᵀ(1 − J)
    10.9083
    """
    _, tangent = jax.linearize(lambda x: network.drift(x, time, inputs), units)
    start = jax.random.normal(jax.random.key(0), units.shape, units.dtype)

    def body(_, pair):
        vector, _ = pair
        image = tangent(vector)
        size = jnp.linalg.norm(image)
        return image / jnp.where(size > 0, size, 1.0), size

    vector, _ = jax.lax.fori_loop(0, iterations, body, (start / jnp.linalg.norm(start), jnp.zeros((), units.dtype)))
    # over two steps, so that a complex pair, which turns the vector, is seen over more of its turn
    return jnp.sqrt(jnp.linalg.norm(tangent(tangent(vector))))


@eqx.filter_jit
def jacobian_matrix(network: ContinuousNetwork, units: Array, time: Array, inputs: Signal = None) -> Array:
    """Return D_ij = ∂F_i/∂x_j by forward differentiation, shape (N, N)."""
    return jax.jacfwd(lambda x: network.drift(x, time, inputs))(units)


def eigenvalues(matrix: np.ndarray) -> Float[np.ndarray, " N"] | Complex[np.ndarray, " N"]:
    """Return the eigenvalues of a Jacobian by descending real part; real ones where it is symmetric to round-off."""
    scale = np.abs(matrix).max(initial=0.0)
    if np.abs(matrix - matrix.T).max(initial=0.0) <= SYMMETRIC * scale:
        return scipy.linalg.eigvalsh(matrix)[::-1]
    rates = np.asarray(scipy.linalg.eigvals(matrix), complex)
    return rates[np.lexsort((-np.imag(rates), -np.real(rates)))]


def spectrum_at(
    network: ContinuousNetwork,
    units: np.ndarray,
    time: float = 0.0,
    inputs: Signal = None,
    span: float = 0.0,
    limit: int = LIMIT,
) -> Spectrum:
    """Return the modes that decide how long a step at a state may be.

    All eigenvalues up to `limit` units. Beyond, Arnoldi's method (ARPACK) on Jacobian–vector products gives the
    modes of largest |μ|, Re μ and |Im μ|, which bound the spectrum; modes inside it are not computed, and ``error`` is
    the largest residual |Dv − μv| of those that are, relative to the fastest of them.

    Parameters
    ----------
    network, units, time, inputs : as for `sharpness`
    span : time over which the change κ = |D(x + F span) − D(x)|/(span |D(x)|) is taken; 0 for no change
    limit : number of units up to which all eigenvalues are computed
    """
    state, now, length = jnp.asarray(units), jnp.asarray(time, float), jnp.asarray(span, float)
    if network.size > limit:
        return _krylov(network, state, now, inputs, length)
    matrix = np.asarray(jacobian_matrix(network, state, now, inputs))
    alone = np.diag(matrix)
    if not np.isfinite(matrix).all():
        return Spectrum(np.full(network.size, np.nan), float("nan"), alone)
    change = 0.0
    if span > 0:
        later = np.asarray(jacobian_matrix(network, _moved(network, state, now, inputs, length), now, inputs))
        difference, size = np.linalg.norm(later - matrix), np.linalg.norm(matrix)
        change = float(difference / (span * size)) if size > 0 and np.isfinite(difference) else 0.0
    return Spectrum(eigenvalues(matrix), change, alone, matrix=matrix if network.size <= SMALL else None)


@eqx.filter_jit
def _moved(network: ContinuousNetwork, units: Array, time: Array, inputs: Signal, span: Array) -> Array:
    return units + span * network.drift(units, time, inputs)


@eqx.filter_jit
def _image(network: ContinuousNetwork, units: Array, time: Array, inputs: Signal, vector: Array) -> Array:
    return jax.jvp(lambda x: network.drift(x, time, inputs), (units,), (vector,))[1]


def _krylov(network: ContinuousNetwork, units: Array, time: Array, inputs: Signal, span: Array) -> Spectrum:
    """Return the outermost modes by Arnoldi's method, with their largest residual.

    The eigenvalues of D, N × N, cost about 25 N³ operations, a product with D only N². A step is limited by modes at
    the edge of the spectrum: dt_k = 2 |Re μ|/|μ|² is short for the fastest modes (ARPACK's "LM"), for modes that are
    hardly damped ("LR"), and for those that oscillate fast ("LI"). Each edge is a search of its own, since a Krylov
    space of VECTORS dimensions approximates one of them at a time.

    ARPACK does not return how exact a mode is, so that the residual |D v − μ v|/|v| is computed, in 1/time. For a
    normal D it bounds the error of μ; otherwise the error may be larger by the condition of the eigenvector.
    """
    size = network.size
    image = lambda v: np.asarray(_image(network, units, time, inputs, jnp.asarray(np.ravel(v))))  # noqa: E731
    operator: Any = LinearOperator((size, size), matvec=image, dtype=np.float64)  # pyright: ignore[reportCallIssue]
    start = np.random.default_rng(0).standard_normal(size)
    alone = np.full(1, np.nan)
    if not np.isfinite(image(start)).all():
        return Spectrum(np.full(1, np.nan), float("nan"), alone, "krylov", float("nan"))
    rates, vectors = [], []  # μ_k, in 1/time, and v_k, shape (N,)
    for which, number in KRYLOV.items():
        options: dict[str, Any] = {"v0": start, "ncv": VECTORS, "maxiter": RESTARTS, "tol": PRECISION}
        try:
            pair: Any = eigs(operator, number, which=which, **options)
            values, columns = pair
        except ArpackNoConvergence as partial:
            values, columns = partial.eigenvalues, partial.eigenvectors  # those that converged
        except ArpackError:
            continue
        rates += list(values)
        vectors += list(np.transpose(columns))
    if not rates:
        # no mode at all: the power iteration still gives |μ| of the fastest, which is judged as if it were real
        fastest = float(sharpness(network, units, time, inputs))
        return Spectrum(np.array([-fastest]), 0.0, alone, "sharpness", float("nan"))
    # D is real: its product with a complex vector is that with the real and with the imaginary part
    residuals = [
        np.linalg.norm(image(v.real) + 1j * image(v.imag) - rate * v) / np.linalg.norm(v)
        for rate, v in zip(rates, vectors, strict=True)
    ]
    change = 0.0
    if float(span) > 0:
        # κ = |ΔD|/(span |D|) in Frobenius norms, which the images of one random vector z estimate: E|D z|² = |D|²
        later = _moved(network, units, time, inputs, span)
        turned = np.asarray(_image(network, later, time, inputs, jnp.asarray(start)))
        change = float(np.linalg.norm(turned - image(start)) / (float(span) * np.linalg.norm(image(start))))
    modes = np.array(rates)
    return Spectrum(modes, change, alone, "krylov", float(np.max(residuals) / np.abs(modes).max()))
