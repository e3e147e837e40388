"""controls.toml: what is in it fits the specs, and what would not fit is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.oscal.component_definition import FSBP, NIST
from evidence.oscal.controls import FILE, Controls, Source, read_controls
from evidence.oscal.text import MAX_LINE, line
from policies.catalogue import load
from policies.reading import InputError

SHIPPED = [entry.scenario.id for entry in load()]

SOURCES = """
[sources.page]
title = "A page"
href = "https://docs.aws.amazon.com/page.html"
"""
ENTRY = """
["s#r/a"]
nist = ["sc-28.1", "sc-28"]
fsbp = ["DynamoDB.2"]
cis = ["v1.4.0/1.16"]
sources = ["page"]
why = "Because."
"""
NONE = """
["s#r/b"]
none = "It is a name."
"""


def file(tmp_path: Path, text: str | bytes) -> Path:
    """Write a mapping file."""
    path = tmp_path / "controls.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_read(tmp_path: Path) -> None:
    """Each scenario has its controls, or the reason why none, in the order that is asked for."""
    read = read_controls(["s#r/b", "s#r/a"], file(tmp_path, SOURCES + ENTRY + NONE))
    page = Source("A page", "https://docs.aws.amazon.com/page.html")
    assert list(read.items()) == [
        ("s#r/b", Controls(why="It is a name.")),
        ("s#r/a", Controls(("sc-28.1", "sc-28"), ("DynamoDB.2",), ("v1.4.0/1.16",), (page,), "Because.")),
    ]


def test_shipped_fits_the_specs() -> None:
    """The file that is shipped speaks of every scenario of the specs, and of nothing else."""
    read = read_controls(SHIPPED)
    assert list(read) == SHIPPED
    assert {id_.rpartition("/")[2]: (each.fsbp, each.cis) for id_, each in read.items() if each.fsbp} == {
        "pay-per-request-billing": (("DynamoDB.1",), ()),
        "deletion-protection-enabled": (("DynamoDB.6",), ()),
        "production-recovery-enabled": (("DynamoDB.2",), ()),
        "data-plane-only": (("IAM.1", "IAM.21"), ("v1.2.0/1.22", "v1.4.0/1.16")),
    }


def test_shipped_says_why() -> None:
    """Each scenario has a reason that is told in full, and one with controls a page that says so."""
    for id_, each in read_controls(SHIPPED).items():
        assert line(each.why) == each.why, id_
        assert len(each.why) < MAX_LINE, id_
        assert bool(each.sources) == bool(each.nist or each.fsbp or each.cis), id_


# "Related requirements" of NIST SP 800-53 Rev. 5, by control, in the pages of AWS Security Hub's User Guide.
RELATED = {
    "DynamoDB.1": {"cp-2.2", "cp-6.2", "cp-10", "sc-5.2", "sc-36", "si-13.5"},
    "DynamoDB.2": {"cp-6.2", "cp-9", "cp-10", "sc-5.2", "si-12", "si-13.5"},
    "DynamoDB.6": {"ca-9.1", "cm-2", "cm-2.2", "cm-3", "sc-5.2"},
    "IAM.1": {"ac-2", "ac-2.1", "ac-3", "ac-3.7", "ac-3.15", "ac-5", "ac-6", "ac-6.2", "ac-6.3", "ac-6.10"},
    "IAM.21": {"ac-2", "ac-2.1", "ac-3", "ac-3.7", "ac-3.15", "ac-5", "ac-6", "ac-6.2", "ac-6.3", "ac-6.10"},
}


def test_shipped_claims_no_more_than_aws() -> None:
    """Where a control of AWS is named, the controls of NIST are among the requirements that AWS relates to it."""
    for id_, each in read_controls(SHIPPED).items():
        for control in each.fsbp:
            assert set(each.nist) <= RELATED[control], id_


def test_set_of_controls_is_the_page() -> None:
    """The component definition names NIST's catalog by the address that the mappings give as their source."""
    sources = {source for each in read_controls(SHIPPED).values() for source in each.sources}
    assert NIST in {source.href for source in sources}
    assert FSBP.rpartition("/")[0] in {source.href.rpartition("/")[0] for source in sources}


