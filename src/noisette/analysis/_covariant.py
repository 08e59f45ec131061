"""Covariant Lyapunov vectors by the method of Ginelli et al. (2007).

Forward in time, tangents are orthonormalised at the times t_0 < t_1 < …, DM V_n = V_{n+1} R_{n+1}, with the
derivative DM of the motion from t_n to t_{n+1}. After a transient the first j columns of V_n span the j fastest
directions. A vector within this space, v_n = V_n c_n with c_n zero below row j, is mapped to V_{n+1} R_{n+1} c_n, so
that c_{n+1} ∝ R_{n+1} c_n. Iterated backwards, c_n ∝ R_{n+1}⁻¹ c_{n+1} converges to the direction that grows at the
rate λ_j, which is the slowest one of this space and therefore the fastest one backwards.
"""

import math
from collections.abc import Sequence
from typing import Any, Unpack

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from noisette.analysis._lyapunov import longer
from noisette.analysis._options import TimeStep
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_number, require
from noisette.keys import KeyLike
from noisette.networks import BinaryNetwork, ContinuousNetwork, DiscreteNetwork, Network, NetworkLike, as_network
from noisette.probes import Probe, Step, block_error
from noisette.probes._base import Variable
from noisette.provenance import network_entries, provenance
from noisette.simulation import TrialOptions, simulate

MOST = 50  # largest number of vectors
INTERVAL = 0.5  # default time between orthonormalisations in continuous time, in units of the shortest time constant
BLOCKS = 100  # of the standard error of growth rates


class _Tangents(Probe):
    """Orthonormal tangents V, the factors R of their growth, and states, at equal intervals of time.

    Parameters
    ----------
    number : number of tangents
    interval : time between two orthonormalisations, in the network's unit of time
    discard : transient before the first record, in which tangents align
    after : time after the last recorded tangents; in this time only R is recorded
    """

    number: int = eqx.field(static=True)
    interval: float = eqx.field(static=True)
    discard: float = eqx.field(static=True)
    after: float = eqx.field(static=True)
    counts: tuple[int, int, int] = eqx.field(static=True, default=(1, 0, 0))  # the times above, in steps and intervals

    def bind(self, networks: Sequence[Network]) -> "_Tangents":
        """Return the probe with its times as numbers of steps."""
        length = float(networks[0].step_length)
        require(
            isinstance(networks[0], DiscreteNetwork) and not isinstance(networks[0], BinaryNetwork),
            f"tangents of a {type(networks[0]).__name__}",
            "a differentiable step is needed",
            "use a rate network, with euler or heun",
        )
        every = max(1, round(self.interval / length))
        skipped, after = (max(1, math.ceil(time / (every * length) - 1e-9)) for time in (self.discard, self.after))
        return _Tangents(self.number, self.interval, self.discard, self.after, (every, skipped, after))

    def sizes(self, steps: int) -> tuple[int, int]:
        """Return the numbers of factors R and of tangents V that are recorded."""
        every, skipped, after = self.counts
        factors = steps // every - skipped
        return factors, factors - after

    def init(self, network: Network, steps: int) -> Any:
        """Return (tangents in columns, records of V, of R and of states)."""
        factors, kept = self.sizes(steps)
        require(kept >= 1, "a duration without time for vectors", "a longer duration, or shorter transients")
        start = np.linalg.qr(np.random.default_rng(0).standard_normal((network.size, self.number)))[0]
        shapes = (kept, network.size, self.number), (factors, self.number, self.number), (kept, network.size)
        return jnp.asarray(start), *(jnp.zeros(shape) for shape in shapes)

    def update(self, record: Any, step: Step) -> Any:
        """Propagate the tangents, and orthonormalise and record them at the end of an interval."""
        tangents, bases, factors, states = record
        every, skipped, _ = self.counts
        network, state, key = step.network, step.state, step.key
        assert isinstance(network, DiscreteNetwork)
        assert key is not None

        def advance(units: Any) -> Any:
            return network.step(state._replace(units=units), step.time, key=key).units  # type: ignore[union-attr]

        tangents = jax.vmap(lambda v: jax.jvp(advance, (step.before,), (v,))[1], 1, 1)(tangents)

        def orthonormal() -> Any:
            q, r = jnp.linalg.qr(tangents)
            index = (step.time + 1) // every - skipped  # of the end of this interval; 0 at the end of the transient
            # rows with an index outside of an array, before the transient or after its end, are dropped
            row, factor = jnp.where(index >= 0, index, len(factors)), jnp.where(index > 0, index - 1, len(factors))
            return (
                q,
                bases.at[row].set(q, mode="drop"),
                factors.at[factor].set(r, mode="drop"),
                states.at[row].set(step.after, mode="drop"),
            )

        # an integer without batch axes, so that the conditional remains a branch
        return jax.lax.cond((step.time + 1) % every == 0, orthonormal, lambda: (tangents, bases, factors, states))

    def result(self, record: Any, steps: int) -> Any:
        """Return vectors, states and local growth rates, by the recursion backwards in time."""
        _, bases, factors, states = record
        # a generic vector of each space; ones have components along all directions
        last = jnp.triu(jnp.ones((self.number, self.number)))
        last = last / jnp.linalg.norm(last, axis=0)

        def back(coefficients: Any, factor: Any) -> Any:
            former = jax.scipy.linalg.solve_triangular(factor, coefficients)
            size = jnp.linalg.norm(former, axis=0)
            # |DM v| = |R c| = 1/size for the unit vector c = former/size
            return former / size, (former / size, -jnp.log(size))

        _, (coefficients, growth) = jax.lax.scan(back, last, factors, reverse=True)
        kept = len(bases)
        vectors = jnp.einsum("tnk,tkj->tjn", bases, coefficients[:kept])
        return {"vector": vectors, "state": states, "growth": growth[:kept]}

    def describe(self, network: Network, steps: int) -> dict[str, Variable]:
        """Return the labels, with the times of the vectors."""
        every, skipped, _ = self.counts
        _, kept = self.sizes(steps)
        times = {"time": (skipped + np.arange(kept)) * every * float(network.step_length)}
        numbers, units = {"exponent": np.arange(self.number)}, {"unit": np.arange(network.size)}
        per_interval = {"long_name": "growth in an interval", "units": ""}
        return {
            "vector": Variable(("time", "exponent", "unit"), times | numbers | units, {"units": ""}),
            "state": Variable(("time", "unit"), times | units, {"long_name": "state", "units": ""}),
            "growth": Variable(("time", "exponent"), times | numbers, per_interval),
        }


