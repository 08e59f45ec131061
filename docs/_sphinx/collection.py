"""Garbage collection between the scripts of the gallery."""

import gc


def exempt(gallery_conf: dict, name: str) -> None:
    """Exempt what earlier scripts leave, mostly programs, from the collection before each script.

    A collection takes more than a second otherwise, a sixth of the time of a build.
    """
    gc.freeze()
