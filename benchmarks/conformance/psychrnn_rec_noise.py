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
    from psychrnn.backend.models.basic import Basic

    tf.compat.v1.set_random_seed(seed)
    weights = {"W_in": np.zeros((units, 1)), "W_rec": np.zeros((units, units)), "W_out": np.zeros((1, units))}
    biases = {"b_rec": np.zeros(units), "b_out": np.zeros(1), "init_state": np.zeros((1, units))}
    sizes = {"name": "leaky", "N_in": 1, "N_rec": units, "N_out": 1, "N_steps": 1, "N_batch": 1}
    network = Basic({**sizes, **weights, **biases, "dt": dt, "tau": TAU, "rec_noise": SIGMA})
    network.build()
    state = tf.compat.v1.placeholder(tf.float32, (1, units))
    after = network.recurrent_timestep(tf.zeros((1, 1)), state)
    network.sess.run(tf.compat.v1.global_variables_initializer())
    states = np.zeros((round(duration / dt) + 1, 1, units), np.float32)
    for i in range(len(states) - 1):
        states[i + 1] = network.sess.run(after, {state: states[i]})
    network.destruct()
    return states[1:, 0]
