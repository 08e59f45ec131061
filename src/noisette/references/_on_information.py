"""References on information flow in networks."""

from noisette.references._reference import Reference

ON_INFORMATION = (
    Reference(
        "schreiber2000",
        "Schreiber (2000). Measuring information transfer. Physical Review Letters 85:461–464",
        "article",
        "Schreiber, Thomas",
        "Measuring information transfer",
        2000,
        {
            "journal": "Physical Review Letters",
            "volume": "85",
            "pages": "461--464",
            "doi": "10.1103/PhysRevLett.85.461",
        },
    ),
    Reference(
        "lizier2012",
        "Lizier, Prokopenko & Zomaya (2012). Local measures of information storage in complex distributed computation. "
        "Information Sciences 208:39–54",
        "article",
        "Lizier, Joseph T. and Prokopenko, Mikhail and Zomaya, Albert Y.",
        "Local measures of information storage in complex distributed computation",
        2012,
        {"journal": "Information Sciences", "volume": "208", "pages": "39--54", "doi": "10.1016/j.ins.2012.04.016"},
    ),
    Reference(
        "metzner2022",
        "Metzner & Krauss (2022). Dynamics and information import in recurrent neural networks. Frontiers in "
        "Computational Neuroscience 16:876315",
        "article",
        "Metzner, Claus and Krauss, Patrick",
        "Dynamics and information import in recurrent neural networks",
        2022,
        {
            "journal": "Frontiers in Computational Neuroscience",
            "volume": "16",
            "pages": "876315",
            "doi": "10.3389/fncom.2022.876315",
        },
    ),
    Reference(
        "metzner2024b",
        "Metzner, Yamakou, Voelkl, Schilling & Krauss (2024). Quantifying and maximizing the information flux in "
        "recurrent neural networks. Neural Computation 36:351–384. arXiv:2301.12892",
        "article",
        "Metzner, Claus and Yamakou, Marius E. and Voelkl, Dennis and Schilling, Achim and Krauss, Patrick",
        "Quantifying and maximizing the information flux in recurrent neural networks",
        2024,
        {
            "journal": "Neural Computation",
            "volume": "36",
            "number": "3",
            "pages": "351--384",
            "doi": "10.1162/neco_a_01651",
            "eprint": "2301.12892",
        },
    ),
)
