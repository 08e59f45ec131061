"""PsychRNN: recurrent noise of a network without weights."""

PACKAGES = ("psychrnn", "tensorflow-cpu")
PROGRAM = "PsychRNN, `rec_noise`"
MEANING = "stationary standard deviation, √(2 dt/τ) σ ξ"
CONVENTION = "psychrnn"
SIGMA, TAU, DT = 0.5, 10.0, 2.0


def simulate(duration, dt, seed, units):
    """Return the states of leaky units, shape (time, units)."""
    import numpy as np
    import tensorflow as tf
    from psychrnn.backend.models.basic import BasicScan

    steps = round(duration / dt)
    tf.compat.v1.set_random_seed(seed)
    network = BasicScan(
        {
            **{"name": "leaky", "N_in": 1, "N_rec": units, "N_out": 1, "N_steps": steps, "N_batch": 1},
            **{"dt": dt, "tau": TAU, "rec_noise": SIGMA},
            **{"W_in": np.zeros((units, 1)), "W_rec": np.zeros((units, units)), "W_out": np.zeros((1, units))},
            **{"b_rec": np.zeros(units), "b_out": np.zeros(1), "init_state": np.zeros((1, units))},
        }
    )
    _, states = network.test(np.zeros((1, steps, 1)))
    network.destruct()
    return np.asarray(states[0], float)
