"""Entry point of `python -m noisette`, which is equivalent to the command `noisette`."""

from noisette.cli import main

main()
