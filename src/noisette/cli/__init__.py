"""Command-line interface: parses arguments, calls the library and prints the results."""

import atexit
import gc
import os
import sys
from contextlib import suppress

from noisette.errors import InputError
from noisette.threads import are_tasks_running

INTERRUPTED = 130
COLLECT_EVERY = 50_000  # new objects; the default of 700 takes a tenth of the start, whose objects nearly all remain


def main() -> None:
    """Run the command line; invalid input is reported in one line on standard error, with exit status 2."""
    # At its end, the interpreter searches all objects that are not frozen for cycles, which takes seconds with JAX.
    atexit.register(gc.freeze)
    try:
        _run()
    except SystemExit as end:
        if are_tasks_running():  # the interpreter would wait for their threads, possibly for minutes
            with suppress(OSError):
                sys.stdout.flush()
            os._exit(end.code if isinstance(end.code, int) else 1)
        raise


def _run() -> None:
    gc.set_threshold(COLLECT_EVERY)
    import typer

    from noisette.cli import _streams
    from noisette.cli._app import app
    from noisette.cli._code import reported_code
    from noisette.cli.interrupts import after_interrupt

    _streams.prepare()
    usage_error: type[Exception] = typer.BadParameter.__bases__[0]  # base class of the parser's errors
    try:
        with reported_code():
            code = app(standalone_mode=False) or 0
        if code == INTERRUPTED:  # the parser returns this code for an interrupt instead of raising an exception
            raise KeyboardInterrupt
        sys.exit(code if _streams.finish() else 2)
    except (InputError, usage_error) as error:
        message = getattr(error, "format_message", error.__str__)()
        print(f"noisette: {' '.join(message.split())}", file=sys.stderr)
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        print(f"noisette: interrupted; {after_interrupt(sys.argv[1:])}", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _streams.finish()
        print(f"noisette: {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        sys.exit(2)
