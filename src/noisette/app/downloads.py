"""Files with the numbers of a view."""

import tempfile
from pathlib import Path
from typing import Any

import xarray as xr
from dash import dcc

from noisette.app.answers import Page
from noisette.app.calculations import Calculations
from noisette.app.views import View
from noisette.studies import save


def of(page: Page, view: View, calculations: Calculations, kind: str) -> Any:
    """Return a download with the data of all parts of a page that are known.

    Parameters
    ----------
    page : the page
    view : the view
    calculations : calculations of the server
    kind : nc for netCDF, or csv for a table of the first part, of one row per value of its coordinates
    """
    answers = {part.name: calculations.known(page.name, part, view) for part in page.parts}
    data = {name: answer.data for name, answer in answers.items() if answer is not None and answer.data.variables}
    if kind == "csv":
        table = next(iter(data.values())).to_dataframe().reset_index()
        return dcc.send_string(table.to_csv(index=False), f"{page.name}.csv", type="text/csv")
    return dcc.send_bytes(_netcdf(data, view), f"{page.name}.nc", type="application/x-netcdf")


def _netcdf(data: dict[str, xr.Dataset], view: View) -> bytes:
    """Return one netCDF file; names that occur in several parts are preceded by that of their part."""
    joined = xr.Dataset(attrs={"address": view.address()})
    for name, each in data.items():
        taken = set(joined.variables) | set(joined.sizes)
        names = {str(n): f"{name}_{n}" for n in (*each.variables, *each.sizes) if n in taken}
        joined = joined.merge(each.drop_attrs().rename(names))
        joined.attrs |= {f"{name}_{key}": value for key, value in each.attrs.items()}
    with tempfile.TemporaryDirectory() as folder:
        return Path(save(joined, Path(folder) / "view.nc")).read_bytes()


__all__ = ["of"]