@check_arguments
@public_call
def covariant_vectors(
    network: NetworkLike,
    exponents: int = 2,
    *,
    key: KeyLike,
    duration: float = 300.0,
    discard: float = 100.0,
    dt: TimeStep | None = None,
    interval: float | None = None,
    **options: Unpack[TrialOptions],
) -> xr.Dataset:
    """Compute covariant Lyapunov vectors, the directions that the tangent map carries along and λ_i belongs to.

    .. math:: DM_t\\, \\mathbf v_i(t) \\parallel \\mathbf v_i(t + T), \\qquad
       \\lambda_i = \\Big\\langle \\frac1T \\ln |DM_t\\, \\mathbf v_i(t)| \\Big\\rangle

    Unlike the orthonormal tangents of `lyapunov_spectrum`, they do not depend on the scalar product, and angles between
    them are properties of the flow: a vanishing angle between a growing and a decaying direction is a tangency. In
    noise and with inputs, they are those of the tangent map in this noise.

    Parameters
    ----------
    network : a network or a trained network
    exponents : number of vectors, at most 50
    key : an integer or a JAX key
    duration : length of the simulation, in the network's unit of time, or in steps for networks in discrete time
    discard : transient at the beginning, in which tangents align, and at the end, from which vectors are iterated
        backwards; the vectors are those of the time between. Their errors decrease as e^{−(λ_i − λ_{i+1}) discard}
    dt : time step, as for `simulate`
    interval : time between two vectors; by default half of the shortest time constant, in discrete time one step. The
        growth rates must not differ by more than about 20 per interval
    **options : ``start``, ``inputs``, ``solver``, ``warn`` and ``progress``, as for `simulate`; ``runs`` (dimension
        ``run``, absent for one)

    Returns
    -------
    Dataset with unit vectors ``vector`` (time, exponent, unit), whose signs are arbitrary; ``state`` (time, unit), at
    which they are taken; ``growth`` (time, exponent), the rate at which each grows in the following interval; its mean
    ``lyapunov`` (exponent), with ``lyapunov_se``; and ``angle`` (time, exponent, other), the angle between two vectors,
    from 0 to π/2

    Raises
    ------
    InputError : more than 50 vectors or more vectors than units, networks with discrete states, adaptive and stiff
        solvers, a duration not longer than both transients.

    See Also
    --------
    lyapunov_spectrum : Exponents with their errors, without vectors.
    analysis.spectrum : The eigenvalues of the Jacobian at one state.
    analysis.finite_time_exponents : The distribution of exponents over windows of a given length.

    Examples
    --------
    >>> import jax.numpy as jnp, noisette as nz
    >>> A = jnp.array([[2.0, 1.0], [0.0, 0.5]])  # eigenvectors (1, 0) and (2, −3)/√13
    >>> data = covariant_vectors(nz.networks.Map(lambda x: A @ x, 2), duration=100, discard=40, start=0.0, key=0)
    >>> abs(data.vector[0, 1]).values.round(4).tolist(), round(float(data.lyapunov[1]), 4)  # 2/√13, 3/√13, ln ½
    ([0.5547, 0.8321], -0.6931)

    References
    ----------
    Ginelli, Poggi, Turchi, Chaté, Livi & Politi (2007) [ginelli2007].
    """
    network = as_network(network)
    number = integer(exponents, "exponents")
    most = min(MOST, network.size)
    require(number <= most, f"{number} vectors", f"at most {most}, for a network of {network.size} units")
    longer(duration, discard)
    longer(duration, 2 * discard)
    if interval is None:
        simulated = network.dynamics()
        interval = INTERVAL * simulated.min_tau if isinstance(simulated, ContinuousNetwork) else 1.0
    spacing = real_number(interval, "interval", "a time above zero", lambda time: 0 < time < np.inf)
    steps: dict[str, Any] = {"duration": duration, "dt": dt}
    if not isinstance(network.dynamics(), ContinuousNetwork):
        require(float(duration).is_integer(), f"duration {duration:g} in discrete time", "a whole number of steps")
        steps = {"steps": int(duration)}
    probe = _Tangents(number, spacing, discard, discard)
    data = simulate(network, probes=probe, key=key, **steps, **options)
    data = _with_rates(data)
    configuration = {"exponents": number, "duration": duration, "discard": discard, "dt": dt, "interval": spacing}
    configuration |= {"key": key, **options, **network_entries(network)}
    configuration.pop("progress", None)
    data = data.assign_attrs(provenance("simulated", "single-run", ("ginelli2007",), configuration))
    return data if options.get("runs", 1) > 1 else data.isel(run=0)


