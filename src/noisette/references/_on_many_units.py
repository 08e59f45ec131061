"""References on random networks of many binary units."""

from noisette.references._reference import Reference

ON_MANY_UNITS = (
    Reference(
        "aguilera2023",
        "Aguilera, Igarashi & Shimazaki (2023). Nonequilibrium thermodynamics of the asymmetric "
        "Sherrington-Kirkpatrick model. Nature Communications 14:3685. arXiv:2205.09886",
        "article",
        "Aguilera, Miguel and Igarashi, Masanao and Shimazaki, Hideaki",
        "Nonequilibrium thermodynamics of the asymmetric Sherrington-Kirkpatrick model",
        2023,
        {
            "journal": "Nature Communications",
            "volume": "14",
            "pages": "3685",
            "doi": "10.1038/s41467-023-39107-y",
            "eprint": "2205.09886",
        },
    ),
    Reference(
        "gabrie2019",
        "Gabrié, Manoel, Luneau, Barbier, Macris, Krzakala & Zdeborová (2019). Entropy and mutual information in "
        "models of deep neural networks. Journal of Statistical Mechanics 2019:124014",
        "article",
        "Gabrié, Marylou and Manoel, Andre and Luneau, Clément and Barbier, Jean and Macris, Nicolas and Krzakala, "
        "Florent and Zdeborová, Lenka",
        "Entropy and mutual information in models of deep neural networks",
        2019,
        {
            "journal": "Journal of Statistical Mechanics: Theory and Experiment",
            "volume": "2019",
            "pages": "124014",
            "doi": "10.1088/1742-5468/ab3430",
        },
    ),
)
