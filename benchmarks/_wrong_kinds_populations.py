"""A valid call of every public function of ensembles and populations, as keyword arguments, for `wrong_kinds.py`."""

import numpy as np
from _wrong_kinds_values import TANH, Calls, W

import noisette as nz


def populations() -> Calls:
    """Ensembles of weights, populations, and their theory."""
    two = nz.ensembles.Blocks([[0.2, -0.5], [0.2, -0.4]], 0.3, [3, 2])
    described = nz.networks.Populations(two, bias=0.2)
    mutual = nz.networks.Populations(nz.ensembles.reciprocal(5, 0.5), noise=nz.White(0.5))
    start = {"start_mean": 0.0, "start_variance": 1.0, "start_overlap": 0.1}
    square = {"mean": [[0.2, -0.5], [0.2, -0.4]], "variance": 0.3, "density": 1.0, "reciprocity": 0.0}
    return {
        "ensembles:Blocks": {**square, "sizes": [3, 2], "self_coupling": True},
        "ensembles:HeavyTails": {"alpha": 1.5, "size": 3, "scale": 1.0},
        "ensembles:LowRank": {"covariance": [[1.0, 0.5], [0.5, 1.0]], "sizes": 4, "mean": [0.0, 0.1]},
        "ensembles:RandomModes": {"strengths": np.ones(3), "size": 4},
        "ensembles:Sum": {"parts": (two,)},
        "ensembles:excitatory_inhibitory": {"size": 10, "mu_e": 1.0, "sigma_i": 1.2, "fraction": 0.8, "density": 0.2},
        "ensembles:gaussian": {"size": 4, "variance": 1.0},
        "ensembles:reciprocal": {"size": 4, "reciprocity": 0.5, "variance": 1.0},
        "ensembles:sparse": {"size": 4, "inputs": 2.0, "mean": 0.0, "variance": 1.0},
        "networks:Populations": {"ensemble": two, "activation": TANH, "tau": [1.0, 0.5], "bias": 0.2, "noise": None},
        "theory:driven_populations": {
            **{"populations": described, "inputs": 0.5, "gain": 0.5, "duration": 2.0, "dt": 0.1, "every": 2},
            "start": (0.0, 1.0),
        },
        "theory:linear_response": {"network": nz.RateNetwork(W, 0.3, noise=nz.White(1.0)), "lags": [0.0, 1.0]},
        "theory:population_correlations": {
            **{"populations": nz.networks.Populations(two, noise=nz.White(0.5)), "gain": 0.5, "activity": "current"},
            **{"covariance": "long-window", "start_mean": 0.0},
        },
        "theory:population_critical_gain": {"populations": described, "between": [0.0, 5.0]},
        "theory:population_mean_field": {"populations": described, "gain": 0.5, "lags": [0.0, 1.0], **start},
        "theory:reciprocal_mean_field": {
            **{"populations": mutual, "gain": 0.3, "lags": [0.0], "samples": 8, "exponent": False, "key": 0},
        },
        "analysis:population_activity": {
            **{"populations": described, "gain": 0.5, "lags": [0.0], "simulate": True, "networks": 2, "key": 0},
            **{"duration": 2.0, "discard": 1.0, "dt": 0.1},
        },
    }
