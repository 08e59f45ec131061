"""NeuroGym: noise on the inputs of a task, integrated by leaky units with input weight 1."""

PACKAGES = ("neurogym<2.3",)  # version 2.3 imports PyTorch, which it does not install
PROGRAM = "NeuroGym, `sigma` of a task"
MEANING = "standard deviation of inputs at dt = 1 ms: (dt/τ) W_in σ ξ/√dt"
CONVENTION = "neurogym"
SIGMA, TAU, DT = 0.5, 10.0, 2  # √ms and ms


def simulate(duration, dt, seed, units):
    """Return the states of leaky units, shape (time, units)."""
    import numpy as np
    from neurogym.envs.native.perceptualdecisionmaking import PerceptualDecisionMaking

    step = int(dt)
    timing = {"fixation": step, "stimulus": int(duration), "delay": 0, "decision": step}
    task = PerceptualDecisionMaking(dt=step, dim_ring=units, sigma=SIGMA, cohs=[0], timing=timing)
    task.seed(seed)
    task.new_trial()
    inputs = np.asarray(task.view_ob("stimulus"), float)[:, 1:] - 0.5  # without evidence, the mean is 1/2
    states = np.zeros((len(inputs) + 1, units))
    for i, value in enumerate(inputs):
        states[i + 1] = states[i] + dt / TAU * (value - states[i])
    return states[1:]
