"""The server of the explorer: the app, the checks of each request, and the loop."""

import logging
import os
import socket
import threading
import time
import warnings
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dash
import dash_mantine_components  # noqa: F401 - its scripts are part of the frame of the page
import flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from noisette.app import uploads
from noisette.errors import InputError, require

if TYPE_CHECKING:
    from noisette.app.calculations import Calculations
else:
    Calculations = Any

Complete = Callable[..., None]
USUAL_PORT = 8050
FIRST = "resonance"  # page of an empty address
QUIET = 5.0  # seconds that the first view has for itself before programs of other pages are compiled
LOCAL = ("127.0.0.1", "localhost", "[::1]")
MOST_BODY = uploads.MOST_BYTES * 4 // 3 + 2**20  # bytes of a request: a file in base64, and the rest
HEADERS = {
    # scripts of Dash are in the page, and Plotly.js makes functions for its drawings
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Handler(WSGIRequestHandler):
    """Connections that stay open between requests, without a line in the terminal for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


def create_app(origins: Sequence[str] = (), calculations: Calculations | None = None) -> dash.Dash:
    """Return the explorer as a Dash app.

    Parameters
    ----------
    origins : addresses other than those of this computer under which the page may be opened, such as
        ``http://lab.example:8050``
    calculations : calculations that the app shares with others; its own by default

    Raises
    ------
    InputError : If an origin is no address of the form ``http://HOST[:PORT]``.

    Examples
    --------
    >>> create_app().title
    'Noisette explorer'
    """
    app, complete = _empty_app(origins)
    complete(calculations)
    return app


def _empty_app(origins: Sequence[str]) -> tuple[dash.Dash, Complete]:
    """Return an app without pages, and the function that adds them.

    Adding the pages imports the library, which takes longer than a browser needs to load the scripts; until then,
    requests for what depends on the pages wait.
    """
    allowed = {_host(origin): origin for origin in origins}
    app = dash.Dash(
        "noisette.app",
        title="Noisette explorer",
        update_title="",
        assets_folder=str(Path(__file__).parent / "assets"),
        serve_locally=True,
        suppress_callback_exceptions=True,
        eager_loading=True,  # the browser reads the scripts of figures while the server imports the library
        enable_mcp=False,
        add_log_handler=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        index_string=INDEX,
    )
    app.server.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    app.layout = dash.html.Div()  # until there are pages
    pages = threading.Event()
    app.server.before_request(lambda: _refused(flask.request, allowed))
    app.server.before_request(lambda: _wait(flask.request, pages))
    app.server.after_request(_with_headers)

    def complete(calculations: Calculations | None = None, first: str = "") -> None:
        from noisette.app.calculations import Calculations
        from noisette.app.callbacks import register
        from noisette.app.layout import shell

        app.layout = shell
        register(app, calculations or Calculations())
        if first:
            _compile(first, slice(1))  # before the browser draws, which needs the processor, too
        pages.set()

    return app, complete


def _wait(request: flask.Request, pages: threading.Event) -> None:
    """Wait for the pages, unless a request is for the frame of the page or for a script."""
    if request.path in ("/_dash-layout", "/_dash-dependencies", "/_dash-update-component"):
        pages.wait()


INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <title>{%title%}</title>
        <link rel="icon" href="data:,">
        {%css%}
    </head>
    <body>
        {%app_entry%}
        <noscript>The explorer needs JavaScript.</noscript>
        <footer>{%config%}{%scripts%}{%renderer%}</footer>
    </body>
</html>"""


def _host(origin: str) -> str:
    scheme, separator, host = origin.rstrip("/").partition("://")
    fits = bool(separator) and scheme in ("http", "https") and bool(host) and not set(host) & set("/?#@ ")
    require(fits, f"--allow-origin {origin!r}", "an address of the form http://HOST:PORT")
    return host


def _refused(request: flask.Request, allowed: dict[str, str]) -> Any:
    """Return an error for a request that another page, or another name of this computer, makes; None otherwise.

    A page of another origin could make the browser send requests here, directly or by a name that it lets point to this
    computer; the headers Host and Origin tell.
    """
    host = request.host
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if name not in LOCAL and host not in allowed:
        return flask.Response(f"this server is not {host[:80]}; see --allow-origin", 403, mimetype="text/plain")
    origin = request.headers.get("Origin")
    if origin is not None and origin not in (f"http://{host}", allowed.get(host)):
        return flask.Response(f"requests from {origin[:80]} are not allowed", 403, mimetype="text/plain")
    return None


def _with_headers(response: flask.Response) -> flask.Response:
    response.headers.update(HEADERS)
    return response


def is_local(host: str) -> bool:
    """Return whether only this computer reaches an interface.

    Parameters
    ----------
    host : address of the interface

    Examples
    --------
    >>> is_local("127.0.0.1"), is_local("0.0.0.0")
    (True, False)
    """
    return host in LOCAL or f"[{host}]" in LOCAL


def listen(
    app: dash.Dash, host: str = "127.0.0.1", port: int | None = None, origins: Sequence[str] = ()
) -> BaseWSGIServer:
    """Return a server that is bound to an address; its method `serve_forever` answers requests.

    Parameters
    ----------
    app : the app
    host : address of the interface; other than 127.0.0.1 only with `origins`
    port : port; 8050 by default, or a free one if that is in use
    origins : as for `create_app`

    Raises
    ------
    InputError : If the port is in use, or another interface is given without origins.
    """
    require(
        is_local(host) or bool(origins),
        f"the address {host}, which other computers reach",
        "127.0.0.1",
        "or state with --allow-origin under which address the page is opened",
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    interface = host.strip("[]")
    with socket.socket(socket.AF_INET6 if ":" in interface else socket.AF_INET) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            _bind(bound, interface, port)
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(f"port {port} of {host}: {reason.lower()}; choose another one with --port") from error
        bound.listen()
        number = bound.getsockname()[1]
        return make_server(interface, number, app.server, True, request_handler=Handler, fd=os.dup(bound.fileno()))


def _bind(bound: socket.socket, interface: str, port: int | None) -> None:
    """Bind a socket to a port, or to the usual one, or to a free one if that is in use."""
    try:
        bound.bind((interface, USUAL_PORT if port is None else port))
    except OSError:
        if port is not None:
            raise
        bound.bind((interface, 0))


def explore(
    host: str = "127.0.0.1",
    port: int | None = None,
    origins: Sequence[str] = (),
    *,
    browser: bool = True,
    address: str = "",
) -> None:
    """Serve the explorer until it is interrupted.

    Parameters
    ----------
    host, port, origins : as for `listen`
    browser : whether the page is opened in a browser
    address : address of the first view, such as ``/resonance?noise=7``; the first page by default
    """
    app, complete = _empty_app(origins)
    server = listen(app, host, port, origins)
    url = f"http://{host}:{server.port}{address or '/'}"
    print(f"The explorer is at {url} (end with Ctrl-C)", flush=True)
    # warnings would appear in the terminal, far from the page, which states them in its sentences
    warnings.simplefilter("ignore")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    if browser:
        webbrowser.open(url)
    try:
        complete(first=address.strip("/").partition("?")[0] or FIRST)
        time.sleep(QUIET)
        _compile_all()
        thread.join()
    except KeyboardInterrupt:
        pass
    finally:
        server.shutdown()
        server.server_close()


def _compile(page: str, parts: slice = slice(None)) -> None:
    """Compile the programs of quick parts of a page, which takes up to seconds, by computing its first view."""
    from noisette.app.answers import completed
    from noisette.app.pages import PAGES

    view = PAGES[page].view()
    for part in PAGES[page].parts[parts]:
        if not part.long(view):
            completed(part.compute(view, lambda done, total: None))


def _compile_all() -> None:
    from noisette.app.pages import PAGES

    for page in PAGES:
        _compile(page)


__all__ = ["create_app", "explore", "is_local", "listen"]
