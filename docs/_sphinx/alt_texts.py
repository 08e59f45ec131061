"""Alternative texts: those of figures, made from their titles and labels, those of thumbnails, and a check of pages."""

import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

from docutils import nodes

MATH = re.compile(r"\$([^$]*)\$")
FONTS = re.compile(r"\\(?:mathrm|mathbf|mathcal|mathbb|text|operatorname|boldsymbol)\s*\{([^{}]*)\}")
COMMAND = re.compile(r"\\([A-Za-z]+)")
SYMBOLS = {
    **{"langle": "⟨", "rangle": "⟩", "infty": "∞", "sqrt": "√", "cdot": "·", "times": "×", "approx": "≈", "to": "→"},
    **{"rightarrow": "→", "propto": "∝", "leq": "≤", "geq": "≥", "le": "≤", "ge": "≥", "neq": "≠", "pm": "±"},
    **{
        "partial": "∂",
        "varphi": "φ",
        "phi": "φ",
        "varepsilon": "ε",
        "quad": " ",
        "left": "",
        "right": "",
        "dot": "d/dt ",
    },
}
THUMBNAIL = re.compile(r"(.*)/images/thumb/sphx_glr_(\w+)_thumb\.\w+")
FILE_NAME = re.compile(r"\S*\.(png|svg|jpe?g|gif)|plot[ _]\w[\w ]*")


def plain(label: str) -> str:
    r"""Return a label of a figure as plain text in one line.

    Examples
    --------
    >>> plain(r"noise strength $\sigma_{\mathrm{max}}^2$  (1/s)")
    'noise strength σ_max^2 (1/s)'
    """

    def command(match: re.Match[str]) -> str:
        name = match[1]
        if name in SYMBOLS:
            return SYMBOLS[name]
        case = "CAPITAL" if name[0].isupper() else "SMALL"
        try:
            return unicodedata.lookup(
                f"GREEK {case} LETTER {name.replace('lambda', 'lamda').replace('Lambda', 'Lamda')}"
            )
        except KeyError:
            return name

    def formula(match: re.Match[str]) -> str:
        text = FONTS.sub(r"\1", match[1])
        text = re.sub(r"\\[,;!:]", " ", text)
        return re.sub(r"[{}\\]|(?<=⟨) | (?=⟩)", "", COMMAND.sub(command, text))

    return " ".join(MATH.sub(formula, label).split())


def described(figure) -> str:
    r"""Return what a figure of Matplotlib shows: the title, quantities and legend of each panel.

    Parameters
    ----------
    figure : the figure

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> line = axes.plot([1, 2], label="theory")
    >>> legend = axes.legend()
    >>> text = axes.set(xlabel="gain $g$", ylabel=r"exponent $\lambda$", title="chaos")
    >>> described(axes.figure)
    'Chaos: exponent λ against gain g, with curves theory.'
    """
    bars = {bar.ax for axes in figure.axes if (bar := _colorbar_of(axes)) is not None}
    panels = [text for axes in figure.axes if axes not in bars and (text := _panel(axes))]
    heading = plain(figure.get_suptitle())
    parts = [*([f"{_sentence(heading)}"] if heading else []), *(f"{_sentence(text)}" for text in panels)]
    many = f"{len(panels)} panels. " if len(panels) > 1 else ""
    return many + " ".join(parts)


def _sentence(text: str) -> str:
    text = text.rstrip(" .")
    # the case of symbols matters: single letters, Greek ones, and the step dt
    return (text[0].upper() + text[1:] if re.match(r"(?!dt\b)[a-z]{2}|a ", text) else text) + "."


def _colorbar_of(axes):
    for artist in (*axes.images, *axes.collections):
        if getattr(artist, "colorbar", None) is not None:
            return artist.colorbar
    return None


def _panel(axes) -> str:
    """Return the description of one panel, without its full stop."""
    title, x, y = (plain(text) for text in (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()))
    shown = f"{y} against {x}" if x and y else y or (f"against {x}" if x else "")
    if not shown and axes.images:
        shown = "matrix as an image"
    bar = _colorbar_of(axes)
    label = plain(bar.ax.get_ylabel() or bar.ax.get_xlabel()) if bar is not None else ""
    legend = axes.get_legend()
    entries = [plain(text.get_text()) for text in legend.get_texts()] if legend else []
    curves = "; ".join(dict.fromkeys(entry for entry in entries if entry))
    parts = [shown, f"colours: {label}" if label else "", f"with curves {curves}" if curves else ""]
    text = ", ".join(part for part in parts if part)
    if not title or not text:
        return title or (f"values {text}" if text.startswith("against ") else text)
    return f"{title}: {text}" if y else f"{title}, {text}"


def scraper(block, block_vars, gallery_conf, **options) -> str:
    """Return the images of a block of a gallery script, with descriptions as alternative texts.

    Sphinx-gallery uses the titles of the panels, or the name of the script, as alternative text.
    """
    import matplotlib.pyplot as plt
    from sphinx_gallery.scrapers import matplotlib_scraper

    script = Path(block_vars["src_file"]).read_text(encoding="utf-8")
    title = script[script.index('"""') + 3 :].splitlines()[0]
    texts = iter([described(plt.figure(number)) or title for number in plt.get_fignums()])
    images = matplotlib_scraper(block, block_vars, gallery_conf, **options)
    return re.sub(r"(:alt:).*", lambda match: f"{match[1]} {next(texts)}", images)


def name_thumbnails(app, doctree, docname) -> None:
    """Give the thumbnails of the gallery the titles of their scripts as alternative texts."""
    for image in doctree.findall(nodes.image):
        match = THUMBNAIL.fullmatch(image["uri"].lstrip("/"))
        if match is not None and (title := app.env.titles.get(f"{match[1]}/{match[2]}")) is not None:
            image["alt"] = title.astext()


class _Images(HTMLParser):
    def __init__(self):
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag != "img" or (values.get("alt") == "" and "logo" in (values.get("class") or "")):
            return
        text = (values.get("alt") or "").strip()
        if not text or FILE_NAME.fullmatch(text):
            self.faults.append(f"image {values.get('src')!r} with alternative text {text!r}")


def faults(page: str) -> list[str]:
    """Return the images of an HTML page without alternative text, or with a file name in its place.

    Only logos may have an empty text.

    Examples
    --------
    >>> faults('<img src="a.png"><img src="b.png" alt="Rates against time"><img class="logo" src="c.svg" alt="">')
    ["image 'a.png' with alternative text ''"]
    """
    parser = _Images()
    parser.feed(page)
    return parser.faults


def faults_of_site(folder: Path) -> list[str]:
    """Return the faults of all pages in a folder, with the names of the pages."""
    pages = sorted(folder.rglob("*.html"))
    return [
        f"{page.relative_to(folder)}: {fault}" for page in pages for fault in faults(page.read_text(encoding="utf-8"))
    ]
