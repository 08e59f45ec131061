"""Brian2: σ is the stationary standard deviation, in the form of its examples."""

PACKAGES = ("brian2", "numpy<2")
PROGRAM = "Brian2, `sigma*sqrt(2/tau)*xi`"
MEANING = "stationary standard deviation, √(2 dt/τ) σ ξ"
CONVENTION = "brian2-stationary"
SIGMA, TAU, DT = 0.5, 10.0, 2.0  # dimensionless and ms


def simulate(duration, dt, seed, units):
    """Return the states of leaky units, shape (time, units)."""
    import brian2 as b

    b.prefs.codegen.target = "numpy"
    b.seed(seed)
    names = {"tau": TAU * b.ms, "sigma": SIGMA}
    equation = "dv/dt = -v/tau + sigma*sqrt(2/tau)*xi : 1"
    group = b.NeuronGroup(units, equation, method="euler", dt=dt * b.ms, namespace=names)
    monitor = b.StateMonitor(group, "v", record=True)
    b.Network(group, monitor).run(duration * b.ms)
    return monitor.v.T
