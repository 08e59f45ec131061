"""PyNN with Brian2: a NoisyCurrentSource, held for the time step, into integrate-and-fire cells that do not fire."""

PACKAGES = ("pyNN", "brian2", "numpy<2")
PROGRAM = "PyNN on Brian2, `NoisyCurrentSource`"
MEANING = "`stdev` of a current that is held for its `dt`: (dt/C) σ ξ; one current for all cells of a source"
CONVENTION, INTEGRATOR = "pynn", "held"
SIGMA, TAU, DT, CAPACITANCE = 0.2, 10.0, 2.0, 0.25  # nA, ms, ms and nF


def simulate(duration, dt, seed, units):
    """Return membrane potentials relative to rest in mV, shape (time, units)."""
    import brian2
    import numpy as np
    import pyNN.brian2 as sim

    brian2.prefs.codegen.target = "numpy"
    np.random.seed(seed)  # noqa: NPY002 -- the source draws from the global generator
    sim.setup(timestep=dt, min_delay=dt)
    rest = {"v_rest": 0.0, "v_reset": 0.0, "v_thresh": 1e6, "i_offset": 0.0}
    cells = sim.Population(units, sim.IF_curr_exp(cm=CAPACITANCE, tau_m=TAU, **rest), initial_values={"v": 0.0})
    source = sim.NoisyCurrentSource(mean=0.0, stdev=SIGMA, start=0.0, stop=duration + dt, dt=dt)
    source.inject_into(cells)
    cells.record("v")
    sim.run(duration)
    return np.asarray(cells.get_data().segments[0].analogsignals[0].magnitude)[1:]
