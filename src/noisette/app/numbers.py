"""Numbers in the sentences of the pages."""


def signed(value: float, digits: int = 1) -> str:
    """Return a number with a minus sign as it is printed; no sign before zero.

    Examples
    --------
    >>> signed(-0.358, 2), signed(-0.004, 2)
    ('−0.36', '0.00')
    """
    text = f"{abs(value):.{digits}f}"
    return f"−{text}" if value < 0 and float(text) != 0 else text
