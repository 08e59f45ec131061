"""References on networks with structured weights."""

from noisette.references._reference import Reference

ON_POPULATIONS = (
    Reference(
        "crisanti1987",
        "Crisanti & Sompolinsky (1987). Dynamics of spin systems with randomly asymmetric bonds: Langevin dynamics and "
        "a spherical model. Physical Review A 36:4922–4939",
        "article",
        "Crisanti, A. and Sompolinsky, H.",
        "Dynamics of spin systems with randomly asymmetric bonds: Langevin dynamics and a spherical model",
        1987,
        {"journal": "Physical Review A", "volume": "36", "pages": "4922--4939", "doi": "10.1103/PhysRevA.36.4922"},
    ),
    Reference(
        "rajan2010",
        "Rajan, Abbott & Sompolinsky (2010). Stimulus-dependent suppression of chaos in recurrent neural networks. "
        "Physical Review E 82:011903",
        "article",
        "Rajan, Kanaka and Abbott, L. F. and Sompolinsky, Haim",
        "Stimulus-dependent suppression of chaos in recurrent neural networks",
        2010,
        {"journal": "Physical Review E", "volume": "82", "pages": "011903", "doi": "10.1103/PhysRevE.82.011903"},
    ),
    Reference(
        "aljadeff2015",
        "Aljadeff, Stern & Sharpee (2015). Transition to chaos in random networks with cell-type-specific "
        "connectivity. Physical Review Letters 114:088101. arXiv:1407.2297",
        "article",
        "Aljadeff, Johnatan and Stern, Merav and Sharpee, Tatyana",
        "Transition to chaos in random networks with cell-type-specific connectivity",
        2015,
        {
            "journal": "Physical Review Letters",
            "volume": "114",
            "pages": "088101",
            "doi": "10.1103/PhysRevLett.114.088101",
            "eprint": "1407.2297",
        },
    ),
    Reference(
        "kadmon2015",
        "Kadmon & Sompolinsky (2015). Transition to chaos in random neuronal networks. Physical Review X 5:041030",
        "article",
        "Kadmon, Jonathan and Sompolinsky, Haim",
        "Transition to chaos in random neuronal networks",
        2015,
        {"journal": "Physical Review X", "volume": "5", "pages": "041030", "doi": "10.1103/PhysRevX.5.041030"},
    ),
    Reference(
        "marti2018",
        "Martí, Brunel & Ostojic (2018). Correlations between synapses in pairs of neurons slow down dynamics in "
        "randomly connected neural networks. Physical Review E 97:062314",
        "article",
        "Martí, Daniel and Brunel, Nicolas and Ostojic, Srdjan",
        "Correlations between synapses in pairs of neurons slow down dynamics in randomly connected neural networks",
        2018,
        {"journal": "Physical Review E", "volume": "97", "pages": "062314", "doi": "10.1103/PhysRevE.97.062314"},
    ),
    Reference(
        "mastrogiuseppe2018",
        "Mastrogiuseppe & Ostojic (2018). Linking connectivity, dynamics, and computations in low-rank recurrent "
        "neural networks. Neuron 99:609–623",
        "article",
        "Mastrogiuseppe, Francesca and Ostojic, Srdjan",
        "Linking connectivity, dynamics, and computations in low-rank recurrent neural networks",
        2018,
        {"journal": "Neuron", "volume": "99", "pages": "609--623", "doi": "10.1016/j.neuron.2018.07.003"},
    ),
    Reference(
        "kusmierz2020",
        "Kuśmierz, Ogawa & Toyoizumi (2020). Edge of chaos and avalanches in neural networks with heavy-tailed "
        "synaptic weight distribution. Physical Review Letters 125:028101. arXiv:1910.05780",
        "article",
        "Kuśmierz, Łukasz and Ogawa, Shun and Toyoizumi, Taro",
        "Edge of chaos and avalanches in neural networks with heavy-tailed synaptic weight distribution",
        2020,
        {
            "journal": "Physical Review Letters",
            "volume": "125",
            "pages": "028101",
            "doi": "10.1103/PhysRevLett.125.028101",
            "eprint": "1910.05780",
        },
    ),
    Reference(
        "clark2025",
        "Clark, Marschall, van Meegen & Litwin-Kumar (2025). Connectivity structure and dynamics of nonlinear "
        "recurrent neural networks. arXiv:2409.01969",
        "misc",
        "Clark, David G. and Marschall, Owen and van Meegen, Alexander and Litwin-Kumar, Ashok",
        "Connectivity structure and dynamics of nonlinear recurrent neural networks",
        2025,
        {"eprint": "2409.01969"},
    ),
)

__all__ = ["ON_POPULATIONS"]
