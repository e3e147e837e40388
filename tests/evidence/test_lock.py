"""The lock of an environment: what is read of it, and every way to install something else, which is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from evidence.lock import MAX_BYTES, Lock, Release, read_lock
from policies.reading import InputError
from tests.evidence.locks import LOCK, ROOT, A, B, C, entry, written

OURS = "worthwatch-storage-compliance"
OWN = Path(__file__).parents[2] / "requirements/runtime.txt"


def refusal(file: Path) -> str:
    """Return why a lock is refused."""
    with pytest.raises(InputError) as raised:
        read_lock(file)
    return str(raised.value).removeprefix(f"{file.as_posix()}:")


def test_read(tmp_path: Path) -> None:
    """Each release has its line, version, marker, hashes in order, and what requires it; files require nothing."""
    typer = Release(13, "typer", "0.29.2+local", "sys_platform != 'nowhere'", True, (A,), frozenset({OURS}))
    assert read_lock(written(tmp_path, LOCK)) == Lock(
        hashlib.sha256(LOCK.encode()).hexdigest(),
        (
            Release(10, "colorama", "0.4.6", "sys_platform == 'nowhere'", False, (C,), frozenset({"typer"})),
            Release(3, "rich", "15.0.0", None, True, (A, B), frozenset({OURS, "typer"})),
            typer,
        ),
    )


def test_our_own() -> None:
    """Ours is read as `packaging` reads its requirements."""
    lines = OWN.read_text(encoding="ascii").splitlines()
    wanted = [Requirement(line.removesuffix(" \\")) for line in lines if line and line[0].isalpha()]
    assert [
        (one.name, f"=={one.version}", one.needed, lines[one.line - 1].partition("==")[0])
        for one in read_lock(OWN).releases
    ] == [
        (one.name, str(one.specifier), one.marker is None or one.marker.evaluate(), one.name)
        for one in sorted(wanted, key=lambda one: one.name)
    ]


def test_names_are_one_however_written(tmp_path: Path) -> None:
    """Names are compared in their normal form."""
    lock = read_lock(written(tmp_path, entry("Six.One_two==1", via="WorthWatch_storage.compliance (pyproject.toml)")))
    assert [(one.name, one.required_by) for one in lock.releases] == [("six-one-two", frozenset({OURS}))]


AGAIN = "make the lock again, as CONTRIBUTING.md says"
REQUIREMENT = (
    "an option, an address, or no requirement of one version; expected name==version and, where it has one, its "
    f"marker, in 1,000 characters or fewer; {AGAIN}"
)
HASHES = f"expected one or more --hash=sha256:<64 hexadecimal digits>, and no more; {AGAIN}"
SIX = entry("six==1.17.0")


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://someone:password@example.org/simple",
        "--extra-index-url=https://example.org",
        "-r other.txt",
        "-e .",
        "-c lint.txt",
        "--no-binary :all:",
        "https://example.org/six.whl",
        "./six.whl",
        "six @ https://example.org/six.whl",
        "six",
        "six>=1.17",
        "six~=1.17.0",
        "six===1.17.0",
        "six==1.*",
        "six==1,!=2",
        "six==one",
        "six == 1.17.0",
        "six[extra]==1.17.0",
        "six==${VERSION}",
        "-six==1.17.0",
        "six==1.17.0 --no-deps",
        "six==1.17.0  # via typer",
        "six==1.17.0 \\ ",
        "six==1.17.0 ;",
        "sïx==1.17.0",
        f"six==1.17.0 ; sys_platform == '{'x' * 1000}'",
        f"six=={'9' * 5000}",
    ],
)
def test_no_requirement_of_one_version(tmp_path: Path, line: str) -> None:
    """Whatever pip would install otherwise is refused, and not repeated: it may hold a password."""
    problem = f"the byte 0xc3 is not ASCII; {AGAIN}" if not line.isascii() else REQUIREMENT
    assert refusal(written(tmp_path, f"{entry('rich==15.0.0')}{line} --hash=sha256:{A}\n    # via {ROOT}\n")) == (
        f"4: {problem}"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", f" locks nothing; {AGAIN}"),
        ("# nothing\n", f" locks nothing; {AGAIN}"),
        ("six==1.17.0\n", f"1: 'six': {HASHES}"),
        (f"six==1.17.0 --hash=sha256:{A[1:]}", f"1: 'six': {HASHES}"),
        (f"six==1.17.0 --hash=sha256:{A.upper()}", f"1: 'six': {HASHES}"),
        (f"six==1.17.0 --hash=md5:{A[:32]}", f"1: 'six': {HASHES}"),
        (f"six==1.17.0 --hash=sha256:{A} --hash=sha512:{A}{A}", f"1: 'six': {HASHES}"),
        (f"six==1.17.0 --hash=sha256:{A} -r other.txt", f"1: 'six': {HASHES}"),
        (f"six==1.17.0 --hash=sha256:{A} # via typer", f"1: 'six': {HASHES}"),
        (f"six==1.17.0 --hash=sha256:{A}", f"1: 'six': no comment `# via` below it says what requires it; {AGAIN}"),
        (
            f"six==1.17.0 --hash=sha256:{A}\n# via\n#   -r requirements.in\n",
            f"1: 'six': no comment `# via` below it says what requires it; {AGAIN}",
        ),
        (
            f"{SIX}# a remark\n",
            f"1: '# a remark' below it; expected `# via` and the names of what requires it; {AGAIN}",
        ),
        (entry("six==1", via="dateutil"), f"1: required by 'dateutil', which is not locked; {AGAIN}"),
        (f"{SIX}{entry('Six==1.16.0')}", f"4: 'six' again, as in line 1; {AGAIN}"),
        (f"{SIX}{SIX}", f"4: 'six' again, as in line 1; {AGAIN}"),
        (entry(OURS + "==0.1.0"), f"1: '{OURS}' is what the lock is for, and no part of it; {AGAIN}"),
        ("six==1.17.0 \\", f"1: the requirement breaks off; {AGAIN}"),
        (f"\nsix==1.17.0 \\\n\n--hash=sha256:{A}\n", f"2: the requirement breaks off; {AGAIN}"),
        (f"six==1.17.0 \\\n# via\n--hash=sha256:{A}\n", f"1: the requirement breaks off; {AGAIN}"),
        (f"{SIX}# via rich\x0cevil==1\n", f"5: 'evil': {HASHES}"),
        (f"{SIX}# via rich\u2028evil==1\n", f"4: the byte 0xe2 is not ASCII; {AGAIN}"),
        (f"{SIX}six==1".encode("utf-16"), f"1: the byte 0xff is not ASCII; {AGAIN}"),
        (entry("six==1 ; somewhere"), f"1: 'somewhere' is no marker; {AGAIN}"),
        (entry("six==1 ; platform == 'x'"), f"1: 'platform == 'x'' is no marker; {AGAIN}"),
        (entry("six==1 ; os_name ~= 'y'"), f"1: 'os_name ~= 'y'' is no marker; {AGAIN}"),
        (entry(f"six==1 ; {'(' * 50}"), f"1: '{'(' * 50}' is no marker; {AGAIN}"),
        (entry(f"six==1 ; {'(' * 51}"), f"1: '{'(' * 51}' has more than 50 parentheses, the limit; {AGAIN}"),
        ("#" * (MAX_BYTES + 1), " larger than 1,048,576 bytes, the limit for such a file"),
    ],
)
def test_no_lock(tmp_path: Path, text: str | bytes, problem: str) -> None:
    """What is no closed set of hashed releases is refused, with the line that pip would count."""
    assert refusal(written(tmp_path, text)) == problem


def test_no_file(tmp_path: Path) -> None:
    """A lock that is not there is told by its name."""
    assert refusal(tmp_path / "runtime.txt") == " no such file; check the path"


@pytest.mark.parametrize("part", [" ", "\\\n", "#", "# via\n", ";", "(", "a==1 ", " --hash=", "\x0b", f"{SIX}\r"])
def test_large(tmp_path: Path, part: str) -> None:
    """What is as large as it may be is refused at once, whatever it is made of."""
    assert AGAIN in refusal(written(tmp_path, f"{SIX}{part * ((MAX_BYTES - 200) // len(part))}x"))


@given(st.lists(st.sampled_from([*LOCK.splitlines(keepends=True), *"\n\\# ;=x'-@:/\x0c("]), max_size=12).map("".join))
def test_nothing_but_a_lock(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever the lines are, they are refused, or each requirement is one that `packaging` reads alike."""
    try:
        lock = read_lock(written(tmp_path_factory.getbasetemp(), text))
    except InputError:
        return
    for release in lock.releases:
        line = text.splitlines()[release.line - 1].removesuffix("\\").partition(" --hash")[0]
        assert str(Requirement(line).specifier) == f"=={release.version}"
