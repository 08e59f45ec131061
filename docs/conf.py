"""Configuration of Sphinx."""

import sys
from pathlib import Path

from noisette import __version__

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

project, author, copyright = "Noisette", "The Noisette developers", "The Noisette developers"
version = release = __version__
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.bibtex",
    "sphinx_codeautolink",
    "sphinx_copybutton",
    "notfound.extension",
    "sphinx_llms_txt",
]
exclude_patterns = [
    "_build",
    "**sg_execution_times.rst",
    "gallery",
    "start",
    "_sphinx",
    "_templates",
    "**/*.ipynb",
    "**/GALLERY_HEADER.rst",
]
templates_path, html_static_path, html_css_files = ["_templates"], ["_static"], ["noisette.css"]
suppress_warnings = [
    "autosummary.import_cycle",  # pages list names with their packages
    "codeautolink.match_name",  # names in the code of the gallery have links of sphinx-gallery already
    "codeautolink.match_block",
]
nitpicky, default_role, language = True, "py:obj", "en"
# other packages: their inventories would require a network connection
nitpick_ignore_regex = [
    (
        r"py:\w+",
        r"(jax|jnp|jaxlib|jaxtyping|numpy|np|xarray|equinox|optax|matplotlib|typing|collections|dask|loky)\..*",
    ),
    ("py:class", r"(object|abc\..*|enum\..*)"),
]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "attrs_inline", "attrs_block"]
myst_heading_anchors = 3

autosummary_generate, autosummary_imported_members, autosummary_ignore_module_all = True, False, False
autodoc_typehints, autodoc_preserve_defaults, autodoc_member_order = "none", True, "bysource"
autodoc_default_options = {"members": True, "show-inheritance": False}
numpydoc_show_class_members, numpydoc_xref_param_type, numpydoc_class_members_toctree = False, False, False

bibtex_bibfiles, bibtex_default_style, bibtex_reference_style = ["_build/references.bib"], "unsrt", "author_year"

sphinx_gallery_conf = {
    "examples_dirs": ["gallery", "start"],
    "gallery_dirs": ["auto_gallery", "auto_start"],
    "backreferences_dir": "_build/backreferences",
    "doc_module": ("noisette",),
    "filename_pattern": r"/plot_",
    "download_all_examples": False,
    "show_memory": False,
    "min_reported_time": 1e9,
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "image_scrapers": ("docs._sphinx.alt_texts.scraper",),
    "reset_modules": ("matplotlib", "docs._sphinx.collection.exempt"),
    "matplotlib_animations": False,
    "image_srcset": ["2x"],
    "show_signature": False,
}

html_theme, html_title = "pydata_sphinx_theme", f"Noisette {version}"
html_theme_options = {
    "navbar_align": "left",
    "show_toc_level": 2,
    "navbar_end": ["version", "theme-switcher"],
    "header_links_before_dropdown": 8,
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "references": [], "404": []}
html_show_sourcelink, html_copy_source = False, True  # sources are those of llms.txt
notfound_urls_prefix = None
codeautolink_concat_default = True


def setup(app):
    """Connect the handlers; those of docstrings precede and follow numpydoc."""
    from docs._sphinx import alt_texts, docstrings, figures

    app.connect("autodoc-process-docstring", docstrings.prepare, priority=400)
    app.connect("autodoc-process-docstring", docstrings.finish, priority=600)
    app.connect("missing-reference", docstrings.resolve)
    app.connect("doctree-resolved", alt_texts.name_thumbnails)
    app.connect("doctree-resolved", figures.enclose)
