"""Random views of a page of the explorer."""

from hypothesis import strategies as st

from noisette.app.controls import Choice, Control, Number, Text
from noisette.app.views import View


def texts_of(page: type[View], **fixed: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    """Return a strategy of the texts of all parameters, as an address states them.

    Parameters
    ----------
    page : class of the views
    fixed : strategies of some parameters, which replace those of their controls
    """
    return st.fixed_dictionaries({n: fixed.get(n, values(control)) for n, control in page.controls().items()})


def values(control: Control) -> st.SearchStrategy[str]:
    """Return a strategy of the texts that a control accepts, apart from the checks of its own."""
    if isinstance(control, Choice):
        return st.sampled_from([value for value, _ in control.options])
    if isinstance(control, Number) and control.whole:
        return st.integers(int(control.low), int(control.high)).map(str)
    if isinstance(control, Number):
        return st.floats(control.low, control.high).map(repr)
    assert isinstance(control, Text)
    return st.sampled_from(control.suggestions)
