"""Commands of the command line, each in a module that is imported when the command is called."""

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    **{
        name: (name, "command")
        for name in (
            "resonance",
            "signal",
            "coherence",
            "attractors",
            "passage",
            "switch",
            "chaos",
            "synchronisation",
            "meanfield",
            "populations",
            "memory",
            "correlations",
            "autocovariance",
            "train",
            "test",
            "conformance",
            "analyse",
            "infer",
            "export",
            "explore",
            "reproduce",
            "run",
            "status",
        )
    },
    "conditional-entropy": ("conditional_entropy", "command"),
    "list": ("listing", "list_names"),
    "cite": ("listing", "cite"),
}


class Commands(TyperGroup):
    """Commands by name; only the requested command is imported, since importing all of them takes seconds."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name]
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(cmd_name)(getattr(import_module(f"noisette.cli.{module}"), function))
        return typer.main.get_command(single)


app = typer.Typer(
    name="noisette",
    cls=Commands,
    help="A laboratory for noise in recurrent neural networks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(requested: bool) -> bool:
    if requested:
        from noisette import __version__

        print(f"noisette {__version__}")
        raise typer.Exit
    return requested


@app.callback()
def _start(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A laboratory for noise in recurrent neural networks."""
