"""References on the inference of networks from recordings of their activity."""

from noisette.references._reference import Reference

ON_INFERENCE = (
    Reference(
        "dahmen2019",
        "Dahmen, Grün, Diesmann & Helias (2019). Second type of criticality in the brain uncovers rich multiple-neuron "
        "dynamics. Proceedings of the National Academy of Sciences 116:13051–13060. arXiv:1711.10930",
        "article",
        "Dahmen, David and Grün, Sonja and Diesmann, Markus and Helias, Moritz",
        "Second type of criticality in the brain uncovers rich multiple-neuron dynamics",
        2019,
        {
            "journal": "Proceedings of the National Academy of Sciences",
            "volume": "116",
            "pages": "13051--13060",
            "doi": "10.1073/pnas.1818972116",
            "eprint": "1711.10930",
        },
    ),
    Reference(
        "gilson2016",
        "Gilson, Moreno-Bote, Ponce-Alvarez, Ritter & Deco (2016). Estimation of directed effective connectivity from "
        "fMRI functional connectivity hints at asymmetries of cortical connectome. PLoS Computational Biology "
        "12:e1004762",
        "article",
        "Gilson, Matthieu and Moreno-Bote, Ruben and Ponce-Alvarez, Adrián and Ritter, Petra and Deco, Gustavo",
        "Estimation of directed effective connectivity from fMRI functional connectivity hints at asymmetries of "
        "cortical connectome",
        2016,
        {
            "journal": "PLoS Computational Biology",
            "volume": "12",
            "pages": "e1004762",
            "doi": "10.1371/journal.pcbi.1004762",
        },
    ),
    Reference(
        "roudi2011",
        "Roudi & Hertz (2011). Mean field theory for nonequilibrium network reconstruction. Physical Review Letters "
        "106:048702",
        "article",
        "Roudi, Yasser and Hertz, John",
        "Mean field theory for nonequilibrium network reconstruction",
        2011,
        {
            "journal": "Physical Review Letters",
            "volume": "106",
            "pages": "048702",
            "doi": "10.1103/PhysRevLett.106.048702",
        },
    ),
)
