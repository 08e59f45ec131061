"""What happens when a control, the address or the clock of a calculation changes."""

from typing import Any

import dash
from dash import ALL, MATCH, Input, Output, State, dcc, html, no_update

from noisette.app import downloads, uploads
from noisette.app.answers import Answer, Page, Part, always
from noisette.app.calculations import STOPPED, Calculation, Calculations
from noisette.app.layout import identifier, page_layout
from noisette.app.matrix import cells
from noisette.app.pages import FIRST, PAGES
from noisette.app.views import InvalidView, View
from noisette.errors import InputError

CODE = ("python", "command")


def register(app: dash.Dash, calculations: Calculations) -> None:
    """Register all callbacks of the explorer.

    Parameters
    ----------
    app : the app
    calculations : its calculations
    """
    _in_the_browser(app)
    app.callback(Output("page", "children"), Input("address", "pathname"), State("address", "search"))(show_page)
    for page in PAGES.values():
        for part in page.parts:
            _register_part(app, calculations, page, part)
        _register_page(app, calculations, page)


def _in_the_browser(app: dash.Dash) -> None:
    """Register the callbacks that run in the browser; see assets/explorer.js."""

    def browser(name: str, *arguments: Any, **options: Any) -> None:
        app.clientside_callback(dash.ClientsideFunction("explorer", name), *arguments, **options)

    control = {"kind": "control", "page": MATCH, "name": ALL}
    browser(
        "changed",
        Output({"kind": "view", "page": MATCH}, "data"),
        Input(control, "value"),
        Input(control | {"kind": "slider"}, "value"),
        State({"kind": "view", "page": MATCH}, "data"),
    )
    everywhere = {"page": ALL, "name": ALL}
    browser(
        "navigated",
        Output("past", "data"),
        Input("address", "href"),
        State({"kind": "control", **everywhere}, "value"),
    )
    figure = {"kind": "figure", "page": ALL, "part": ALL, "panel": ALL}
    browser(
        "dragged",
        Output("past", "data", allow_duplicate=True),
        Input(figure, "relayoutData"),
        State(figure, "figure"),
        prevent_initial_call=True,
    )
    cell = {"kind": "cell", **everywhere, "row": ALL, "column": ALL}
    browser(
        "clicked",
        Output("past", "data", allow_duplicate=True),
        Input(cell, "n_clicks"),
        State(cell, "title"),
        prevent_initial_call=True,
    )
    browser(
        "pressed",
        Output("past", "data", allow_duplicate=True),
        Input({"kind": "press", **everywhere}, "n_clicks"),
        State({"kind": "rules", **everywhere}, "data"),
        State({"kind": "control", **everywhere}, "value"),
        prevent_initial_call=True,
    )
    browser(
        "saved",
        Output("past", "data", allow_duplicate=True),
        Input({"kind": "image", "page": ALL, "panel": ALL, "format": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    for kind in CODE:
        copy = {"kind": f"copy-{kind}", "page": MATCH}
        browser("copied", Output(copy, "content"), Input(copy, "n_clicks"), State(copy | {"kind": kind}, "children"))


def show_page(pathname: str | None, search: str | None) -> Any:
    """Return the layout of the page of an address.

    Parameters
    ----------
    pathname, search : parts of the address
    """
    name = (pathname or "/").strip("/") or FIRST
    page = PAGES.get(name)
    if page is None:
        links = [html.Li(dcc.Link(each.title, href=f"/{each.name}")) for each in PAGES.values()]
        return html.Div([html.H1(f"There is no page {name[:40]!r}"), html.P("Pages:"), html.Ul(links)])
    try:
        return page_layout(page, page.view.read(search or ""), {})
    except InvalidView as error:
        outside = {n: message for n, message in error.errors.items() if n not in page.view.controls()}
        inside = {n: message for n, message in error.errors.items() if n not in outside}
        if outside:
            inside[""] = "; ".join(outside.values()) + "; the page shows its first view"
        return page_layout(page, page.view(), inside)


def _register_part(app: dash.Dash, calculations: Calculations, page: Page, part: Part) -> None:
    names = {"page": page.name, "part": part.name}
    # the first quick part follows each change of a control at once, and does not share the processor with the others
    first = next((each for each in page.parts if each.long is not always), page.parts[0])
    store = "view" if part is first else "settled"

    @app.callback(
        Output(identifier("figure", **names, panel=ALL), "figure"),
        Output(identifier("sentence", **names), "children"),
        Output(identifier("waiting", **names), "hidden"),
        Output(identifier("progress", **names), "value"),
        Output(identifier("state", **names), "children"),
        Output(identifier("clock", **names), "disabled"),
        Input(identifier(store, page=page.name), "data"),
        Input(identifier("clock", **names), "n_intervals"),
        Input(identifier("stop", **names), "n_clicks"),
        State("session", "data"),
        State(identifier("sentence", **names), "children"),
        prevent_initial_call=True,
    )
    def show(texts: dict[str, str], ticks: int, stops: int, session: str, shown: str) -> Any:
        count = len(part.panels)
        unchanged = [no_update] * count
        if not texts:
            return unchanged, no_update, True, 0, "", True
        try:
            view = page.view.read(texts)
        except InvalidView:
            return unchanged, "", True, 0, "", True
        if dash.ctx.triggered_id == identifier("stop", **names):
            calculations.leave(session, part.name)
            return unchanged, shown, True, 0, "", True
        if not part.long(view):
            calculation = calculations.now(page.name, part, view)
            return *_shown(calculation, part), True, 0, "", True
        again = dash.ctx.triggered_id == identifier("clock", **names)
        calculation = calculations.request(page.name, part, view, session, again=again)
        finished = session in calculation.left or (calculation.finished.is_set() and calculation.error != STOPPED)
        fraction = calculation.done / calculation.total if calculation.total else None
        state = "" if finished else calculation.remaining()
        return *_shown(calculation, part), finished, fraction or 0, state, finished


def _shown(calculation: Calculation, part: Part) -> tuple[list[Any], Any]:
    """Return the figures and the sentence of a calculation as it stands."""
    answer = calculation.answer
    error = calculation.error if calculation.error != STOPPED else ""
    if answer is None:
        return [no_update] * len(part.panels), error or no_update
    return [answer.figures[panel.name] for panel in part.panels], error or answer.sentence


def _register_page(app: dash.Dash, calculations: Calculations, page: Page) -> None:
    name = page.name
    view_data = Input(identifier("settled", page=name), "data")

    @app.callback(
        Output({"kind": "control", "page": name, "name": ALL}, "error"),
        view_data,
        State({"kind": "control", "page": name, "name": ALL}, "id"),
        prevent_initial_call=True,
    )
    def show_errors(texts: dict[str, str], places: list[dict[str, str]]) -> list[str]:
        try:
            page.view.read(texts)
        except InvalidView as error:
            return [error.errors.get(place["name"], "") for place in places]
        return [""] * len(places)

    @app.callback(
        Output(identifier("python", page=name), "children"),
        Output(identifier("command", page=name), "children"),
        view_data,
        prevent_initial_call=True,
    )
    def show_code(texts: dict[str, str]) -> Any:
        view = _view(page, texts)
        return ("", "") if view is None else (page.python(view), page.command(view))

    @app.callback(
        Output(identifier("download", page=name), "data"),
        Input({"kind": "save", "page": name, "format": ALL}, "n_clicks"),
        State(identifier("view", page=name), "data"),
        prevent_initial_call=True,
    )
    def save(clicks: list[int], texts: dict[str, str]) -> Any:
        view, button = _view(page, texts), dash.ctx.triggered_id
        if view is None or button is None or not any(clicks or []):
            return no_update
        return downloads.of(page, view, calculations, button["format"])

    @app.callback(
        Output(identifier("values", page=name), "children"),
        view_data,
        Input({"kind": "sentence", "page": name, "part": ALL}, "children"),
        prevent_initial_call=True,
    )
    def show_values(texts: dict[str, str], sentences: list[str]) -> Any:
        view = _view(page, texts)
        if view is None:
            return ""
        answers = [calculations.known(name, part, view) for part in page.parts]
        rows = [(label, value) for a in answers if a is not None for label, value in a.values.items()]
        return html.Table([html.Tr([html.Th(label, scope="row"), html.Td(value)]) for label, value in rows])

    if any(getattr(control, "upload", False) for control in page.view.controls().values()):
        _register_upload(app, page)


def _register_upload(app: dash.Dash, page: Page) -> None:
    name = page.name
    place = {"page": name, "name": MATCH}

    @app.callback(
        Output({"kind": "control", **place}, "value"),
        Output({"kind": "upload-message", **place}, "children"),
        Input({"kind": "upload", **place}, "contents"),
        State({"kind": "upload", **place}, "filename"),
        prevent_initial_call=True,
    )
    def receive(contents: str | None, filename: str) -> Any:
        trigger = dash.ctx.triggered_id
        if contents is None or trigger is None:
            return no_update, no_update
        field, token = trigger["name"], ""
        try:
            token = uploads.keep(uploads.decoded(contents, filename), filename)
            page.view.read({field: token})
        except InvalidView as error:
            if field in error.errors:  # others are shown beside their own controls
                return no_update, error.errors[field]
        except InputError as error:
            return no_update, str(error)
        return token, html.Span(f"{filename} is used.", className="used")

    if not hasattr(page.view, "weight_matrix"):  # the uploaded files of this page are no matrices
        return

    @app.callback(
        Output({"kind": "cells", "page": name, "name": "weights"}, "children"),
        Input(identifier("settled", page=name), "data"),
        prevent_initial_call=True,
    )
    def show_cells(texts: dict[str, str]) -> Any:
        view = _view(page, texts)
        return "" if view is None else cells(page.name, view)


def _view(page: Page, texts: dict[str, str] | None) -> View | None:
    try:
        return page.view.read(texts or {})
    except InvalidView:
        return None


__all__ = ["Answer", "register", "show_page"]
