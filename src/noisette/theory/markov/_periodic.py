"""Binary networks with a periodically modulated bias: periodic Markov chains, solved exactly.

In step t = k (mod T) the bias is b + u_k, and the transition matrix P_k. The chain sampled once per period has the
transition matrix M = P_0 P_1 … P_{T−1}. Its stationary distribution π_0 = π_0 M yields the periodic distributions
π_{k+1} = π_k P_k of the state before step k. The output is y = c · s, with the mean m_k = Σ_s π_k(s) y(s) and the
deviation ỹ_k = y − m_k. The autocovariance, averaged over the phase k, has the transform

    S(ω) = (1/T) Σ_k ⟨ỹ_k (ỹ_k + 2 Re V_k(ω))⟩_{π_k},   V_k(s) = Σ_{τ≥1} e^(−iωτ) E[ỹ_{k+τ} | s before step k],

in which V_k = e^(−iω) P_k (ỹ_{k+1} + V_{k+1}) and V_T = V_0. With V_0 = R + e^(−iωT) M V_0, where R collects the terms
of one period, V_0 solves (1 − e^(−iωT) M + 1 π_0) V_0 = R: both sides have mean zero in π_0, so that the last term of
the matrix, which makes it regular where e^(−iωT) = 1, adds nothing.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Complex, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.codes import states
from noisette.errors import real_array, require
from noisette.information import entropy
from noisette.networks import BinaryNetwork
from noisette.theory.markov import _transition
from noisette.theory.markov._krylov import Unresolved
from noisette.theory.markov._occupation import stationary_of
from noisette.theory.markov._shifted import shifted_matrices

PERIODIC_LIMIT = 8  # largest number of units
ILL_CONDITIONED = 1e11  # condition number beyond which fewer than five digits remain


class PeriodicResponse(NamedTuple):
    """Response of a binary network to a periodic signal.

    Attributes
    ----------
    occupation : π_k, distribution of the state before step k of a period, shape (T, 2**N)
    mean : m_k, mean output before step k, shape (T,)
    line : M_1, the coefficient of e^(iΩk) in the Fourier series of m_k, with Ω = 2π/T
    background : S(Ω), spectrum of the fluctuations of the output at the frequency of the signal
    amplification : η = \\|M_1/U_1\\|², where U_1 is the coefficient of e^(iΩk) in the signal; NaN if that is zero
    phase_lag : phase of U_1 minus that of M_1, in radians
    snr : 4π \\|M_1\\|²/S(Ω), per step
    information : mutual information of the phase k and the state, in bits
    """

    occupation: np.ndarray
    mean: np.ndarray
    line: complex
    background: float
    amplification: float
    phase_lag: float
    snr: float
    information: float


@check_arguments
def periodic_response(network: BinaryNetwork, signal: ArrayLike, output: ArrayLike | None = None) -> PeriodicResponse:
    """Exact response of a binary network to a periodic shift of its biases, without the limit of a weak signal.

    .. math:: \\eta = \\left| \\frac{M_1}{U_1} \\right|^2, \\qquad \\mathrm{SNR} = \\frac{4 \\pi |M_1|^2}{S(\\Omega)},
       \\qquad S(\\omega) = \\frac 1T \\sum_{k=0}^{T-1} \\sum_{\\tau=-\\infty}^\\infty
       \\mathrm{Cov}(y_k, y_{k+\\tau})\\, e^{-i \\omega \\tau}

    The signal u_k acts in step k, and y_k = c · s is the output before step k, so that y_{k+1} is the first output that
    depends on u_k. M_1 and U_1 are the coefficients of e^(iΩk) in the Fourier series of ⟨y_k⟩ and u_k, Ω = 2π/T. For
    u_k = A cos Ωk and an output of amplitude a, η = (a/A)² and SNR = π a²/S(Ω).

    Parameters
    ----------
    network : at most 8 units, in Gaussian noise without memory
    signal : u_k, added to the biases in the steps of one period, shape (T,) for all units or (T, N)
    output : c, weights of the states of the units in the output, shape (N,); by default 1/N

    Returns
    -------
    PeriodicResponse

    Raises
    ------
    InputError : too many units, a signal of a single step or of another number of units, noise with memory, or a
        chain whose limit depends on the start, is periodic, or is reached too slowly for float64.

    See Also
    --------
    analysis.stochastic_resonance : The response as a function of the noise, for any network.
    theory.markov.transition_matrix : The chain without a signal.

    Examples
    --------
    >>> import numpy as np, noisette as nz
    >>> unit = nz.Boltzmann([[0.0]])  # without memory: ⟨s⟩ = tanh(u/2)
    >>> response = periodic_response(unit, [1.0, -1.0])
    >>> response.mean.round(4), round(np.tanh(0.5), 4)
    (array([-0.4621,  0.4621]), np.float64(0.4621))

    References
    ----------
    Gammaitoni, Hänggi, Jung & Marchesoni (1998), Reviews of Modern Physics 70:223; Jung & Hänggi (1991), Physical
    Review A 44:8032; McNamara & Wiesenfeld (1989), Physical Review A 39:4854.
    """
    _transition.fits(network, PERIODIC_LIMIT, "simulate")
    u = _checked_signal(signal, network.size)
    c = np.full(network.size, 1 / network.size) if output is None else real_array(output, "output")
    require(c.shape == (network.size,), f"output of shape {c.shape}", f"weights of {network.size} units")
    matrices, step_of = shifted_matrices(network, u, "use a shorter period, or simulate")
    chain = [matrices[i] for i in step_of]
    occupation = _occupation(chain)
    y = states(network.size) @ c
    mean = occupation @ y
    turn = np.exp(-2j * np.pi * np.arange(len(u)) / len(u))
    line, drive = (complex((turn * values).mean()) for values in (mean, u.mean(1)))
    background = _background(chain, occupation, y - mean[:, None], 2 * np.pi / len(u))
    driven = abs(drive) > 1e-14 * np.abs(u).max()
    information = float(entropy(occupation.mean(0))) - float(np.mean(np.asarray(entropy(occupation, 1))))
    return PeriodicResponse(
        occupation=occupation,
        mean=mean,
        line=line,
        background=background,
        amplification=abs(line / drive) ** 2 if driven else np.nan,
        phase_lag=float(np.angle(drive / line)) if driven and line != 0 else np.nan,
        snr=4 * np.pi * abs(line) ** 2 / background if background > 0 else np.nan,
        information=max(information, 0.0),
    )


def _checked_signal(signal: ArrayLike, size: int) -> Float[np.ndarray, "T channels"]:
    """Return the signal of one period with one or N channels."""
    u = real_array(signal, "signal")
    u = u[:, None] if u.ndim == 1 else u
    allowed = f"(T,) or (T, {size}), for a period of T ≥ 2 steps"
    require(u.ndim == 2 and len(u) > 1 and u.shape[1] in (1, size), f"signal of shape {u.shape}", allowed)
    return u


def _occupation(chain: list[np.ndarray]) -> Float[np.ndarray, "T states"]:
    """Return the periodic distribution of the state before each step."""
    period = chain[0]
    for matrix in chain[1:]:
        period = period @ matrix
    distribution = stationary_of(period / period.sum(1, keepdims=True))
    rows = [distribution]
    for matrix in chain[:-1]:
        after = rows[-1] @ matrix
        rows.append(after / after.sum())
    return np.array(rows)


def _background(
    chain: list[np.ndarray],
    occupation: Float[np.ndarray, "T states"],
    deviation: Float[np.ndarray, "T states"],
    omega: float,
) -> float:
    """Return the spectrum S(ω) of the fluctuations of the output, see the docstring of this module."""
    steps, number = deviation.shape
    turn = np.exp(-1j * omega)
    period, rest = np.eye(number), np.zeros(number, complex)
    for k in reversed(range(steps)):
        rest = turn * (chain[k] @ (deviation[(k + 1) % steps] + rest))
        period = chain[k] @ period
    matrix = np.eye(number) - turn**steps * period + occupation[0]
    _require_resolved(matrix)
    later: Complex[np.ndarray, " states"] = np.linalg.solve(matrix, rest)
    total = 0.0
    for k in reversed(range(steps)):
        later = turn * (chain[k] @ (deviation[(k + 1) % steps] + later))
        total += float(occupation[k] @ (deviation[k] * (deviation[k] + 2 * np.real(later))))
    return max(total / steps, 0.0)


def _require_resolved(matrix: np.ndarray) -> None:
    """Raise if the sum over all later periods cannot be resolved in float64, because it decays too slowly."""
    try:
        condition = float(np.linalg.cond(matrix, 1))
    except np.linalg.LinAlgError:
        condition = np.inf
    if not condition < ILL_CONDITIONED:
        raise Unresolved(
            "the chain approaches its periodic limit too slowly for the spectrum to be resolved in float64; "
            "use stronger noise or weaker weights, or simulate"
        )


__all__ = ["PERIODIC_LIMIT", "PeriodicResponse", "periodic_response"]
