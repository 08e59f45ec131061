"""A bibliographic reference, as text and as a BibTeX entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reference:
    """A bibliographic reference.

    Parameters
    ----------
    key : key of the reference in results and in BibTeX
    text : the reference as a line of text
    kind : type of the BibTeX entry
    authors : authors in the form of BibTeX, ``Family, Given and Family, Given``
    title : title
    year : year of publication
    more : further fields of the BibTeX entry, such as the journal and the DOI

    Examples
    --------
    >>> print(Reference("hu2022", "", "misc", "Hu, Yu", "Spectra", 2022, {"eprint": "2201.00001"}).bibtex())
    @misc{hu2022,
      author = {Hu, Yu},
      title = {{Spectra}},
      year = {2022},
      eprint = {2201.00001},
      archiveprefix = {arXiv},
    }
    """

    key: str
    text: str
    kind: str
    authors: str
    title: str
    year: int
    more: Mapping[str, str] = field(default_factory=dict)

    def bibtex(self) -> str:
        """Return the BibTeX entry; double braces preserve the capital letters of the title."""
        fields = {"author": self.authors, "title": f"{{{self.title}}}", "year": str(self.year), **self.more}
        if "eprint" in fields:
            fields["archiveprefix"] = "arXiv"
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
        return "\n".join([f"@{self.kind}{{{self.key},", *lines, "}"])
