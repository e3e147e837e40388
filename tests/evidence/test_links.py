"""Static links: which tests a marker ties to which scenario, by their source alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.links import MarkedTests, link_rule, read_tests
from evidence.model import LinkedTest
from policies.catalogue import load
from policies.reading import InputError

PATH = "tests/test_it.py"
FUNCTION = "@pytest.mark.scenario('s#r/a')\ndef test_a(): ..."
METHOD = "  @pytest.mark.scenario('s#r/a')\n  def test_a(self): ..."


def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **files: str | bytes) -> MarkedTests:
    """Read tests of these files, `__` in their names standing for a `/`."""
    monkeypatch.chdir(tmp_path)
    Path("tests").mkdir()
    for name, source in files.items():
        file = Path("tests", f"{name.replace('__', '/')}.py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(source if isinstance(source, bytes) else source.encode())
    return read_tests(Path("tests"))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("@pytest.mark.scenario('s#r/a')\ndef test_a(): ...", {"s#r/a": [("test_a", 2)]}),
        ("@mark.scenario('s#r/a')\nasync def test_a(): ...", {"s#r/a": [("test_a", 2)]}),
        (
            "@pytest.mark.scenario('s#r/a')\n@pytest.mark.slow\n@pytest.mark.scenario('s#r/b')\ndef test_a(): ...",
            {"s#r/a": [("test_a", 4)], "s#r/b": [("test_a", 4)]},
        ),
        (
            "@pytest.mark.scenario('s#r/a')\n@pytest.mark.scenario('s#r/a')\ndef test_a(): ...",
            {"s#r/a": [("test_a", 3)]},
        ),
        (
            "class TestA:\n  @pytest.mark.scenario('s#r/a')\n  def test_a(self): ...\n  def test_b(self): ...",
            {"s#r/a": [("TestA::test_a", 3)]},
        ),
        (
            "@pytest.mark.scenario('s#r/a')\nclass TestA:\n  class TestB:\n    def test_b(self): ...",
            {"s#r/a": [("TestA::TestB::test_b", 4)]},
        ),
        (
            "class TestA:\n  pytestmark = pytest.mark.scenario('s#r/a')\n  def test_a(self): ...\ndef test_b(): ...",
            {"s#r/a": [("TestA::test_a", 3)]},
        ),
        ("def test_a(): ...\npytestmark = pytest.mark.scenario('s#r/a')", {"s#r/a": [("test_a", 1)]}),
        (
            "pytestmark: L = [pytest.mark.slow, pytest.mark.scenario('s#r/a')]\ndef test_a(): ...\ndef test_b(): ...",
            {"s#r/a": [("test_a", 2), ("test_b", 3)]},
        ),
        (
            "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.scenario('s#r/a'))])\ndef test_a(x): ...",
            {"s#r/a": [("test_a", 2)]},
        ),
        ("class TestA:\n  __test__ = True\n" + METHOD, {"s#r/a": [("TestA::test_a", 4)]}),
        ("class TestA:\n  __test__ = False\n" + METHOD, {}),
        ("class TestA:\n  __test__: bool = False\n" + METHOD, {}),
        ("class TestA:\n  def __init__(self): ...\n" + METHOD, {}),
        ("class TestA:\n  def __new__(cls): ...\n" + METHOD, {}),
        ("class TestA:\n" + METHOD + "\nclass TestA: ...", {}),
        ("@pytest.mark.skip\nclass TestA:\n" + METHOD, {}),
        ("class TestA:\n  pytestmark = [pytest.mark.slow, pytest.mark.skip(reason='no')]\n" + METHOD, {}),
        ("__test__ = False\n" + FUNCTION, {}),
        ("pytestmark = pytest.mark.skip('no')\n" + FUNCTION, {}),
        ("@pytest.mark.skip\n" + FUNCTION, {}),
        ("@mark.skip(reason='no')\n" + FUNCTION, {}),
        ("@unittest.skip('no')\n" + FUNCTION, {}),
        ("@pytest.fixture\n" + FUNCTION, {}),
        ("@fixture(scope='module')\n" + FUNCTION, {}),
        ("@pytest.mark.skipif(True, reason='here')\n" + FUNCTION, {"s#r/a": [("test_a", 3)]}),
        (
            "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.skip)])\n" + FUNCTION,
            {"s#r/a": [("test_a", 3)]},
        ),
        (FUNCTION + "\n@pytest.fixture\ndef test_a(): ...", {}),
        ("@pytest.mark.scenario('s#r/a')\ndef helper(): ...", {}),
        ("class Helper:\n  @pytest.mark.scenario('s#r/a')\n  def test_a(self): ...", {}),
        ("def make():\n  @pytest.mark.scenario('s#r/a')\n  def test(): ...", {}),
        ("@pytest.mark.scenario(NAME)\ndef test_a(): ...", {}),
        ("@pytest.mark.scenario(f's#{r}')\ndef test_a(): ...", {}),
        ("@pytest.mark.scenario()\ndef test_a(): ...", {}),
        ("@pytest.mark.scenario('s#r/a', 's#r/b')\ndef test_a(): ...", {}),
        ("@pytest.mark.other('s#r/a')\ndef test_a(): ...", {}),
        ("# @pytest.mark.scenario('s#r/a')\ndef test_a(): ...", {}),
        ("@pytest.mark.scenario('s#r/a')\ndef test_a(): ...\ndef test_a(): ...", {}),
    ],
)
def test_markers(
    source: str, found: dict[str, list[tuple[str, int]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A marker that is spelled out on a function, class, module or parameter links what pytest would run."""
    tests = read(tmp_path, monkeypatch, test_it=source)
    assert tests.unreadable == []
    assert tests.marked == {
        id_: [LinkedTest(f"{PATH}::{name}", PATH, line) for name, line in linked] for id_, linked in found.items()
    }


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only files that pytest looks into count, at any depth and in the order of their paths."""
    source = "@pytest.mark.scenario('s#r/a')\ndef test_a(): ..."
    names = ("test_b", "deep__er__test_a", "a_test", "helper", ".hidden__test_c", "__pycache__/test_d", "testing")
    tests = read(tmp_path, monkeypatch, **dict.fromkeys(names, source))
    assert [test.id for test in tests.marked["s#r/a"]] == [
        "tests/a_test.py::test_a",
        "tests/test_b.py::test_a",
        "tests/deep/er/test_a.py::test_a",
    ]


@pytest.mark.parametrize(
    ("source", "where", "problem"),
    [
        ("def (", ":1", "not valid Python: invalid syntax"),
        (b"x = 1\n\xff", ":2", "not valid Python: (unicode error) 'utf-8' codec can't decode byte 0xff"),
        (b"# coding: klingon\n", "", "not valid Python: unknown encoding: klingon"),
        (b"x = 1\0", "", "not valid Python: source code string cannot contain null bytes"),
        ("x = " + "(" * 300, ":1", "not valid Python: too many nested parentheses"),
        ("x = " + "-" * 200_000 + "1", "", "not valid Python: nested too deeply"),
        (b" " * 1_048_577, "", "larger than 1,048,576 bytes, the limit for such a file"),
    ],
)
def test_unreadable(
    source: str | bytes, where: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is no Python is told with the place, whatever is wrong with it."""
    tests = read(tmp_path, monkeypatch, test_it=source)
    (error,) = tests.unreadable
    assert (error.where, error.problem[: len(problem)]) == (f"{PATH}{where}", problem)
    assert tests.marked == {}


