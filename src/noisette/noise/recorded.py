"""Recorded noise: one path, replayed in any network and with any step."""

import math
from pathlib import Path
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax.core import Tracer
from jaxtyping import Array, Float, UInt
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments, check_fields
from noisette.errors import InputError, integer, real_array, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.noise._base import Noise
from noisette.noise._paths import Kind, RecordedPath
from noisette.noise._record_files import Contents, as_dataset, read_contents, write
from noisette.noise._record_law import check_variance, kind_of, law_arrays, law_from_arrays
from noisette.random_numbers import fold_in, key_words
from noisette.reprs import shown

FINEST = 1024  # largest number of steps of a simulation per recorded step
ROUNDING = 1e-6  # relative deviation of a duration or a step from a whole number of recorded steps


class Recorded(Noise):
    """Recorded noise: the same path in every network and every run, for any step of time.

    .. math:: \\text{noise}(t, t + \\mathrm dt) = W(t + \\mathrm dt) - W(t)

    `noise.record` draws a path; `Recorded.load` and `Recorded.from_array` read paths of other programs. A step longer
    than the recorded one adds the sum of the recorded increments. Within a recorded step, the path W of white noise is
    refined by Brownian bridges, and the values of Ornstein–Uhlenbeck noise by their exact conditional distribution.
    Their random numbers depend only on the record and the time, so that steps of dt, dt/2 and dt/4 follow the same
    path. Times are rounded to 2⁻²⁰ of the recorded step, and a recorded step has at most 1024 parts. Other noises have
    no refinement, and the step of a simulation is a multiple of the recorded one.

    All runs and networks of a simulation receive the same path (common noise). For a different path in each, record
    several trials and simulate a sequence of networks, ``[network.with_noise(recorded.trial(i)) for i in …]``.
    Simulations longer than the record are refused.

    Attributes
    ----------
    data : increments of each recorded step, shape (steps, N), or values at the beginning of each step and at the end,
        shape (steps + 1, N); with a leading axis (trials,) if there are several trials
    dt : length of a recorded step, in the network's unit of time; 1 for networks in discrete time
    key : key of the refinement, shape (2,)
    source : law of the noise, which the refinement needs; None if it is unknown
    kind : "path" (white noise), "values" (Ornstein–Uhlenbeck or frozen noise) or "steps" (without refinement)
    valued : whether the noise has values η(t), see `Noise.value`
    factor : factor of the data, a scalar or shape (N,); −1 for the antithetic path
    stride : number of recorded steps per step of the simulation, set by `simulate`; None if it is unknown

    See Also
    --------
    noise.record : Draw a path.

    Examples
    --------
    >>> import noisette as nz
    >>> recorded = nz.noise.record(nz.White(0.5), 2, duration=1.0, dt=0.1, key=0)
    >>> recorded
    Recorded(10 steps of 0.1, 2 units, White(0.5))
    >>> still = nz.networks.Flow(lambda x: 0 * x, 2, noise=recorded)
    >>> ends = [nz.simulate(still, duration=1.0, dt=dt, start=0.0, key=0).final for dt in (0.5, 0.1, 0.05, 0.03125)]
    >>> all(abs(end - recorded.array().sum(0)).max() < 1e-12 for end in ends)
    True

    References
    ----------
    Gaines & Lyons (1997), SIAM Journal on Applied Mathematics 57:1455.
    """

    data: Float[Array, "..."]
    dt: Float[Array, ""]
    key: UInt[Array, "2"]
    source: Noise | None
    kind: Kind = eqx.field(static=True)
    valued: bool = eqx.field(static=True, default=False)
    factor: Float[Array, "*units"] = eqx.field(default_factory=lambda: jnp.ones(()))
    stride: int | None = eqx.field(static=True, default=None)

    def __check_init__(self):
        check_fields(self)
        require(self.kind in ("path", "values", "steps"), f"kind {self.kind!r}", "path, values or steps")
        require(self.data.ndim in (2, 3), f"recorded data of shape {self.data.shape}", "(steps, N), (trials, steps, N)")

    def __repr__(self) -> str:
        trials = f"{self.trials} trials of " if self.trials > 1 else ""
        law = "" if self.source is None else f", {shown(self.law)}"
        return f"Recorded({trials}{self.steps} steps of {shown(self.dt)}, {self.units} units{law})"

    @property
    def trials(self) -> int:
        """Number of trials."""
        return self.data.shape[0] if self.data.ndim == 3 else 1

    @property
    def steps(self) -> int:
        """Number of recorded steps."""
        return self.data.shape[-2] - (self.kind == "values")

    @property
    def units(self) -> int:
        """Number of units N."""
        return self.data.shape[-1]

    @property
    def duration(self) -> float:
        """Length of the record, in the network's unit of time."""
        return self.steps * float(self.dt)

    @property
    def nbytes(self) -> int:
        """Memory of the record in bytes: 8 · trials · steps · N."""
        return self.data.size * self.data.dtype.itemsize

    @property
    def law(self) -> Noise | None:
        """Law of the noise, with the magnitude of the factor; None if it is unknown."""
        factor = self.factor
        unchanged = not isinstance(factor, Tracer) and factor.ndim == 0 and abs(float(factor)) == 1
        return self.source if unchanged or self.source is None else self.source.scaled(jnp.abs(factor))

    def trial(self, index: int) -> "Recorded":
        """Return the record of a single trial.

        Examples
        --------
        >>> import noisette as nz
        >>> recorded = nz.noise.record(nz.White(), 3, duration=5, key=0, trials=4)
        >>> recorded.trial(2)
        Recorded(5 steps of 1, 3 units, White(1))
        """
        number = integer(index, "trial", 0)
        require(number < self.trials, f"trial {number}", f"the record has {self.trials}, numbered from 0")
        if self.data.ndim == 2:
            return self
        return eqx.tree_at(lambda r: (r.data, r.key), self, (self.data[number], fold_in(self.key, number)))

    def array(self) -> np.ndarray:
        """Return the recorded increments or values, multiplied by the factor, shape (steps, N)."""
        return np.asarray(self.data * self.factor)

    def init(self, size, *, key):
        """Check the number of units and trials, and return the empty state, since a record is a function of time."""
        self._require_single(size)
        return ()

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return the increment of the path from `time` to `time` + `dt`, shape (N,); NaN after its end."""
        return self.factor * self._path(size).increment(time, dt), state

    def value(self, state, time, size, *, dt=1.0):
        """Return the recorded value η(t), shape (N,)."""
        require(
            self.valued,
            "recorded white noise has no values in continuous time",
            "a noise with a correlation time is needed here",
            "record OrnsteinUhlenbeck or Frozen noise",
        )
        return self.factor * self._path(size).value(time)

    def step_law(self, size, time):
        """Raise `InputError`, since a record is a single path."""
        raise InputError("recorded noise is a single path; exact theory needs the law of a noise; use the noise itself")

    def spectrum(self):
        """Raise `InputError`, since a record is a single path."""
        raise InputError("recorded noise is a single path; mean-field theory needs a law; use the noise itself")

    @property
    def has_values(self):
        """Whether the recorded noise has values."""
        return self.valued

    @property
    def correlation_time(self):
        """Shortest correlation time of the recorded noise."""
        return math.inf if self.law is None else self.law.correlation_time

    @property
    def has_variance(self):
        """Whether the variance of the recorded noise is finite."""
        return self.law is None or self.law.has_variance

    def white_part(self, size):
        """Return the white part of the recorded noise."""
        law = self.law
        require(law is not None, "the white part of an array of noise", "noise recorded by noise.record")
        assert law is not None
        return law.white_part(size)

    def scaled(self, factor):
        """Return the record multiplied by a factor, which may be negative."""
        return eqx.tree_at(lambda record: record.factor, self, self.factor * factor)

    def require_length(self, steps: int, dt: float) -> None:
        """Raise unless the record can be replayed in a simulation.

        Parameters
        ----------
        steps : number of steps of the simulation
        dt : their length, in the network's unit of time

        Raises
        ------
        InputError : several trials, a simulation longer than the record, or a step that the record cannot resolve.
        """
        self._require_single(self.units)
        recorded, ratio = float(self.dt), float(dt) / float(self.dt)
        require(
            steps * ratio <= self.steps * (1 + ROUNDING),
            f"noise recorded for {self.duration:g} ({self.steps} steps of {recorded:g})",
            f"the simulation lasts {steps * dt:g}",
            f"record noise with duration={steps * dt:g}",
        )
        in_steps = f"steps of {dt:g} in noise recorded in steps of {recorded:g}"
        if self.kind == "steps":
            law = "unknown law" if self.source is None else shown(self.law)
            require(
                round(ratio) >= 1 and abs(ratio - round(ratio)) < ROUNDING * ratio,
                f"{in_steps} ({law})",
                "a multiple of the recorded step, since only white, Ornstein–Uhlenbeck and frozen noise can be refined",
                f"use dt={recorded:g}; for sums, gates and channels, record each of the noises in them",
            )
        finest = f"at most {FINEST} steps per recorded step"
        require(ratio * FINEST >= 1 - ROUNDING, in_steps, finest, "record noise in shorter steps")

    def to_dataset(self) -> xr.Dataset:
        """Return the record as a dataset for other programs.

        Returns
        -------
        Dataset with ``increments`` (the noise integrated over each step) or ``values`` (η at the beginning of each
        step), over ``time`` and ``unit``, and ``trial`` if there are several; with the parameters of the law, ``std``
        and ``factors`` or ``tau``, if it has a refinement; and with the attributes ``dt`` and ``convention``, which
        states how the numbers enter a simulation

        Examples
        --------
        >>> import noisette as nz
        >>> data = nz.noise.record(nz.White(0.5), 2, duration=1, dt=0.1, key=0).to_dataset()
        >>> data.increments.shape, data.attrs["dt"]
        ((10, 2), 0.1)
        """
        return as_dataset(self._contents())

    @check_arguments
    def save(self, path: str | Path) -> Path:
        """Write the record to a file for this and other programs.

        Parameters
        ----------
        path : file ending in .nc, .npz, .mat or .csv (a single trial), with the contents of `to_dataset`

        Returns
        -------
        path of the file

        Raises
        ------
        InputError : another suffix, or a file that cannot be written.
        """
        return write(self._contents(), Path(path))

    @classmethod
    @check_arguments
    def load(cls, path: str | Path, dt: float | None = None) -> "Recorded":
        """Read a record, written by `save` or by another program.

        Parameters
        ----------
        path : .nc, .npz, .mat, .npy, .csv, .tsv or .txt file with an array ``increments`` or ``values``, or with a
            single array of increments
        dt : length of a recorded step; by default the number ``dt`` in the file

        Raises
        ------
        InputError : an unreadable file, a file without dt, or invalid numbers.

        Examples
        --------
        >>> import tempfile, noisette as nz
        >>> recorded = nz.noise.record(nz.White(0.5), 2, duration=1, dt=0.1, key=0)
        >>> nz.noise.Recorded.load(recorded.save(Path(tempfile.mkdtemp()) / "noise.csv"))
        Recorded(10 steps of 0.1, 2 units, White(0.5))
        """
        name, data, length, key, arrays, _ = read_contents(Path(path), dt)
        law, sign = law_from_arrays(arrays), arrays.get("sign", 1.0)
        recorded = cls.from_array(data * np.ravel(sign), length, contents=name, law=law)
        if key is not None:
            recorded = eqx.tree_at(lambda r: r.key, recorded, jnp.asarray(key))
        return recorded if "sign" not in arrays else recorded.scaled(jnp.asarray(np.ravel(sign), float))

    @classmethod
    @check_arguments
    def from_array(
        cls,
        array: ArrayLike | Array,
        dt: float = 1.0,
        *,
        contents: Literal["increments", "values"] = "increments",
        law: Noise | None = None,
        key: KeyLike = 0,
    ) -> "Recorded":
        """Return noise that was recorded by another program.

        Parameters
        ----------
        array : increments, the noise integrated over each step (σ √dt ξ for white noise), or values η at the
            beginning of each step, which are constant during it; shape (steps, N), or (trials, steps, N)
        dt : length of a recorded step, in the network's unit of time; 1 for networks in discrete time
        contents : "increments" or "values"
        law : noise from which the array was drawn, which enables steps shorter than `dt`: white noise (`White`,
            `Common`, their `Channels` and sums) for increments; `OrnsteinUhlenbeck` or `Frozen` for values at the
            beginning of each step and at the end, shape (steps + 1, N)
        key : an integer or a JAX key, for the refinement

        Raises
        ------
        InputError : an array of another shape or with numbers that are not finite; a law that does not fit the
            contents, or under which the variance of the array has a probability below 1e-20.

        Examples
        --------
        >>> import noisette as nz
        >>> xi = np.random.default_rng(0).normal(size=(1000, 2))
        >>> nz.noise.Recorded.from_array(0.5 * 0.1**0.5 * xi, 0.1, law=nz.White(0.5))
        Recorded(1000 steps of 0.1, 2 units, White(0.5))
        >>> nz.noise.Recorded.from_array(0.5 * xi, 0.1, law=nz.White(0.5))
        Traceback (most recent call last):
        noisette.errors.InputError: increments with 10 times the variance of White(0.5) in steps of 0.1; ...
        """
        data, length = real_array(array, contents), real_number(dt, "dt", "a time above zero", lambda t: 0 < t < np.inf)
        fewest = 1 + (law is not None and contents == "values")
        fits = data.ndim in (2, 3) and data.size > 0 and data.shape[-2] >= fewest
        require(fits, f"{contents} of shape {data.shape}", "(steps, N) or (trials, steps, N)")
        kind: Kind = "steps"
        if law is not None:
            kind = kind_of(law, data.shape[-1])
            expected = {"path": "increments", "values": "values"}.get(kind)
            allowed = "white noise as the law of increments, OrnsteinUhlenbeck or Frozen as that of values"
            require(expected == contents, f"{shown(law)} as the law of {contents}", allowed, "leave it out")
            check_variance(law, kind, data if data.ndim == 3 else data[None], length)
        elif contents == "values":
            data = data * length
        words = jnp.stack(key_words(as_key(key)))
        return cls(jnp.asarray(data), jnp.asarray(length), words, law, kind, contents == "values")

    def _path(self, size: int) -> RecordedPath:
        """Return the recorded path, which is not differentiated, after checking the number of units."""
        self._require_single(size)
        stop = jax.lax.stop_gradient
        law = jax.tree.map(stop, self.source)
        return RecordedPath(self.kind, stop(self.data), stop(self.dt), self.key, law, self.stride)

    def _contents(self) -> Contents:
        """Return the arrays that a file contains."""
        held = self.kind == "steps" and self.valued
        name = "values" if self.kind == "values" or held else "increments"
        data = self.array() / float(self.dt) if held else self.array()
        law = law_arrays(self.law, self.kind, self.units)
        factor = np.broadcast_to(np.asarray(self.factor), (self.units,))
        if law and (factor < 0).any():  # the refinement changes its sign with the data
            law["sign"] = np.where(factor < 0, -1.0, 1.0)
        return Contents(name, data, float(self.dt), np.asarray(self.key), law, shown(self.law))

    def _require_single(self, size: int) -> None:
        """Raise unless the record consists of a single trial of `size` units."""
        require(
            self.units == size,
            f"noise recorded for {self.units} units",
            f"the network has {size}",
            f"record noise for {size} units, or use nz.Channels(B, recorded) with a matrix B of {self.units} columns",
        )
        require(
            self.data.ndim == 2,
            f"noise recorded for {self.trials} trials",
            "a network receives one of them",
            "give a sequence of networks, [network.with_noise(recorded.trial(i)) for i in range(recorded.trials)]",
        )
