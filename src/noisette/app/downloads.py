"""Files with the numbers of a view."""

from typing import Any

import xarray as xr
from dash import dcc

from noisette.app.answers import Page
from noisette.app.calculations import Calculations
from noisette.app.results import netcdf
from noisette.app.views import View


def of(page: Page, view: View, calculations: Calculations, kind: str) -> Any:
    """Return a download with the data of all parts of a page that are known.

    Parameters
    ----------
    page : the page
    view : the view
    calculations : calculations of the server
    kind : nc for netCDF, or csv for a table of the first part, with one row per value of its coordinates
    """
    answers = {part.name: calculations.known(page.name, part, view) for part in page.parts}
    known = {name: answer for name, answer in answers.items() if answer is not None and answer.data.variables}
    if kind == "csv":
        table = _table(next(iter(known.values())).data).to_dataframe().reset_index()
        return dcc.send_string(table.to_csv(index=False), f"{page.name}.csv", type="text/csv")
    return dcc.send_bytes(netcdf(view, known), f"{page.name}.nc", type="application/x-netcdf")


def _table(data: xr.Dataset) -> xr.Dataset:
    """Return the variables that depend on no other dimensions than the first one; the others would multiply the rows.

    Parameters
    ----------
    data : numbers of a part
    """
    dims = set(next(iter(data.data_vars.values())).dims)
    return data[[name for name, values in data.data_vars.items() if dims.issuperset(values.dims)]]


__all__ = ["of"]
