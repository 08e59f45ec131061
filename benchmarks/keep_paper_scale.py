"""Keep the claims of a reproduction at paper scale in the package, so that reports show them beside those of a run.

    noisette reproduce freezing-chaos --scale paper --out paper-scale/freezing-chaos
    python benchmarks/keep_paper_scale.py freezing-chaos paper-scale/freezing-chaos --report docs/report

The script collects the files FIGURE.json of the folder into paper_scale.json of the paper. Figures of other scales, and
figures that are absent, are left out; of figures that are already in the file, the new claims replace the old ones.
With ``--report``, they are also shown in a report that `noisette reproduce --all` has made.
"""

import argparse
import json
import sys
from pathlib import Path

from noisette.disk import atomic_write
from noisette.papers import Paper, from_string
from noisette.papers._index import write_files
from noisette.papers._records import at_paper_scale, read_paper_scale, read_record


def collect(paper: Paper, folder: Path) -> list[dict]:
    """Return the records at paper scale in a folder and those that are already kept, in the order of the paper."""
    kept = read_paper_scale(paper)
    for figure in paper.figures:
        record = read_record(folder / f"{figure.name}.json")
        if record is not None and record["scale"] == "paper":
            kept[figure.name] = record
    return [kept[figure.name] for figure in paper.figures if figure.name in kept]


def show(paper: Paper, report: Path) -> None:
    """Write the kept claims of a paper into the files of a report."""
    kept = read_paper_scale(paper)
    content = json.loads((report / "report.json").read_text(encoding="utf-8"))
    for entry in content["papers"]:
        for figure in entry["figures"] if entry["paper"] == paper.name else []:
            others = at_paper_scale(figure["claims"], kept.get(figure["figure"], {}))
            for claim, other in zip(figure["claims"], others, strict=True):
                claim["paper_scale"] = other
    write_files(content, report)


def main() -> int:
    """Write the file, and print how many figures and claims it contains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paper", help="name of the paper")
    parser.add_argument("folder", type=Path, help="folder of its reproduction at paper scale")
    parser.add_argument("--report", type=Path, help="folder of a report in which the claims are shown as well")
    options = parser.parse_args()
    paper = from_string(options.paper)
    if paper.paper_scale is None:
        parser.error(f"the paper {paper.name} has no file for claims at paper scale")
    records = collect(paper, options.folder)
    if not records:
        parser.error(f"no figure at paper scale in {options.folder}")
    with atomic_write(paper.paper_scale) as temporary:
        temporary.write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.report is not None:
        show(paper, options.report)
    claims = sum(len(record["claims"]) for record in records)
    print(f"{claims} claims of {len(records)} of {len(paper.figures)} figures are in {paper.paper_scale}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
