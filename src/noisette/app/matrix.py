"""A small matrix whose cells can be clicked."""

from typing import Any

from dash import html

from noisette.app.views import View

MOST_UNITS = 8


def aria(**attributes: str) -> dict[str, Any]:
    """Return attributes for screen readers, such as ``aria-label`` from ``label``.

    Examples
    --------
    >>> aria(label="Pages")
    {'aria-label': 'Pages'}
    """
    return {f"aria-{name}": text for name, text in attributes.items()}


def cells(page: str, view: View) -> Any:
    """Return the cells of the weights of a view as buttons; nothing if there are many.

    Parameters
    ----------
    page : name of the page
    view : view with the method `weight_matrix`
    """
    matrix = view.weight_matrix()  # type: ignore[attr-defined]
    if len(matrix) > MOST_UNITS:
        return ""
    rows = []
    for i, row in enumerate(matrix):
        buttons = [
            html.Button(
                f"{value:.3g}",
                id={"kind": "cell", "page": page, "name": "weights", "row": i, "column": j},
                type="button",
                title=repr(float(value)),  # from which assets/explorer.js makes the next matrix
                className="cell positive" if value > 0 else "cell negative" if value < 0 else "cell",
                **aria(label=f"weight from unit {j} to unit {i}: {value:.3g}"),
            )
            for j, value in enumerate(row)
        ]
        rows.append(html.Div(buttons, className="row"))
    return html.Div(rows, role="group", **aria(label="Weights; rows are targets"))


__all__ = ["aria", "cells"]
