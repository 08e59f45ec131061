"""cogtask (of BrainTools): noise on the inputs of a task, integrated by leaky units with input weight 1."""

PACKAGES = ("brainpy", "braintools")
PROGRAM = "cogtask (BrainTools), `noise` of a phase"
MEANING = "standard deviation of inputs at dt = 1 ms: (dt/τ) W_in σ ξ/√dt"
CONVENTION = "cogtask"
SIGMA, TAU, DT = 0.5, 10.0, 2.0  # √ms and ms


def simulate(duration, dt, seed, units):
    """Return the states of leaky units, shape (time, units)."""
    import brainstate
    import brainunit as u
    import numpy as np
    from braintools import cogtask

    brainstate.environ.set(dt=dt * u.ms)
    stimulus, choice = cogtask.Feature(units, "stimulus"), cogtask.Feature(2, "choice")
    noise = {"stimulus": SIGMA * u.ms**0.5}  # only a feature with an input has noise
    phase = cogtask.Stimulus(duration * u.ms, inputs={"stimulus": 0.0}, noise=noise, outputs={"label": 0})
    task = cogtask.Task(phase, input_features=stimulus, output_features=choice, seed=seed)
    inputs = np.asarray(task.sample_trial(0)[0], float)
    states = np.zeros((len(inputs) + 1, units))
    for i, value in enumerate(inputs):
        states[i + 1] = states[i] + dt / TAU * (value - states[i])
    return states[1:]
