"""The layout: one shell for all pages, and the controls that a view describes."""

import math
from typing import Any
from uuid import uuid4

import dash_mantine_components as dmc
from dash import dcc, html

from noisette.app.answers import Page, Panel, Part, Story
from noisette.app.controls import Choice, Control, Number, Text
from noisette.app.matrix import aria
from noisette.app.pages import PAGES
from noisette.app.views import View

POLL = 250  # milliseconds between questions about a calculation in the background
GRAPH: Any = {
    "displaylogo": False,
    "responsive": True,
    "edits": {"shapePosition": True},  # marks with the name of a parameter can be dragged
    "modeBarButtonsToRemove": ["toImage", "lasso2d", "select2d", "autoScale2d"],  # files have buttons of their own
}


def identifier(kind: str, **names: Any) -> dict[str, Any]:
    """Return the identifier of a component: its kind and the names that tell it from others of its kind."""
    return {"kind": kind, **names}


def shell() -> Any:
    """Return the frame of all pages: title, navigation, colour scheme, and the place of the page."""
    links = [
        dcc.Link(page.title, href=f"/{page.name}", id=identifier("link", page=page.name), className="tab")
        for page in PAGES.values()
    ]
    return dmc.MantineProvider(
        [
            dcc.Location(id="address", refresh="callback-nav"),
            dcc.Store(id="session", data=uuid4().hex),
            dcc.Store(id="past"),
            html.A("Skip to the figures", href="#figures", className="skip"),
            html.Header(
                [
                    html.Strong("Noisette", className="name"),
                    html.Nav(links, **aria(label="Pages")),
                    dmc.ColorSchemeToggle(
                        lightIcon="☀",
                        darkIcon="☾",
                        variant="subtle",
                        color="gray",
                        **aria(label="Light or dark colours"),
                    ),
                ]
            ),
            html.Main(id="page"),
        ],
        defaultColorScheme="auto",
        theme={"primaryColor": "indigo", "fontFamily": "system-ui, sans-serif"},
    )


def page_layout(page: Page, view: View, errors: dict[str, str]) -> Any:
    """Return a page with the controls of a view.

    Parameters
    ----------
    page : the page
    view : view whose values the controls have
    errors : messages by parameter, shown beside the controls; the empty name stands for the page
    """
    name = page.name
    return html.Div(
        [
            dcc.Store(id=identifier("view", page=name)),
            dcc.Store(id=identifier("settled", page=name)),
            dcc.Download(id=identifier("download", page=name)),
            html.Section(_heading(page, errors), className="heading"),
            html.Section(_controls(page, view, errors), className="controls", **aria(label="Parameters")),
            html.Section(
                [
                    html.Div([_sentences(page)], className="sentences"),
                    *[panel for part in page.parts for panel in _panels(page, part)],
                ],
                id="figures",
                className="figures",
                **aria(label="Figures"),
            ),
            html.Section(_actions(page), className="actions"),
        ],
        className="page",
        key=name,
    )


def _heading(page: Page, errors: dict[str, str]) -> list[Any]:
    message = [html.P(errors[""], className="message", role="alert")] if "" in errors else []
    stories = [_story(story) for story in page.stories]
    return [
        html.H1(page.question),
        *message,
        html.Details([html.Summary("Stories: start from a finding"), html.Div(stories, className="stories")]),
    ]


def _story(story: Story) -> Any:
    return html.Article(
        [
            html.H2(dcc.Link(story.title, href=story.view.address())),
            html.P(story.text),
            html.P([html.Em("Try: "), story.attempt]),
        ]
    )


def _controls(page: Page, view: View, errors: dict[str, str]) -> list[Any]:
    groups: dict[str, list[Any]] = {}
    for name, entry in type(view).controls().items():
        groups.setdefault(entry.group, []).append(
            _control(page.name, name, entry, view.texts()[name], errors.get(name, ""))
        )
    return [html.Fieldset([html.Legend(title), *members]) for title, members in groups.items()]


def _control(page: str, name: str, entry: Control, text: str, error: str) -> Any:
    """Return the component of a control, whose property `value` is the value of the parameter."""
    label = f"{entry.label} ({entry.unit})" if entry.unit else entry.label
    place = identifier("control", page=page, name=name)
    common: dict[str, Any] = {"label": label, "description": entry.help, "size": "xs"}
    if isinstance(entry, Choice):
        data = [{"value": value, "label": words} for value, words in entry.options]
        component: Any = dmc.Select(id=place, data=data, value=text, allowDeselect=False, error=error, **common)
    elif isinstance(entry, Number):
        component = _number(place, entry, text, error, common)
    else:
        suggestions = list(entry.suggestions) if isinstance(entry, Text) else []
        make = dmc.Autocomplete if suggestions else dmc.TextInput
        options: dict[str, Any] = {"data": suggestions} if suggestions else {}
        component = make(id=place, value=text, error=error, debounce=350, **options, **common)
    return html.Div([component, *_extra(page, name, entry)], className="control")


