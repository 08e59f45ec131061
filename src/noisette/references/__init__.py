"""References: the papers on which the methods are based, as text and as BibTeX entries."""

from noisette.references._on_inference import ON_INFERENCE
from noisette.references._on_information import ON_INFORMATION
from noisette.references._on_many_units import ON_MANY_UNITS
from noisette.references._on_noise import ON_NOISE
from noisette.references._on_populations import ON_POPULATIONS
from noisette.references._reference import Reference as Reference

#: References by their keys.
REFERENCES = {
    reference.key: reference
    for reference in (
        Reference(
            "metzner2024",
            "Metzner, Schilling, Maier & Krauss (2024). Recurrence resonance – noise-enhanced dynamics in "
            "recurrent neural networks. Frontiers in Complex Systems 2:1479417. arXiv:2408.05579",
            "article",
            "Metzner, Claus and Schilling, Achim and Maier, Andreas and Krauss, Patrick",
            "Recurrence resonance – noise-enhanced dynamics in recurrent neural networks",
            2024,
            {
                "journal": "Frontiers in Complex Systems",
                "volume": "2",
                "pages": "1479417",
                "doi": "10.3389/fcpxs.2024.1479417",
                "eprint": "2408.05579",
            },
        ),
        Reference(
            "krauss2019",
            "Krauss, Prebeck, Schilling & Metzner (2019). 'Recurrence resonance' in three-neuron motifs. "
            "Frontiers in Computational Neuroscience 13:64",
            "article",
            "Krauss, Patrick and Prebeck, Karin and Schilling, Achim and Metzner, Claus",
            "“Recurrence resonance” in three-neuron motifs",
            2019,
            {
                "journal": "Frontiers in Computational Neuroscience",
                "volume": "13",
                "pages": "64",
                "doi": "10.3389/fncom.2019.00064",
            },
        ),
        Reference(
            "grassmann1985",
            "Grassmann, Taksar & Heyman (1985). Regenerative analysis and steady state distributions for Markov "
            "chains. Operations Research 33:1107–1116",
            "article",
            "Grassmann, Winfried K. and Taksar, Michael I. and Heyman, Daniel P.",
            "Regenerative analysis and steady state distributions for Markov chains",
            1985,
            {"journal": "Operations Research", "volume": "33", "pages": "1107--1116", "doi": "10.1287/opre.33.5.1107"},
        ),
        Reference(
            "miller1955",
            "Miller (1955). Note on the bias of information estimates. Information Theory in Psychology, 95–100",
            "incollection",
            "Miller, George A.",
            "Note on the bias of information estimates",
            1955,
            {
                "booktitle": "Information Theory in Psychology: Problems and Methods",
                "editor": "Quastler, Henry",
                "publisher": "Free Press",
                "pages": "95--100",
            },
        ),
        Reference(
            "huang2025",
            "Huang & Huang (2025). Freezing chaos without synaptic plasticity. Physical Review E 112:044227. "
            "arXiv:2503.08069",
            "article",
            "Huang, Weizhong and Huang, Haiping",
            "Freezing chaos without synaptic plasticity",
            2025,
            {"journal": "Physical Review E", "volume": "112", "pages": "044227", "eprint": "2503.08069"},
        ),
        Reference(
            "blackwell1947",
            "Blackwell (1947). Conditional expectation and unbiased sequential estimation. Annals of Mathematical "
            "Statistics 18:105–110",
            "article",
            "Blackwell, David",
            "Conditional expectation and unbiased sequential estimation",
            1947,
            {
                "journal": "Annals of Mathematical Statistics",
                "volume": "18",
                "pages": "105--110",
                "doi": "10.1214/aoms/1177730497",
            },
        ),
        Reference(
            "sompolinsky1988",
            "Sompolinsky, Crisanti & Sommers (1988). Chaos in random neural networks. Physical Review Letters "
            "61:259–262",
            "article",
            "Sompolinsky, H. and Crisanti, A. and Sommers, H. J.",
            "Chaos in random neural networks",
            1988,
            {
                "journal": "Physical Review Letters",
                "volume": "61",
                "pages": "259--262",
                "doi": "10.1103/PhysRevLett.61.259",
            },
        ),
        Reference(
            "schuecker2018",
            "Schuecker, Goedeke & Helias (2018). Optimal sequence memory in driven random networks. Physical "
            "Review X 8:041029",
            "article",
            "Schuecker, Jannis and Goedeke, Sven and Helias, Moritz",
            "Optimal sequence memory in driven random networks",
            2018,
            {"journal": "Physical Review X", "volume": "8", "pages": "041029", "doi": "10.1103/PhysRevX.8.041029"},
        ),
        Reference(
            "mato2026",
            "Mato, Rigatuso & Torroba (2026). Statistics of correlations in nonlinear recurrent neural networks. "
            "arXiv:2510.21742",
            "misc",
            "Mato, Germán and Rigatuso, Facundo and Torroba, Gonzalo",
            "Statistics of correlations in nonlinear recurrent neural networks",
            2026,
            {"eprint": "2510.21742"},
        ),
        Reference(
            "hu2022",
            "Hu & Sompolinsky (2022). The spectrum of covariance matrices of randomly connected recurrent "
            "neuronal networks with linear dynamics. PLoS Computational Biology 18:e1010327",
            "article",
            "Hu, Yu and Sompolinsky, Haim",
            "The spectrum of covariance matrices of randomly connected recurrent neuronal networks with linear "
            "dynamics",
            2022,
            {
                "journal": "PLoS Computational Biology",
                "volume": "18",
                "pages": "e1010327",
                "doi": "10.1371/journal.pcbi.1010327",
            },
        ),
        Reference(
            "clark2023",
            "Clark, Abbott & Litwin-Kumar (2023). Dimension of activity in random neural networks. Physical "
            "Review Letters 131:118401",
            "article",
            "Clark, David G. and Abbott, L. F. and Litwin-Kumar, Ashok",
            "Dimension of activity in random neural networks",
            2023,
            {
                "journal": "Physical Review Letters",
                "volume": "131",
                "pages": "118401",
                "doi": "10.1103/PhysRevLett.131.118401",
            },
        ),
        Reference(
            "rungratsameetaweemana2025",
            "Rungratsameetaweemana, Kim, Chotibut & Sejnowski (2025). Random noise promotes slow heterogeneous "
            "synaptic dynamics important for robust working memory computation. PNAS 122(3):e2316745122",
            "article",
            "Rungratsameetaweemana, Nuttida and Kim, Robert and Chotibut, Thiparat and Sejnowski, Terrence J.",
            "Random noise promotes slow heterogeneous synaptic dynamics important for robust working memory "
            "computation",
            2025,
            {
                "journal": "Proceedings of the National Academy of Sciences",
                "volume": "122",
                "number": "3",
                "pages": "e2316745122",
                "doi": "10.1073/pnas.2316745122",
            },
        ),
        Reference(
            "eckstein2026",
            "Eckstein & Srinivasan (2026). Paradoxical noise preference in RNNs. Transactions on Machine Learning "
            "Research. arXiv:2601.04539",
            "article",
            "Eckstein, Noah and Srinivasan, Manoj",
            "Paradoxical noise preference in RNNs",
            2026,
            {"journal": "Transactions on Machine Learning Research", "eprint": "2601.04539"},
        ),
        Reference(
            "kim2019",
            "Kim, Li & Sejnowski (2019). Simple framework for constructing functional spiking recurrent neural "
            "networks. PNAS 116:22811–22820",
            "article",
            "Kim, Robert and Li, Yinghao and Sejnowski, Terrence J.",
            "Simple framework for constructing functional spiking recurrent neural networks",
            2019,
            {
                "journal": "Proceedings of the National Academy of Sciences",
                "volume": "116",
                "pages": "22811--22820",
                "doi": "10.1073/pnas.1905926116",
            },
        ),
        Reference(
            "moon2019",
            "Moon, van Dijk, Wang et al. (2019). Visualizing structure and transitions in high-dimensional "
            "biological data. Nature Biotechnology 37:1482–1492",
            "article",
            "Moon, Kevin R. and van Dijk, David and Wang, Zheng and others",
            "Visualizing structure and transitions in high-dimensional biological data",
            2019,
            {
                "journal": "Nature Biotechnology",
                "volume": "37",
                "pages": "1482--1492",
                "doi": "10.1038/s41587-019-0336-3",
            },
        ),
        *ON_INFERENCE,
        *ON_NOISE,
        *ON_POPULATIONS,
        *ON_MANY_UNITS,
        *ON_INFORMATION,
    )
}
#: Texts of the references by their keys.
PAPERS = {key: reference.text for key, reference in REFERENCES.items()}
SOFTWARE = Reference(  # agrees with CITATION.cff
    "noisette",
    "The Noisette developers (2026). Noisette: a laboratory for noise in recurrent neural networks. Version 0.1.0",
    "misc",
    "{The Noisette developers}",
    "Noisette: a laboratory for noise in recurrent neural networks",
    2026,
    {"note": "Version 0.1.0, MIT licence", "howpublished": "Computer software"},
)

__all__ = ["PAPERS", "REFERENCES", "SOFTWARE", "Reference"]
