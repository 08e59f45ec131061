"""Containers around the figures of the gallery, in which they scroll sideways on narrow screens."""

from docutils import nodes


def enclose(app, doctree, docname) -> None:
    """Enclose each figure of a gallery script in an element of the class ``plot``."""
    from sphinx_gallery.directives import imgsgnode

    for figure in list(doctree.findall(imgsgnode)):
        container = nodes.container(classes=["plot"])
        figure.replace_self(container)
        container += figure
