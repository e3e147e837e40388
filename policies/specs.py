"""Spec trees in OpenSpec's format, read strictly.

A spec is accepted only if OpenSpec's own validator accepts it with --strict (npm @fission-ai/openspec
1.13.2), if nothing in it can be read in two ways (policies.outline), every scenario says WHEN and THEN, and
every name is an identifier of its own.
"""

import keyword
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath

from policies.outline import Block, quoted, read_outline
from policies.reading import InputError, printable, read_file

MIN_PURPOSE_LENGTH = 50
"""The fewest characters of a purpose that `openspec validate --strict` accepts."""

_CAPABILITY = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*", re.ASCII)
_DELTA = re.compile(r"(?:added|modified|removed|renamed)\s+requirements")
_NORMATIVE = re.compile(r"\b(?:SHALL|MUST)\b")
_METADATA = re.compile(r"\*\*[^*]+\*\*:")
_STEP = re.compile(r"\s*[-*+]\s+(\*\*|)(GIVEN|WHEN|THEN|AND):?\1:?\s+(\S.*)")
_STEP_LIKE = re.compile(r"[-*+]\s|[\W\d_]*(?:GIVEN|WHEN|THEN|AND|BUT)\b|\W*\*\*(?i:given|when|then|and|but)\b")
_PLACEHOLDER = re.compile(
    r"\A(?:TBD|TODO)\b|\A(?i:TBD|TODO)[ \t]*(?:$|[-:\u2013\u2014.,;()\[\]{}])"
    r"|TBD - created by archiving change ",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a scenario: its keyword (GIVEN, WHEN, THEN or AND), and its text with single spaces."""

    keyword: str
    text: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario: what one rule judges.

    `spec` is the capability, `requirement_slug` the requirement that it belongs to. `text` is what stands
    under its heading without blank lines, comments and trailing spaces; `line` is the heading's, from 1.
    """

    spec: str
    requirement_slug: str
    name: str
    steps: tuple[Step, ...]
    text: str
    line: int

    @property
    def slug(self) -> str:
        """The name as an identifier, unique in the spec."""
        return slug(self.name)

    @property
    def id(self) -> str:
        """`<spec>#<requirement-slug>/<scenario-slug>`, unique in the tree."""
        return f"{self.spec}#{self.requirement_slug}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement: its own text, normalised as a scenario's is, its scenarios, its heading's line."""

    name: str
    text: str
    scenarios: tuple[Scenario, ...]
    line: int

    @property
    def slug(self) -> str:
        """The name as an identifier, unique in the spec."""
        return slug(self.name)


@dataclass(frozen=True, slots=True)
class Spec:
    """The spec of one capability.

    `capability` is its folder, `/` between the parts of a nested one; `title` is its `#` heading, or else the
    capability; `path` is its file as the reader was given it.
    """

    capability: str
    title: str
    purpose: str
    requirements: tuple[Requirement, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a spec is refused: `where` is a file or folder, `line` counts from 1 and is None for all of it."""

    where: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return printable(f"{place}: {self.message}")


class SpecError(Exception):
    """Specs are refused: `problems` holds all problems of all files, by file and line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@lru_cache(maxsize=4096)
def slug(name: str) -> str:
    """Return a name in lower case, with `-` for every run of anything but ASCII letters and digits."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def read_specs(folder: Path) -> tuple[Spec, ...]:
    """Return the specs of a tree, `<folder>/<capability>/spec.md` at any depth, by capability.

    As in OpenSpec, what begins with a dot is not looked at. Raises SpecError, also for a tree without a spec.
    """
    problems: list[Problem] = []
    specs: list[Spec] = []
    seen: dict[str, str] = {}
    for file in _spec_files(folder, problems):
        where = file.as_posix()
        capability = file.parent.relative_to(folder).as_posix()
        other = seen.setdefault(capability.casefold(), where)
        if other != where:
            problems.append(Problem(where, None, f"differs only in case from {other}: rename one"))
        try:
            specs.append(_Reader(where, capability).read(_text(file, where)))
        except SpecError as error:
            problems.extend(error.problems)
    if not specs and not problems:
        problems.append(Problem(folder.as_posix(), None, "no <capability>/spec.md: nothing would be checked"))
    if problems:
        raise SpecError(_in_order(problems))
    return tuple(sorted(specs, key=lambda spec: spec.capability))


def read_spec(text: str, where: str) -> Spec:
    """Return the spec that a text holds; raise SpecError.

    `where` is the path of its file, for messages; the folder that it lies in is the capability.
    """
    return _Reader(where, PurePath(where).parent.name).read(text)


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.where, problem.line or 0)))


def _spec_files(folder: Path, problems: list[Problem]) -> list[Path]:
    """Return every spec.md below the folder, sorted; report what OpenSpec would pass over in silence."""
    files: list[Path] = []
    pending = [folder]
    while pending:
        place = pending.pop()
        try:
            for entry in place.iterdir():
                if entry.name.startswith("."):
                    continue
                if entry.is_symlink():
                    message = "a link, which can lead out of the specs' folder: put here what it leads to"
                    problems.append(Problem(entry.as_posix(), None, message))
                elif entry.name == "spec.md" and place != folder:
                    files.append(entry)
                elif entry.name.casefold() == "spec.md":
                    message = "OpenSpec does not read it: a spec is <capability>/spec.md, in lower case"
                    problems.append(Problem(entry.as_posix(), None, message))
                elif entry.is_dir():
                    pending.append(entry)
        except (OSError, ValueError) as error:  # ValueError: a path with a NUL
            reason = error.strerror if isinstance(error, OSError) else error
            problems.append(Problem(place.as_posix(), None, f"cannot be read as a folder of specs: {reason}"))
    return sorted(files)


def _text(file: Path, where: str) -> str:
    try:
        return read_file(file).decode()
    except InputError as error:
        problem = Problem(where, None, error.problem)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        byte = error.object[error.start]
        problem = Problem(where, line, f"byte 0x{byte:02x} is not UTF-8: save the file as UTF-8")
    raise SpecError((problem,))


class _Reader:
    """Reads the text of one spec and collects its problems."""

    def __init__(self, where: str, capability: str) -> None:
        self._where = where
        self._capability = capability
        self._problems: list[Problem] = []
        self._slugs: dict[tuple[str, str], int] = {}

    def read(self, text: str) -> Spec:
        if not _CAPABILITY.fullmatch(self._capability):
            self._refuse(None, "its folder names no capability: use ASCII letters, digits, `-`, `_` and `.`")
        blocks, problems = read_outline(text)
        for line, message in problems:
            self._refuse(line, message)
        spec = self._spec(blocks) if blocks else None
        if spec is None or self._problems:
            raise SpecError(_in_order(self._problems))
        return spec

    def _refuse(self, line: int | None, message: str) -> None:
        self._problems.append(Problem(self._where, line, message))

    def _refuse_block(self, block: Block, message: str) -> None:
        self._refuse(block.line, f"{block.kind} {quoted(block.name)} {message}")

    def _spec(self, blocks: list[Block]) -> Spec:
        sections = self._sections(blocks)
        for required in ("Purpose", "Requirements"):
            if required.lower() not in sections:
                self._refuse(None, f"no section `## {required}`: add it")
        groups: list[tuple[Block, list[Block]]] = []
        for block in blocks:
            if block.kind == "requirement":
                groups.append((block, []))
            elif block.kind == "scenario" and groups:
                groups[-1][1].append(block)
            elif block.kind == "scenario":
                self._refuse_block(block, "stands under no requirement: add `### Requirement: name` above")
        if "requirements" in sections and not groups:
            self._refuse_block(sections["requirements"], "is empty: add `### Requirement: name`")
        return Spec(
            capability=self._capability,
            title=blocks[1].name if len(blocks) > 1 and blocks[1].kind == "title" else self._capability,
            purpose=self._purpose(sections["purpose"]) if "purpose" in sections else "",
            requirements=tuple(self._requirement(block, scenarios) for block, scenarios in groups),
            path=self._where,
        )

    def _sections(self, blocks: list[Block]) -> dict[str, Block]:
        """Return the `##` blocks by name in lower case; refuse what is missing, repeated or out of place."""
        sections: dict[str, Block] = {}
        section = ""
        for position, block in enumerate(blocks):
            name = block.name.casefold()
            match block.kind:
                case "section":
                    section = name
                    first = sections.setdefault(name, block)
                    if first is not block:
                        self._refuse_block(block, f"stands on line {first.line} already: join the two")
                    if _DELTA.fullmatch(name):
                        self._refuse_block(block, "belongs in a change: name it `## Requirements`")
                case "requirement" | "scenario" if section != "requirements":
                    self._refuse_block(block, "stands outside `## Requirements`: move it there")
                case "title" | "heading" if name in {"purpose", "requirements"}:
                    self._refuse_block(block, f"is no section: write `## {block.name}`")
                case "title" if position > 1:
                    self._refuse_block(block, "ends the section that it stands in: remove it")
                case "heading" if section in {"purpose", "requirements"}:
                    forms = "`### Requirement: name` or `#### Scenario: name`"
                    self._refuse_block(block, f"is neither requirement nor scenario: write {forms}")
        return sections

    def _purpose(self, block: Block) -> str:
        if _PLACEHOLDER.search("\n".join(block.prose)):
            self._refuse_block(block, "is a placeholder: say what the capability is for")
        elif len(block.text) < MIN_PURPOSE_LENGTH:
            lengths = f"{len(block.text)} characters, expected {MIN_PURPOSE_LENGTH} or more"
            self._refuse_block(block, f"has {lengths}: say what the capability is for")
        return block.text

    def _requirement(self, block: Block, scenarios: list[Block]) -> Requirement:
        self._check_name(block)
        if not block.prose:
            self._refuse_block(block, "has no text: say under its heading what SHALL or MUST hold")
        elif not any(_NORMATIVE.search(text) for text in block.prose if not _METADATA.match(text)):
            self._refuse_block(block, "has no SHALL or MUST in its own text: say what SHALL hold")
        if not scenarios:
            self._refuse_block(block, "has no scenario: add `#### Scenario: name`")
        read = tuple(self._scenario(scenario, slug(block.name)) for scenario in scenarios)
        return Requirement(block.name, block.text, read, block.line)

    def _scenario(self, block: Block, requirement_slug: str) -> Scenario:
        self._check_name(block)
        steps = self._steps(block)
        for word in ("WHEN", "THEN"):
            if all(step.keyword != word for step in steps):
                self._refuse_block(block, f"has no {word}: add a step `- **{word}** …`")
        return Scenario(self._capability, requirement_slug, block.name, steps, block.text, block.line)

    def _steps(self, block: Block) -> tuple[Step, ...]:
        steps: list[tuple[str, list[str]]] = []
        follows = False  # whether the line above is part of a step
        for line in block.body:
            if line.fenced or not line.text.strip():
                follows = False
            elif step := _STEP.fullmatch(line.text):
                steps.append((step[2], [step[3]]))
                follows = True
            elif steps and (follows or line.text[0].isspace()) and not _STEP_LIKE.match(line.text):
                steps[-1][1].append(line.text)
                follows = True
            else:
                message = "is no step: write `- **WHEN** …`, or so with GIVEN, THEN or AND"
                self._refuse(line.number, f"{quoted(line.text)} {message}")
        return tuple(Step(word, " ".join(" ".join(texts).split())) for word, texts in steps)

    def _check_name(self, block: Block) -> None:
        """Refuse a name that makes no identifier of its own: it is to name a rule's module or function."""
        identifier = slug(block.name).replace("-", "_")
        first = self._slugs.setdefault((block.kind, identifier), block.line)
        if not (block.name.isascii() and identifier.isidentifier()) or keyword.iskeyword(identifier):
            message = "makes no Python name: use ASCII, start with a letter, and not only a Python keyword"
            self._refuse_block(block, message)
        elif first != block.line:
            self._refuse_block(block, f"has the same slug as the one on line {first}: rename one")