def test_links_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link that leads nowhere is told; a folder that links to itself is not followed."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_gone.py").symlink_to("nowhere.py")
    (tmp_path / "tests" / "again").symlink_to(tmp_path / "tests")
    (tmp_path / "tests" / "test_folder.py").mkdir()
    monkeypatch.chdir(tmp_path)
    tests = read_tests(Path("tests"))
    assert [str(error) for error in tests.unreadable] == ["tests/test_gone.py: no such file; check the path"]


def test_warnings_of_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Python would warn of in a test's source is not the trace's to say."""
    tests = read(tmp_path, monkeypatch, test_it="@pytest.mark.scenario('s#r/a')\ndef test_a(): '\\d'")
    assert list(tests.marked) == ["s#r/a"]


def test_no_folder() -> None:
    """Where there is no folder of tests there is nothing to trace."""
    with pytest.raises(InputError) as raised:
        read_tests(Path("no/tests"))
    assert str(raised.value) == "no/tests: no such folder; trace runs in a checkout, at its root"


@pytest.mark.parametrize("entry", load(), ids=lambda entry: entry.name)
def test_rules(entry: object) -> None:
    """The place of each rule of ours is the one in its file."""
    (found,) = (one for one in load() if one is entry)
    linked = link_rule(found)
    requirement, scenario = found.name.replace("-", "_").split("/")
    assert (linked.name, linked.path) == (f"policies.{requirement}.{scenario}", f"policies/{requirement}.py")
    lines = (Path(__file__).parents[2] / linked.path).read_text(encoding="utf-8").splitlines(keepends=True)
    count = linked.source.count("\n")
    assert "".join(lines[linked.line - 1 : linked.line - 1 + count]) == linked.source
    assert f"def {scenario}(" in linked.source
    assert linked.page == found.page