def _number(place: dict[str, str], entry: Number, text: str, error: str, common: dict[str, Any]) -> Any:
    limits: dict[str, Any] = {"min": entry.low, "max": entry.high, "step": entry.step}
    field = dmc.NumberInput(
        id=place,
        value=float(text),
        error=error,
        debounce=350,
        allowDecimal=not entry.whole,
        clampBehavior="none",
        **limits,
        **common,
    )
    if not entry.slider:
        return field
    value = float(text)
    if entry.logarithmic:  # assets/explorer.js converts between the slider and the field
        value = math.log10(value)
        limits |= {"min": math.log10(entry.low), "max": math.log10(entry.high)}
    slider = dmc.Slider(
        id=place | {"kind": "slider"},
        value=value,
        updatemode="drag",
        size="sm",
        label=None,
        thumbLabel=common["label"],
        **limits,
    )
    return html.Div([field, slider], className="with-slider logarithmic" if entry.logarithmic else "with-slider")


def _extra(page: str, name: str, entry: Control) -> list[Any]:
    """Return what stands below a control: its button, the field for files, the cells of a small matrix."""
    parts: list[Any] = []
    if entry.button:
        rules = dcc.Store(id=identifier("rules", page=page, name=name), data=dict(entry.press))
        parts += [rules, html.Button(entry.button, id=identifier("press", page=page, name=name), type="button")]
    if isinstance(entry, Text) and entry.upload:
        button = html.Button("Upload a file …", type="button", className="upload", tabIndex="-1", **aria(hidden="true"))
        # no max_size: the server states in words what is too large
        parts.append(dcc.Upload(button, id=identifier("upload", page=page, name=name)))
        parts.append(html.P(id=identifier("upload-message", page=page, name=name), className="message", role="status"))
        parts.append(html.Div(id=identifier("cells", page=page, name=name), className="cells"))
    return parts


def _sentences(page: Page) -> Any:
    return html.Div(
        [
            html.P(id=identifier("sentence", page=page.name, part=part.name), className="sentence")
            for part in page.parts
        ],
        role="status",
        **aria(live="polite"),
    )


def _panels(page: Page, part: Part) -> list[Any]:
    progress = html.Div(
        [
            html.Progress(id=identifier("progress", page=page.name, part=part.name), max=1, value="0"),
            html.Span(id=identifier("state", page=page.name, part=part.name)),
            html.Button("Stop", id=identifier("stop", page=page.name, part=part.name), type="button"),
            dcc.Interval(
                id=identifier("clock", page=page.name, part=part.name), interval=POLL, n_intervals=0, disabled=True
            ),
        ],
        id=identifier("waiting", page=page.name, part=part.name),
        className="waiting",
        hidden=True,
    )
    return [progress, *[_panel(page, part, panel) for panel in part.panels]]


def _panel(page: Page, part: Part, panel: Panel) -> Any:
    graph = dcc.Graph(
        id=identifier("figure", page=page.name, part=part.name, panel=panel.name),
        config=GRAPH,
        style={"height": f"{panel.height}px"},
        clear_on_unhover=True,
    )
    title = html.H2(panel.title, id=f"title-{panel.name}")
    files = [
        html.Button(
            kind.upper(),
            id=identifier("image", page=page.name, panel=panel.name, format=kind),
            type="button",
            **aria(label=f"Save {panel.title} as {kind.upper()}"),
        )
        for kind in ("svg", "png")
    ]
    head = html.Div([title, html.Div(files, className="files")], className="head")
    described = aria(labelledby=f"title-{panel.name}")
    return html.Div([head, graph], className="panel wide" if panel.wide else "panel", role="group", **described)


def _actions(page: Page) -> list[Any]:
    name = page.name
    buttons = [
        html.Button(text, id=identifier("save", page=name, format=kind), type="button")
        for kind, text in (("nc", "Data (netCDF)"), ("csv", "Data (CSV)"))
    ]
    return [
        html.Div(
            [*buttons, html.Small("The address of this page contains all parameters: a link to it shows this view.")],
            className="buttons",
        ),
        html.Details([html.Summary("Numbers"), html.Div(id=identifier("values", page=name))]),
        html.Details([html.Summary("As Python"), _code(identifier("python", page=name), "Copy as Python")]),
        html.Details([html.Summary("As a command"), _code(identifier("command", page=name), "Copy as command")]),
    ]


def _code(place: dict[str, str], label: str) -> Any:
    return html.Div(
        [
            html.Pre(html.Code(id=place)),
            dcc.Clipboard(id=place | {"kind": f"copy-{place['kind']}"}, title=label, className="copy"),
        ],
        className="code",
    )


__all__ = ["identifier", "page_layout", "shell"]
