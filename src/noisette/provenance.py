"""What a number is and where it came from, as attributes of every result."""

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

PAPERS = {
    "metzner2024": "Metzner, Schilling, Maier & Krauss (2024). Recurrence resonance – noise-enhanced dynamics in "
    "recurrent neural networks. Frontiers in Complex Systems 2:1479417. arXiv:2408.05579",
    "krauss2019": "Krauss, Prebeck, Schilling & Metzner (2019). 'Recurrence resonance' in three-neuron motifs. "
    "Frontiers in Computational Neuroscience 13:64",
    "grassmann1985": "Grassmann, Taksar & Heyman (1985). Regenerative analysis and steady state distributions for "
    "Markov chains. Operations Research 33:1107–1116",
    "miller1955": "Miller (1955). Note on the bias of information estimates. Information Theory in Psychology, 95–100",
    "huang2025": "Huang & Huang (2025). Freezing chaos without synaptic plasticity. Physical Review E 112:044227. "
    "arXiv:2503.08069",
    "blackwell1947": "Blackwell (1947). Conditional expectation and unbiased sequential estimation. Annals of "
    "Mathematical Statistics 18:105–110",
    "sompolinsky1988": "Sompolinsky, Crisanti & Sommers (1988). Chaos in random neural networks. Physical Review "
    "Letters 61:259–262",
    "schuecker2018": "Schuecker, Goedeke & Helias (2018). Optimal sequence memory in driven random networks. "
    "Physical Review X 8:041029",
    "mato2026": "Mato, Rigatuso & Torroba (2026). Statistics of correlations in nonlinear recurrent neural networks. "
    "arXiv:2510.21742",
    "hu2022": "Hu & Sompolinsky (2022). The spectrum of covariance matrices of randomly connected recurrent neuronal "
    "networks with linear dynamics. PLoS Computational Biology 18:e1010327",
    "clark2023": "Clark, Abbott & Litwin-Kumar (2023). Dimension of activity in random neural networks. Physical "
    "Review Letters 131:118401",
    "rungratsameetaweemana2025": "Rungratsameetaweemana, Kim, Chotibut & Sejnowski (2025). Random noise promotes slow "
    "heterogeneous synaptic dynamics important for robust working memory computation. PNAS 122(3):e2316745122",
    "kim2019": "Kim, Li & Sejnowski (2019). Simple framework for constructing functional spiking recurrent neural "
    "networks. PNAS 116:22811–22820",
    "moon2019": "Moon, van Dijk, Wang et al. (2019). Visualizing structure and transitions in high-dimensional "
    "biological data. Nature Biotechnology 37:1482–1492",
}


@cache
def program_version() -> str:
    """Return the version of the installed package."""
    try:
        return version("noisette")
    except PackageNotFoundError:
        return "unknown"


def provenance(
    method: str,
    estimator: str,
    references: tuple[str, ...],
    configuration: dict[str, Any],
    **more: str | int | float,
) -> dict[str, Any]:
    """Return the attributes that say what a result is: netCDF-safe strings and numbers.

    Parameters
    ----------
    method : "exact", "mean-field" or "simulated"
    estimator : "fixed-start", "start-averaged", "stationary", "single-run" …
    references : keys of `PAPERS`
    configuration : everything needed to compute it again; kept as one JSON string
    more : further attributes, such as units or seed

    Examples
    --------
    >>> provenance("exact", "stationary", ("grassmann1985",), {"steps": 10})["configuration"]
    '{"steps": 10}'
    """
    return {
        "method": method,
        "estimator": estimator,
        "program": "noisette",
        "version": program_version(),
        "references": ",".join(references),
        "configuration": json.dumps(configuration, sort_keys=True, default=_plain),
        **more,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return np.asarray(value).tolist() if hasattr(value, "__array__") else str(value)
