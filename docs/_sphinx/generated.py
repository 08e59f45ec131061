"""Everything that is generated before Sphinx reads its files."""

from pathlib import Path

from docs._sphinx import conformance, papers, reference, validation

DOCS = Path(__file__).parent.parent
BUILD = DOCS / "_build"
FOLDERS = (BUILD, DOCS / "auto_gallery", DOCS / "auto_start", DOCS / "reference" / "generated", DOCS / "papers")


def write(report: Path | None) -> None:
    """Write the generated pages and the bibliography; `report` is the folder of a report on all papers."""
    from noisette.references import REFERENCES

    BUILD.mkdir(exist_ok=True)
    entries = "\n\n".join(reference.bibtex() for reference in REFERENCES.values())
    (BUILD / "references.bib").write_text(entries + "\n", encoding="utf-8")
    reference.write(DOCS / "reference")
    validation.write(BUILD)
    conformance.write(BUILD)
    papers.write(DOCS / "papers", report)
