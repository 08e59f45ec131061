"""Jacobians of networks and their eigenvalues, from which the length of a step is chosen."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from noisette.arguments import check_arguments
from noisette.errors import require
from noisette.networks._continuous import ContinuousNetwork
from noisette.networks.step_size import Spectrum

ITERATIONS = 100
LIMIT = 1000  # largest number of units for which all eigenvalues are computed: 0.8 s on a core, 0.15 s if symmetric
SMALL = 64  # largest number of units for which the Jacobian is kept with its eigenvalues
SYMMETRIC = 1e-10  # relative asymmetry that is attributed to round-off
KRYLOV = {"LM": 6, "LR": 6, "LI": 6}  # numbers of modes above LIMIT: largest |μ|, largest Re μ, largest |Im μ|
VECTORS = 60  # dimension of the Krylov space of Arnoldi's method
RESTARTS = 20  # largest number of restarts of Arnoldi's method
PRECISION = 1e-4  # relative tolerance of the eigenvalues computed by Arnoldi's method

Signal = Float[Array, " channels"] | None


@check_arguments
@eqx.filter_jit
def fastest_rate(
    network: ContinuousNetwork,
    units: Float[Array, " N"],
    time: float | Array = 0.0,
    inputs: Signal = None,
    iterations: int = ITERATIONS,
) -> Float[Array, ""]:
    """Return the largest absolute eigenvalue of the Jacobian of the drift, the rate of the fastest mode.

    .. math:: s = \\max_k |\\mu_k(D)|, \\qquad D = \\partial \\mathbf F / \\partial \\mathbf x

    For a gradient flow it is the top eigenvalue of the Hessian (the "sharpness"), and steps of Euler and Heun are
    stable for dt · s < 2; oscillating modes need shorter steps, see `step_size`. It is computed by power iteration
    on Jacobian–vector products; for symmetric D its error is of second order in the error of the eigenvector.

    Parameters
    ----------
    network : network in continuous time
    units : state, shape (N,)
    time : time at which a drift that depends on time explicitly is evaluated
    inputs : input signals at that time, shape (channels,)
    iterations : number of power iterations

    Returns
    -------
    s, in 1/time, shape (); NaN for a state or a time that is NaN or infinite

    Examples
    --------
    >>> import jax.numpy as jnp, noisette as nz
    >>> frozen = nz.Onsager(nz.RateNetwork([[0.0, 3.0], [0.0, 0.0]]))
    >>> round(float(fastest_rate(frozen, jnp.zeros(2))), 4)  # top eigenvalue of (1 − J)ᵀ(1 − J)
    10.9083
    """
    require(units.shape == (network.size,), f"units of shape {units.shape}", f"shape ({network.size},)")
    _, tangent = jax.linearize(lambda x: network.drift(x, time, inputs), units)
    start = jax.random.normal(jax.random.key(0), units.shape, units.dtype)

    def body(_, pair):
        vector, _ = pair
        image = tangent(vector)
        norm = jnp.linalg.norm(image)
        return image / jnp.where(norm > 0, norm, 1.0), norm

    vector, _ = jax.lax.fori_loop(0, iterations, body, (start / jnp.linalg.norm(start), jnp.zeros((), units.dtype)))
    # |D² v|^½: under a complex pair |D v| varies with the phase of v, and two applications of D average over more of it
    return jnp.sqrt(jnp.linalg.norm(tangent(tangent(vector))))


@eqx.filter_jit
def jacobian_matrix(network: ContinuousNetwork, units: Array, time: Array, inputs: Signal = None) -> Array:
    """Return D_ij = ∂F_i/∂x_j by forward differentiation, shape (N, N)."""
    return jax.jacfwd(lambda x: network.drift(x, time, inputs))(units)


def eigenvalues(matrix: np.ndarray) -> Float[np.ndarray, " N"] | Complex[np.ndarray, " N"]:
    """Return the eigenvalues of a Jacobian by descending real part, as real numbers if it is symmetric to round-off."""
    scale = np.abs(matrix).max(initial=0.0)
    if np.abs(matrix - matrix.T).max(initial=0.0) <= SYMMETRIC * scale:
        return np.linalg.eigvalsh(matrix)[::-1]
    rates = np.asarray(np.linalg.eigvals(matrix), complex)
    return rates[np.lexsort((-np.imag(rates), -np.real(rates)))]


def spectrum_at(
    network: ContinuousNetwork,
    units: np.ndarray,
    time: float = 0.0,
    inputs: Signal = None,
    span: float = 0.0,
    limit: int = LIMIT,
) -> Spectrum:
    """Return the eigenvalues of the Jacobian at a state that limit the length of a step.

    Up to `limit` units, these are all eigenvalues. For larger networks, Arnoldi's method (ARPACK) on Jacobian–vector
    products gives the modes of largest |μ|, Re μ and |Im μ|, which lie on the edge of the spectrum. Modes in
    the interior are not computed, and ``error`` is the largest residual |Dv − μv| relative to the largest |μ|.

    Parameters
    ----------
    network, units, time, inputs : as for `fastest_rate`
    span : time over which the rate of change κ = |D(x + F span) − D(x)|/(span |D(x)|) is estimated; κ = 0 if zero
    limit : largest number of units for which all eigenvalues are computed
    """
    state, instant, length = jnp.asarray(units), jnp.asarray(time, float), jnp.asarray(span, float)
    if network.size > limit:
        return _krylov(network, state, instant, inputs, length)
    matrix = np.asarray(jacobian_matrix(network, state, instant, inputs))
    diagonal = np.diag(matrix)
    if not np.isfinite(matrix).all():
        return Spectrum(np.full(network.size, np.nan), float("nan"), diagonal)
    change = 0.0
    if span > 0:
        later = np.asarray(jacobian_matrix(network, _moved(network, state, instant, inputs, length), instant, inputs))
        difference, size = np.linalg.norm(later - matrix), np.linalg.norm(matrix)
        change = float(difference / (span * size)) if size > 0 and np.isfinite(difference) else 0.0
    return Spectrum(eigenvalues(matrix), change, diagonal, matrix=matrix if network.size <= SMALL else None)


@eqx.filter_jit
def _moved(network: ContinuousNetwork, units: Array, time: Array, inputs: Signal, span: Array) -> Array:
    """Return the state after one Euler step of length `span`."""
    return units + span * network.drift(units, time, inputs)


@eqx.filter_jit
def _image(network: ContinuousNetwork, units: Array, time: Array, inputs: Signal, vector: Array) -> Array:
    """Return the Jacobian–vector product D v, shape (N,)."""
    return jax.jvp(lambda x: network.drift(x, time, inputs), (units,), (vector,))[1]


def _krylov(network: ContinuousNetwork, units: Array, time: Array, inputs: Signal, span: Array) -> Spectrum:
    """Return modes on the edge of the spectrum by Arnoldi's method, with their largest residual.

    All eigenvalues of D, shape (N, N), cost about 10 N³ operations, a product with D only about 2 N². The step is
    limited by modes on the edge of the spectrum: dt_k = 2 |Re μ|/|μ|² is small for the fastest modes (ARPACK's "LM"),
    for weakly damped modes ("LR"), and for modes of high frequency ("LI"). Each edge needs a separate call, since a
    Krylov space of VECTORS dimensions approximates only one of them at a time.

    ARPACK returns no error estimate, so the residual |D v − μ v|/|v| is computed, in 1/time. For a normal D it bounds
    the error of μ; for other matrices the error may be larger by the condition number of the eigenvalue.
    """
    from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigs  # the import takes 0.1 s

    size = network.size
    image = lambda v: np.asarray(_image(network, units, time, inputs, jnp.asarray(np.ravel(v))))  # noqa: E731
    operator: Any = LinearOperator((size, size), matvec=image, dtype=np.float64)  # pyright: ignore[reportCallIssue]
    start = np.random.default_rng(0).standard_normal(size)
    diagonal = np.full(1, np.nan)
    if not np.isfinite(image(start)).all():
        return Spectrum(np.full(1, np.nan), float("nan"), diagonal, "krylov", float("nan"))
    rates, vectors = [], []  # μ_k, in 1/time, and v_k, shape (N,)
    for which, number in KRYLOV.items():
        options: dict[str, Any] = {"v0": start, "ncv": VECTORS, "maxiter": RESTARTS, "tol": PRECISION}
        try:
            pair: Any = eigs(operator, number, which=which, **options)
            values, columns = pair
        except ArpackNoConvergence as partial:
            values, columns = partial.eigenvalues, partial.eigenvectors  # the converged modes
        except ArpackError:
            continue
        rates += list(values)
        vectors += list(np.transpose(columns))
    if not rates:
        # if no mode converges, power iteration still gives the largest |μ|, which is treated as a real decay rate
        fastest = float(fastest_rate(network, units, time, inputs))
        return Spectrum(np.array([-fastest]), 0.0, diagonal, "power iteration", float("nan"))
    # D is real: its product with a complex vector is computed separately for the real and the imaginary part
    residuals = [
        np.linalg.norm(image(v.real) + 1j * image(v.imag) - rate * v) / np.linalg.norm(v)
        for rate, v in zip(rates, vectors, strict=True)
    ]
    change = 0.0
    if float(span) > 0:
        # κ = |ΔD|/(span |D|) in Frobenius norms, estimated with a single random vector z, for which E|D z|² = |D|²
        later = _moved(network, units, time, inputs, span)
        later_image = np.asarray(_image(network, later, time, inputs, jnp.asarray(start)))
        change = float(np.linalg.norm(later_image - image(start)) / (float(span) * np.linalg.norm(image(start))))
    modes = np.array(rates)
    return Spectrum(modes, change, diagonal, "krylov", float(np.max(residuals) / np.abs(modes).max()))
