"""Study files: TOML descriptions of a network, a measure and a grid."""

from pathlib import Path

from noisette.arguments import check_arguments
from noisette.studies import Study
from noisette.study_files._plan import build_network, measured, refused_code
from noisette.study_files._study import StudyFile

__all__ = ["build_network", "measured", "read_study"]


@check_arguments
def read_study(file: str | Path, *, code: bool = True) -> Study:
    """Return the study described by a TOML file.

    Objects are named as on the command line (see ``noisette list``): weights as ``gaussian:200``, which are drawn
    independently for each repeat; noises as ``white:0.1``, activations as ``tanh``, and any object as ``MODULE:NAME``.
    A coordinate of ``[grid]`` is a key of ``[network]`` or ``[measure]``, or a placeholder in braces in their strings,
    as in ``weights = "gaussian:{size}"``. If both sections have the key, the coordinate is qualified by the section, as
    in ``measure.noise``.

    A network of the kind ``populations`` has ``sizes``, ``mean``, ``variance``, ``density`` and ``reciprocity`` of
    `ensembles.Blocks`, or ``weights``, an ensemble, or both, which are added; ``activation``, ``tau`` and ``bias`` may
    be one for each population. Its measure ``populations`` is `analysis.population_activity`.

    Parameters
    ----------
    file : TOML file, for example::

            name = "onset of chaos"
            repeats = 4

            [network]
            kind = "rate"                 # or populations, boltzmann, sign, MODULE:NAME
            weights = "gaussian:{size}"
            noise = "white:0.1"

            [measure]
            kind = "lyapunov"             # or simulate, dimension, resonance, populations, MODULE:FUNCTION
            duration = 100.0
            dt = 0.05

            [grid]
            size = [100, 200]
            gain = { from = 0.5, to = 2.5, count = 9 }
    code : whether the file may name code, ``MODULE:NAME`` or ``FILE.py:NAME``, which is executed when the file is read.
        If False, neither reading the file nor running the study executes code that the file names

    Raises
    ------
    InputError : If the file is invalid, or names code although `code` is False; the message contains the line, key and
        value, and what is allowed.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "study.toml"
    >>> text = '[network]\\nkind = "boltzmann"\\nweights = "autapses:10"\\n[measure]\\nkind = "resonance"\\n'
    >>> size = file.write_text(text + "[grid]\\nmeasure.noise = [0, 4, 50]\\n")
    >>> read_study(file).run().information.values.round(2)
    array([3.28, 4.54, 0.09])
    """
    with refused_code(code):
        return StudyFile(Path(file), code).study()
