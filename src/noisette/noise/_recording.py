"""Recording of a noise: a path drawn once, in steps of a given length."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from noisette.arguments import check_arguments
from noisette.errors import integer, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.limits import require_memory, require_steps
from noisette.noise._base import Noise
from noisette.noise._paths import Kind
from noisette.noise._record_law import kind_of
from noisette.noise._replay import records_of
from noisette.noise.recorded import ROUNDING, Recorded
from noisette.random_numbers import fold_in, key_words

NEVER = 2**32 - 1  # index of a step that is never reached; its key initialises the noise
REFINEMENT = 2**32 - 2  # index of the key of the refinement
COPIES = 2  # number of copies of a record that fit into memory


@check_arguments
def record(noise: Noise, size: int, *, duration: float, dt: float = 1.0, key: KeyLike, trials: int = 1) -> Recorded:
    """Draw a path of a noise, which can be replayed in any network and with any step.

    The numbers depend on `key`, the index of the trial and that of the step, and neither on the number of trials nor on
    the duration, so that a longer record continues a shorter one. The memory, 8 bytes for each trial, step and unit, is
    at most half of that of the machine.

    Parameters
    ----------
    noise : noise to record. White noise (`White`, `Common`, their `Channels` and sums), `OrnsteinUhlenbeck` and
        `Frozen` can be replayed in steps of any length, other noises in multiples of `dt`. In sums, gates and channels
        of noises of several kinds, record each noise: ``record(a, …) + record(b, …)``
    size : number of units N, or of channels
    duration : length of the record, in the network's unit of time; a number of steps in discrete time
    dt : length of a recorded step; 1 in discrete time
    key : an integer or a JAX key
    trials : number of independent paths, see `Recorded.trial`

    Raises
    ------
    InputError : a duration that is not a multiple of `dt`, a record that does not fit into memory, or recorded noise.

    See Also
    --------
    noise.Recorded : Records from files and arrays, and what a replay does.

    Examples
    --------
    >>> import noisette as nz
    >>> recorded = nz.noise.record(nz.White(0.5), 2, duration=10, dt=0.1, key=0)
    >>> network = nz.RateNetwork([[0.0, 0.5], [-0.5, 0.0]], noise=recorded)
    >>> ends = [nz.simulate(network, duration=10, dt=0.01, start=x, key=0).final.values for x in (1.0, -1.0)]
    >>> bool(abs(ends[0] - ends[1]).max() < 1e-3)  # two starts in one noise
    True
    """
    size, trials = integer(size, "size"), integer(trials, "trials")
    length = real_number(dt, "dt", "a time above zero", lambda t: 0 < t < np.inf)
    total = real_number(duration, "duration", "a time above zero", lambda t: 0 < t < np.inf)
    require(not records_of(noise), f"{noise!r} recorded again", "a noise that is drawn", "use the record itself")
    steps = require_steps(max(1, round(total / length)), f"duration {total:g} in steps of {length:g}")
    fits = abs(steps * length - total) <= ROUNDING * total
    whole = f"a whole number of steps; duration={steps * length:g} would do"
    require(fits, f"duration {total:g} is {total / length:g} steps of dt {length:g}", whole)
    kind = kind_of(noise, size)
    rows = steps + (kind == "values")
    what = f"a record of {trials} × {rows:,} × {size:,} numbers, with a copy,"
    require_memory(COPIES * 8.0 * trials * rows * size, what, "record fewer units or trials, or longer steps")
    random = as_key(key)
    keys = jax.vmap(lambda i: fold_in(random, i))(jnp.arange(trials))
    data = _drawn(noise, size, rows, jnp.asarray(length), keys, kind)
    words = jnp.stack(key_words(fold_in(random, REFINEMENT)))
    valued = kind == "values" or (kind == "steps" and noise.has_values)
    recorded = Recorded(data, jnp.asarray(length), words, noise, kind, valued)
    return recorded if trials > 1 else recorded.trial(0)


@eqx.filter_jit
def _drawn(noise: Noise, size: int, rows: int, dt: Array, keys: Array, kind: Kind) -> Array:
    """Return the increments, or the values, of each trial and step, shape (trials, rows, N)."""

    def step(state, n, key):
        added, after = noise.sample(state, n * dt, size, key=fold_in(key, n), dt=dt)
        return after, noise.value(state, n * dt, size, dt=dt) if kind == "values" else added

    def trial(key: PRNGKeyArray) -> Array:
        start = noise.init(size, key=fold_in(key, NEVER))
        return jax.lax.scan(lambda state, n: step(state, n, key), start, jnp.arange(rows))[1]

    return jax.vmap(trial)(keys)
