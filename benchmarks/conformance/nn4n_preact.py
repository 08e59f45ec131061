"""nn4n: noise before the activation of a recurrent layer without weights.

In version 1.1.1, a new network has no noise until `train()` is called.
"""

PACKAGES = ("nn4n",)
PROGRAM = "nn4n, `preact_noise`, after `train()`"
MEANING = "per step, (dt/τ) σ ξ"
CONVENTION = "nn4n"
SIGMA, TAU, DT = 0.5, 10.0, 2.0


def simulate(duration, dt, seed, units):
    """Return the states of leaky units, shape (time, units)."""
    import numpy as np
    import torch
    from nn4n.model import CTRNN

    torch.manual_seed(seed)
    options = {"weights": "uniform", "biases": "zero", "activation": "tanh"}
    network = CTRNN(dims=[1, units, 1], dt=dt, tau=TAU, preact_noise=SIGMA, **options)
    network.recurrent_layer.hidden_layer.weight.data.zero_()
    network.train()
    with torch.no_grad():
        _, (rates,) = network(torch.zeros(round(duration / dt), 1, 1))
    return np.arctanh(np.asarray(rates[:, 0], float))  # the states, of which the rates are tanh
