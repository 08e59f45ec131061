"""What an interrupted command leaves, and how it is resumed."""

KEPT = {  # all other commands save only complete results
    "train": "finished networks and the latest checkpoints are kept; add --resume to continue",
    "reproduce": "finished figures and trained networks are kept; run the same command to resume",
    "run": "finished tasks are kept; run the same command to resume",
}


def after_interrupt(arguments: list[str]) -> str:
    """Return what an interrupted command line leaves, and how to resume it.

    Parameters
    ----------
    arguments : arguments of `noisette`

    Examples
    --------
    >>> after_interrupt(["resonance", "--weights", "nrooks:20"])
    'nothing was saved'
    """
    command = next((word for word in arguments if not word.startswith("-")), "")
    saves = not {"--plan", "--script"} & set(arguments)
    return KEPT[command] if command in KEPT and saves else "nothing was saved"
