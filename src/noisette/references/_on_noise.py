"""References on synchronisation by noise, on reliability, and on stochastic and coherence resonance."""

from noisette.references._reference import Reference

ON_NOISE = (
    Reference(
        "molgedey1992",
        "Molgedey, Schuchhardt & Schuster (1992). Suppressing chaos in neural networks by noise. "
        "Physical Review Letters 69:3717–3719",
        "article",
        "Molgedey, L. and Schuchhardt, J. and Schuster, H. G.",
        "Suppressing chaos in neural networks by noise",
        1992,
        {
            "journal": "Physical Review Letters",
            "volume": "69",
            "pages": "3717--3719",
            "doi": "10.1103/PhysRevLett.69.3717",
        },
    ),
    Reference(
        "toral2001",
        "Toral, Mirasso, Hernández-García & Piro (2001). Analytical and numerical studies of noise-induced "
        "synchronization of chaotic systems. Chaos 11:665–673",
        "article",
        "Toral, Raúl and Mirasso, Claudio R. and Hernández-García, Emilio and Piro, Oreste",
        "Analytical and numerical studies of noise-induced synchronization of chaotic systems",
        2001,
        {"journal": "Chaos", "volume": "11", "pages": "665--673", "doi": "10.1063/1.1386397"},
    ),
    Reference(
        "ginelli2007",
        "Ginelli, Poggi, Turchi, Chaté, Livi & Politi (2007). Characterizing dynamics with covariant Lyapunov "
        "vectors. Physical Review Letters 99:130601. arXiv:0706.0510",
        "article",
        "Ginelli, F. and Poggi, P. and Turchi, A. and Chaté, H. and Livi, R. and Politi, A.",
        "Characterizing dynamics with covariant Lyapunov vectors",
        2007,
        {
            "journal": "Physical Review Letters",
            "volume": "99",
            "pages": "130601",
            "doi": "10.1103/PhysRevLett.99.130601",
            "eprint": "0706.0510",
        },
    ),
    Reference(
        "mainen1995",
        "Mainen & Sejnowski (1995). Reliability of spike timing in neocortical neurons. Science 268:1503–1506",
        "article",
        "Mainen, Zachary F. and Sejnowski, Terrence J.",
        "Reliability of spike timing in neocortical neurons",
        1995,
        {"journal": "Science", "volume": "268", "pages": "1503--1506", "doi": "10.1126/science.7770778"},
    ),
    Reference(
        "lin2009",
        "Lin, Shea-Brown & Young (2009). Reliability of coupled oscillators. Journal of Nonlinear Science 19:497–545",
        "article",
        "Lin, Kevin K. and Shea-Brown, Eric and Young, Lai-Sang",
        "Reliability of coupled oscillators",
        2009,
        {
            "journal": "Journal of Nonlinear Science",
            "volume": "19",
            "pages": "497--545",
            "doi": "10.1007/s00332-009-9042-5",
        },
    ),
    Reference(
        "gammaitoni1998",
        "Gammaitoni, Hänggi, Jung & Marchesoni (1998). Stochastic resonance. Reviews of Modern Physics 70:223–287",
        "article",
        "Gammaitoni, Luca and Hänggi, Peter and Jung, Peter and Marchesoni, Fabio",
        "Stochastic resonance",
        1998,
        {
            "journal": "Reviews of Modern Physics",
            "volume": "70",
            "pages": "223--287",
            "doi": "10.1103/RevModPhys.70.223",
        },
    ),
    Reference(
        "jung1991",
        "Jung & Hänggi (1991). Amplification of small signals via stochastic resonance. Physical Review A 44:8032–8042",
        "article",
        "Jung, Peter and Hänggi, Peter",
        "Amplification of small signals via stochastic resonance",
        1991,
        {"journal": "Physical Review A", "volume": "44", "pages": "8032--8042", "doi": "10.1103/PhysRevA.44.8032"},
    ),
    Reference(
        "mcnamara1989",
        "McNamara & Wiesenfeld (1989). Theory of stochastic resonance. Physical Review A 39:4854–4869",
        "article",
        "McNamara, Bruce and Wiesenfeld, Kurt",
        "Theory of stochastic resonance",
        1989,
        {"journal": "Physical Review A", "volume": "39", "pages": "4854--4869", "doi": "10.1103/PhysRevA.39.4854"},
    ),
    Reference(
        "collins1995",
        "Collins, Chow & Imhoff (1995). Aperiodic stochastic resonance in excitable systems. Physical Review E "
        "52:R3321–R3324",
        "article",
        "Collins, J. J. and Chow, Carson C. and Imhoff, Thomas T.",
        "Aperiodic stochastic resonance in excitable systems",
        1995,
        {
            "journal": "Physical Review E",
            "volume": "52",
            "pages": "R3321--R3324",
            "doi": "10.1103/PhysRevE.52.R3321",
        },
    ),
    Reference(
        "borst1999",
        "Borst & Theunissen (1999). Information theory and neural coding. Nature Neuroscience 2:947–957",
        "article",
        "Borst, Alexander and Theunissen, Frédéric E.",
        "Information theory and neural coding",
        1999,
        {"journal": "Nature Neuroscience", "volume": "2", "pages": "947--957", "doi": "10.1038/14731"},
    ),
    Reference(
        "pikovsky1997",
        "Pikovsky & Kurths (1997). Coherence resonance in a noise-driven excitable system. Physical Review Letters "
        "78:775–778",
        "article",
        "Pikovsky, Arkady S. and Kurths, Jürgen",
        "Coherence resonance in a noise-driven excitable system",
        1997,
        {
            "journal": "Physical Review Letters",
            "volume": "78",
            "pages": "775--778",
            "doi": "10.1103/PhysRevLett.78.775",
        },
    ),
)
