"""reservoirpy below 0.4: `noise_rc` of a reservoir of linear units with leak rate dt/τ; version 0.4 has no noise."""

PACKAGES = ("reservoirpy<0.4",)
PROGRAM = "reservoirpy 0.3, `noise_rc`"
MEANING = "per step, σ ξ"
CONVENTION = "reservoirpy"
SIGMA, TAU, DT = 0.5, 10.0, 2.0


def simulate(duration, dt, seed, units):
    """Return the states of leaky units, shape (time, units)."""
    import numpy as np
    import reservoirpy
    from reservoirpy.nodes import Reservoir

    reservoirpy.verbosity(0)
    reservoir = Reservoir(
        lr=dt / TAU,
        W=np.zeros((units, units)),
        Win=np.zeros((units, 1)),
        bias=np.zeros((units, 1)),
        activation="identity",
        noise_rc=SIGMA,
        noise_type="normal",
        seed=seed,
    )
    return reservoir.run(np.zeros((round(duration / dt), 1)))
