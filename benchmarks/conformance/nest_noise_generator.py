"""NEST: a current of a noise_generator, held for the resolution, into integrate-and-fire neurons that do not fire."""

PACKAGES = ("nest-simulator",)
PROGRAM = "NEST, `noise_generator`"
MEANING = "`std` of a current that is held for its `dt`: (dt/C) σ ξ"
CONVENTION, INTEGRATOR = "nest", "held"
SIGMA, TAU, DT, CAPACITANCE = 200.0, 10.0, 2.0, 250.0  # pA, ms, ms and pF


def simulate(duration, dt, seed, units):
    """Return membrane potentials relative to rest in mV, shape (time, units)."""
    import nest
    import numpy as np

    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution = dt
    nest.rng_seed = seed + 1  # zero is not allowed
    membrane = {"tau_m": TAU, "C_m": CAPACITANCE, "E_L": 0.0, "V_m": 0.0, "V_th": 1e6, "I_e": 0.0}
    neurons = nest.Create("iaf_psc_delta", units, params=membrane)
    noise = nest.Create("noise_generator", params={"std": SIGMA, "dt": dt})
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": dt})
    nest.Connect(noise, neurons)
    nest.Connect(meter, neurons)
    nest.Simulate(duration + 3 * dt)  # the first current arrives after a delay
    events = meter.get("events")
    order = np.lexsort((events["senders"], events["times"]))
    return events["V_m"][order].reshape(-1, units)[-round(duration / dt) :]
