"""BibTeX entries, read by a small parser."""

import re
import unicodedata
from pathlib import Path

import pytest
import yaml

import noisette as nz
from noisette.references import REFERENCES, SOFTWARE
from noisette.registry import words

REQUIRED = {
    "article": {"author", "title", "journal", "year"},
    "incollection": {"author", "title", "booktitle", "publisher", "year"},
    "misc": {"author", "title"},
}
ROOT = Path(__file__).parents[2]


def parse(text):
    """Return the entries of a BibTeX file as {key: (type, fields)}; raise an error if anything is left over."""
    entries, rest = {}, text
    while rest := rest.strip():
        head = re.match(r"@(\w+)\{([^\s,{}]+),", rest)
        assert head is not None, rest[:40]
        end = closing(rest, head.end())
        entries[head[2]] = (head[1], fields(rest[head.end() : end]))
        rest = rest[end + 1 :]
    return entries


def closing(text, start):
    """Return the place of the brace that closes the one before `start`."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise AssertionError("unbalanced braces")


def fields(body):
    """Return the fields of an entry."""
    result, place = {}, 0
    while name := re.compile(r"\s*(\w+) = \{").match(body, place):
        end = closing(body, name.end())
        assert name[1] not in result, name[1]
        result[name[1]] = body[name.end() : end]
        assert body[end + 1] == ","
        place = end + 2
    assert not body[place:].strip(), body[place:]
    return result


def test_every_reference_is_a_valid_entry(noisette):
    entries = parse(noisette("cite --bibtex").out)
    assert list(entries) == [*REFERENCES, SOFTWARE.key]
    for key, (kind, values) in entries.items():
        assert values.keys() >= REQUIRED[kind], key
        assert re.fullmatch(r"1[89]\d\d|20\d\d", values["year"])
        assert values["title"].startswith("{"), "braces keep capital letters"
        assert "&" not in "".join(values.values()).replace(r"\&", ""), "an ampersand would end a table cell"
        authors = values["author"].split(" and ")
        assert all(re.fullmatch(r"[^,]+, [^,]+|others|\{.+\}", author) for author in authors), authors


def test_every_entry_since_1956_has_a_doi_or_an_arxiv_number():
    for key, reference in REFERENCES.items():
        doi, eprint = reference.more.get("doi", ""), reference.more.get("eprint", "")
        assert doi or eprint or reference.year < 1956, key
        assert re.fullmatch(r"10\.\d{4,}/\S+", doi) or not doi
        assert re.fullmatch(r"\d{4}\.\d{4,5}", eprint) or not eprint
        assert eprint in reference.text


def test_text_and_entry_agree():
    """The text has the names of the authors, the year, the title, the volume and the pages of the entry."""
    for key, reference in REFERENCES.items():
        plain = reference.text.replace("'", "").lower()
        first = unicodedata.normalize("NFKD", reference.authors.partition(",")[0].lower())
        first = first.encode("ascii", "ignore").decode()  # keys have no accents
        # a letter distinguishes the second paper of the same first author and year
        assert re.sub(r"(?<=\d)[b-z]$", "", key) == f"{first}{reference.year}"
        assert f"({reference.year})" in plain
        assert reference.title.translate({ord(mark): None for mark in "“”"}).lower() in plain
        for name in ("volume", "pages"):
            assert reference.more.get(name, "").replace("--", "–").lower() in plain, key
        for author in reference.authors.split(" and ")[:3]:
            assert author.partition(",")[0].lower() in plain


@pytest.mark.parametrize("paper", words("papers"))
def test_a_paper_is_cited_by_its_name(noisette, paper):
    (entry,) = parse(noisette(f"cite {paper} --bibtex").out).items()
    assert entry[0] in REFERENCES
    assert noisette(f"cite {paper}").out == f"{REFERENCES[entry[0]].text}\n"


def test_a_result_is_cited_by_its_file(noisette, tmp_path):
    curve = nz.resonance(nz.Boltzmann(nz.weights.autapses(10)), [0.0, 4.0], 100)
    nz.studies.save(curve, tmp_path / "curve.nc")
    entries = parse(noisette("cite --bibtex", str(tmp_path / "curve.nc")).out)
    assert list(entries) == curve.attrs["references"].split(",")


def test_the_software_is_cited_as_in_the_citation_file(noisette):
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    (entry,) = parse(noisette("cite noisette --bibtex").out).values()
    assert citation["authors"][0]["name"] in entry[1]["author"]
    assert entry[1]["title"].startswith(f"{{{citation['title']}")
    assert f"Version {citation['version']}" in entry[1]["note"]
    assert nz.__version__ == citation["version"]


def test_an_unknown_name_is_refused_with_what_is_allowed(noisette):
    result = noisette("cite resonanse")
    assert result.status == 2
    assert "recurrence-resonance" in result.err
    assert result.err.count("\n") == 1