def _with_rates(data: xr.Dataset) -> xr.Dataset:
    """Return the data with growth per time, exponents with standard errors, and angles between vectors."""
    times = data.time.values
    unit = data.time.attrs["units"]
    # the spacing of a single record is unknown, but then there is nothing to average
    spacing = float(times[1] - times[0]) if len(times) > 1 else math.nan
    data = data.drop_vars("final")
    data["growth"] = (data.growth / spacing).assign_attrs(long_name="growth rate", units=f"1/{unit}")
    rates = np.moveaxis(data.growth.transpose("run", "time", "exponent").values, 1, 0)
    per_block = -(-len(rates) // BLOCKS)
    used = len(rates) // per_block * per_block
    errors = np.asarray(block_error(rates[:used].reshape(-1, per_block, *rates.shape[1:]).mean(1)))
    attrs = {"long_name": "Lyapunov exponents", "units": f"1/{unit}"}
    data["lyapunov"] = (("run", "exponent"), rates.mean(0), attrs)
    data["lyapunov_se"] = (("run", "exponent"), errors, {**attrs, "long_name": "standard error of the exponents"})
    products = xr.dot(data.vector, data.vector.rename(exponent="other"), dim="unit")
    data["angle"] = xr.apply_ufunc(np.arccos, np.minimum(abs(products), 1.0))
    data.angle.attrs.update(long_name="angle between two vectors", units="rad")
    data.vector.attrs.update(long_name="covariant Lyapunov vectors")
    return data


__all__ = ["covariant_vectors"]
