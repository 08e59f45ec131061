"""`noisette explore`: pages in a browser that show what noise does, and their numbers without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._options import Json, Out
from noisette.errors import require
from noisette.imports import import_extra, missing


def command(
    address: Annotated[
        str | None, typer.Argument(help="Address of a view, such as 'resonance?noise=7'; the first page by default.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port; by default 8050, or a free one if it is in use.", min=0, max=65535)
    ] = None,
    host: Annotated[str, typer.Option(help="Address of the network interface.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(help="Address under which other computers open the page, such as http://lab.example:8050."),
    ] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="File that the address names, as if it had been uploaded.")
    ] = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Explore in a browser: resonance, correlations, working memory, chaos and populations, in noise.

    With --json or --out the numbers of one view are computed without a browser.

    Example: noisette explore

    Example: noisette explore 'resonance?weights=autapses:10&noise=7&start=0' --json
    """
    if file:
        from noisette.app import uploads

        for path in file:
            uploads.keep(path.read_bytes(), path.name)
    if json or out is not None:
        _compute(address or "", json, _output.folder(out))
        return
    for library in missing("app"):
        import_extra(library, "app")
    from noisette.app.server import explore, is_local

    place = "" if address is None else _checked(address)
    if not is_local(host):
        require(
            bool(allow_origin),
            f"--host {host}, which other computers reach",
            "127.0.0.1 without --allow-origin",
            "state with --allow-origin the address under which they open the page",
        )
        typer.echo(f"noisette: everyone who reaches {host} can use this server and its processor", err=True)
    explore(host, port, allow_origin or [], browser=browser, address=place)


def _checked(address: str) -> str:
    from noisette.app.results import view_of

    return view_of(address).address()


def _compute(address: str, json: bool, folder: Path | None) -> None:
    from noisette.app import results
    from noisette.app.pages import PAGES

    view = results.view_of(address)
    page = PAGES[view.page]
    with nz.studies.Progress(page.title) as progress:
        known = results.answers(view, progress)
    if folder is not None:
        (folder / f"{page.name}.nc").write_bytes(results.netcdf(view, known))
    if json:
        _output.show_json(results.as_dict(page, view, known))
        return
    for answer in known.values():
        _output.print_line(answer.sentence)
    _output.print_line(f"saved in {folder}")
