"""Brian2: σ multiplies the white noise xi of an equation; Euler's method, which Brian2 chooses for additive noise."""

PACKAGES = ("brian2", "numpy<2")
PROGRAM = "Brian2, `sigma*xi`"
MEANING = "intensity, √dt σ ξ"
CONVENTION = "brian2"
SIGMA, TAU, DT = 0.5, 10.0, 2.0  # 1/√ms and ms


def simulate(duration, dt, seed, units):
    """Return the states of leaky units, shape (time, units)."""
    import brian2 as b

    b.prefs.codegen.target = "numpy"
    b.seed(seed)
    names = {"tau": TAU * b.ms, "sigma": SIGMA * b.ms**-0.5}
    group = b.NeuronGroup(units, "dv/dt = -v/tau + sigma*xi : 1", method="euler", dt=dt * b.ms, namespace=names)
    monitor = b.StateMonitor(group, "v", record=True)
    b.Network(group, monitor).run(duration * b.ms)
    return monitor.v.T
