"""The commands, one module each."""

import typer

from noisette.cli import (
    analyse,
    attractors,
    autocovariance,
    chaos,
    correlations,
    export,
    listing,
    meanfield,
    memory,
    passage,
    reproduce,
    resonance,
    run,
    status,
    switch,
    test,
    train,
)

app = typer.Typer(
    name="noisette",
    help="A laboratory for noise in recurrent neural networks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
MODULES = (
    resonance,
    attractors,
    passage,
    switch,
    chaos,
    meanfield,
    memory,
    correlations,
    autocovariance,
    train,
    test,
    analyse,
    export,
    reproduce,
    run,
    status,
)
for module in MODULES:
    app.command(module.NAME)(module.command)
app.command("list")(listing.list_names)
app.command("cite")(listing.cite)


@app.callback()
def _start() -> None:
    """A laboratory for noise in recurrent neural networks."""
