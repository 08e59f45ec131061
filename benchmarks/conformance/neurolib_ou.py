"""neurolib: the Ornstein–Uhlenbeck input of uncoupled nodes, recovered from their recorded activity.

Models record the activity and not the input. An Euler step of the Hopf model adds dt times its drift and its input, so
that the input in each step is the increment of the activity minus the drift.
"""

PACKAGES = ("neurolib",)
PROGRAM = "neurolib, `sigma_ou` and `tau_ou`"
MEANING = "intensity of the noise of the input, √dt σ ξ"
CONVENTION = "neurolib"
SIGMA, TAU, DT = 0.02, 10.0, 2.0  # mV/ms^(3/2) and ms


def simulate(duration, dt, seed, units):
    """Return the inputs of all nodes, shape (time, units)."""
    import numpy as np
    from neurolib.models.hopf import HopfModel

    uncoupled = np.zeros((units, units))
    model = HopfModel(Cmat=uncoupled, Dmat=uncoupled, seed=seed)
    a, w = -0.2, 0.0
    model.params.update(duration=duration + dt, dt=dt, sigma_ou=SIGMA, tau_ou=TAU, a=a, w=w)
    model.run()
    x, y = model.x.T, model.y.T
    drift = (a - x**2 - y**2) * x - w * y
    return np.diff(x, axis=0) / dt - drift[:-1]
