"""BrainPy: OUProcess with its default method, exponential Euler."""

PACKAGES = ("brainpy",)
PROGRAM = "BrainPy, `OUProcess`"
MEANING = "intensity, √dt σ ξ"
CONVENTION, INTEGRATOR = "brainpy", "exponential"
SIGMA, TAU, DT = 0.5, 10.0, 2.0


def simulate(duration, dt, seed, units):
    """Return the states of leaky units, shape (time, units)."""
    import brainpy as bp
    import brainpy.math as bm

    bm.set_platform("cpu")
    bm.enable_x64()
    bm.random.seed(seed)
    process = bp.dyn.OUProcess(units, mean=0.0, sigma=SIGMA, tau=TAU)
    runner = bp.DSRunner(process, monitors=["x"], dt=dt, progress_bar=False)
    runner.run(duration)
    return runner.mon["x"]
