"""Build of the documentation: `python -m docs` writes HTML into `docs/_build/html`.

Warnings are errors. Results of gallery scripts are kept, so that a second build runs only what has changed.
"""

import argparse
import gc
import os
import shutil
import sys
import time
from pathlib import Path

DOCS = Path(__file__).parent
# XLA and BLAS take two threads, so that a build does not slow down the machine; figures are drawn without a window
SETTINGS = {
    "MPLBACKEND": "Agg",
    "OPENBLAS_NUM_THREADS": "1",
    "NOISETTE_PROGRESS": "off",
    "JAX_INCLUDE_FULL_TRACEBACKS_IN_LOCATIONS": "0",  # programs are traced faster
}


def main() -> int:
    """Build the documentation, and return the exit status of Sphinx."""
    parser = argparse.ArgumentParser(prog="python -m docs", description=__doc__)
    parser.add_argument("--out", type=Path, default=DOCS / "_build" / "html", help="folder of the pages")
    parser.add_argument("--report", type=Path, help="folder of a report made by `noisette reproduce --all`")
    parser.add_argument("--fresh", action="store_true", help="delete all generated files first")
    parser.add_argument("--text-only", action="store_true", help="do not run the gallery scripts")
    options = parser.parse_args()
    gc.set_threshold(100_000, 50, 100)  # many objects are allocated, and few of them are part of cycles
    os.environ.update({name: value for name, value in SETTINGS.items() if name not in os.environ})
    try:
        from sphinx.cmd.build import main as sphinx
    except ImportError:
        print("The documentation requires further packages: pip install -e '.[docs]'", file=sys.stderr)
        return 2
    from docs._sphinx import alt_texts, generated, links, papers, reference

    if names := reference.undocumented():
        print(f"Public names without documentation: {', '.join(names)}", file=sys.stderr)
        return 1
    if options.fresh:
        for folder in (options.out, *generated.FOLDERS):
            shutil.rmtree(folder, ignore_errors=True)
    began = time.monotonic()
    generated.write(options.report)
    arguments = ["-b", "html", "-W", "--keep-going", "-n", "-j", "1", "-q", "-d", str(DOCS / "_build" / "doctrees")]
    if options.text_only:
        arguments += ["-D", "plot_gallery=0"]
    status = sphinx([*arguments, str(DOCS), str(options.out)])
    if status == 0 and (report := options.report or papers.REPORT).is_dir():
        papers.copy_report(report, options.out)
    if status == 0 and (faults := alt_texts.faults_of_site(options.out) + links.broken(options.out)):
        print(*faults, sep="\n", file=sys.stderr)
        status = 1
    pages = len(list(options.out.rglob("*.html")))
    print(f"{pages} pages in {options.out}, {time.monotonic() - began:.0f} s" if status == 0 else "The build failed.")
    return status


if __name__ == "__main__":
    sys.exit(main())
