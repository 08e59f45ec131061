"""Papers by name, as given on the command line."""

from noisette.arguments import check_arguments
from noisette.papers._paper import Paper
from noisette.registry import lookup


@check_arguments
def from_string(text: str) -> Paper:
    """Return the paper that `text` names.

    Parameters
    ----------
    text : ``recurrence-resonance``, ``freezing-chaos``, ``correlations``, ``working-memory``, ``noise-preference``,
        or ``MODULE:NAME``: a `Paper`, or a function that returns one

    Raises
    ------
    InputError : If the name is unknown, or if the object is not a paper.

    Examples
    --------
    >>> [figure.name for figure in from_string("recurrence-resonance").figures][:2]
    ['fig1', 'fig2a']
    """
    name = lookup("papers", text, _is_paper)
    if name.arguments and not name.imported:
        raise name.unreadable()
    return name.build(_is_paper, "a noisette.papers.Paper")


def _is_paper(value: object) -> bool:
    return isinstance(value, Paper)