WHERE = "'s#r/a'"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (ENTRY, "sources: expected a table of the pages that bear the mappings out"),
        (f"sources = 1\n{ENTRY}", "sources: expected a table of the pages that bear the mappings out"),
        (SOURCES, f"{WHERE}: missing; say which controls it serves"),
        (SOURCES + ENTRY + NONE, "'s#r/b': no spec has such a scenario; remove it"),
        (
            SOURCES + ENTRY.replace("s#r/a", "s#r/A"),
            f"'s#r/A': no spec has such a scenario; remove it; {WHERE}: missing; say which controls it serves",
        ),
        (f'"s#r/a" = "x"\n{SOURCES}', f"{WHERE}: expected a table, named by the full id of a scenario in quotes"),
        (
            SOURCES + ENTRY.replace("sc-28.1", "SC-28(1)"),
            f"{WHERE}.nist: expected a list of different ids such as sc-28 or sc-28.1",
        ),
        (
            SOURCES + ENTRY.replace('"sc-28.1", "sc-28"', '"sc-28", "sc-28"'),
            f"{WHERE}.nist: expected a list of different ids such as sc-28 or sc-28.1",
        ),
        (
            SOURCES + ENTRY.replace('["sc-28.1", "sc-28"]', "[]"),
            f"{WHERE}.nist: expected a list of different ids such as sc-28 or sc-28.1",
        ),
        (
            SOURCES + ENTRY.replace('["DynamoDB.2"]', '"DynamoDB.2"'),
            f"{WHERE}.fsbp: expected a list of different ids such as DynamoDB.2",
        ),
        (
            SOURCES + ENTRY.replace('["DynamoDB.2"]', "[2]"),
            f"{WHERE}.fsbp: expected a list of different ids such as DynamoDB.2",
        ),
        (
            SOURCES + ENTRY.replace("v1.4.0/1.16", "1.16"),
            f"{WHERE}.cis: expected a list of different ids such as v1.4.0/1.16",
        ),
        (
            SOURCES + ENTRY.replace('["page"]', '["other"]'),
            f"{WHERE}.sources: expected a list of different names of [sources]: page",
        ),
        (
            SOURCES + ENTRY.replace('sources = ["page"]', ""),
            f"{WHERE}.sources: expected a list of different names of [sources]: page",
        ),
        (SOURCES + ENTRY.replace("Because.", " "), f"{WHERE}.why: expected the reason"),
        (SOURCES + ENTRY.replace('why = "Because."', ""), f"{WHERE}.why: expected the reason"),
        (SOURCES + ENTRY.replace("Because.", "Be\\u001bcause."), f"{WHERE}.why: expected the reason"),
        (SOURCES + ENTRY + "pci = []\n", f"{WHERE}.pci: unknown key; expected none, or nist, fsbp, cis, sources, why"),
        (
            f'{SOURCES}["s#r/a"]\nsources = ["page"]\nwhy = "x"\n',
            f"{WHERE}: no control; name one, or say `none` and why",
        ),
        (f'{SOURCES}["s#r/a"]\nnone = ""\n', f"{WHERE}.none: expected the reason, and nothing else beside it"),
        (SOURCES + ENTRY + 'none = "x"\n', f"{WHERE}.none: expected the reason, and nothing else beside it"),
        (
            SOURCES.replace("docs.aws", "docs.example") + ENTRY,
            "sources.page.href: expected a page of docs.aws.amazon.com or csrc.nist.gov",
        ),
        (
            SOURCES.replace("https", "http") + ENTRY,
            "sources.page.href: expected a page of docs.aws.amazon.com or csrc.nist.gov",
        ),
        (
            SOURCES.replace('title = "A page"', "") + ENTRY,
            "sources.page: expected a title and a href, and nothing else",
        ),
    ],
)
def test_refused(text: str, problem: str, tmp_path: Path) -> None:
    """What is wrong is named by its place, with what was expected."""
    with pytest.raises(InputError) as raised:
        read_controls(["s#r/a"], file(tmp_path, text))
    assert raised.value.problem == problem


@pytest.mark.parametrize("text", [b"x = ", b"\xff", b"x = " + b"[" * 5000])
def test_not_toml(text: bytes, tmp_path: Path) -> None:
    """What is no TOML in UTF-8 is refused in one line."""
    with pytest.raises(InputError, match=r"not valid TOML in UTF-8: "):
        read_controls([], file(tmp_path, text))


def test_ships_beside_its_reader() -> None:
    """The file lies in the package, which goes into the wheel with all that is in it."""
    assert FILE.parent.name == "oscal"
    assert (FILE.parent / "controls.py").is_file()
