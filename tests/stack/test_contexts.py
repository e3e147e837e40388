"""Contexts: what the matrices hold, and the command that repeats one of them."""

import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stack.axes import ENVIRONMENTS, FLAGS, REFUSED, SETTINGS, Choice
from stack.contexts import Context, Matrix, matrix
from stack.settings import KEYS, PREFIX, ContextRefused, Settings

MATRICES: tuple[Matrix, ...] = ("smoke", "pairwise", "full")
AXES = [(*axis.choices, *axis.further) for axis in (*SETTINGS, *FLAGS)]


@cache
def contexts_of(name: Matrix) -> tuple[Context, ...]:
    """Return a matrix, made once."""
    return tuple(matrix(name))


def wrong_keys(values: Mapping[str, object]) -> set[str]:
    """Give the keys for which Settings refuse the values."""
    try:
        Settings.from_context(values)
    except ContextRefused as refusal:
        return {problem.key for problem in refusal.problems}
    return set()


def admissible(values: Mapping[str, object]) -> bool:
    """Whether Settings take the values."""
    return not wrong_keys(values)


def merged(choices: Sequence[Choice]) -> dict[str, object]:
    """All context keys of some choices."""
    return {key: value for choice in choices for key, value in choice.values.items()}


@pytest.mark.parametrize("name", MATRICES)
def test_a_matrix_is_stable_and_its_names_are_unique(name: Matrix) -> None:
    """The same contexts come in the same order each time, and a name means one of them."""
    contexts = contexts_of(name)
    assert contexts == tuple(matrix(name))
    assert [n for n, count in Counter(c.name for c in contexts).items() if count > 1] == []


@pytest.mark.parametrize("name", MATRICES)
def test_a_context_is_refused_if_and_only_if_it_says_so(name: Matrix) -> None:
    """What must be refused is expected to be, key by key, and nothing else is."""
    for context in contexts_of(name):
        assert wrong_keys(context.values) == context.refused, context.name


def test_sizes() -> None:
    """Smoke is a dozen; full is every combination of settings (2160), 51 flags in 4 places, bounds, and refusals."""
    sizes = {name: Counter(bool(c.refused) for c in contexts_of(name)) for name in MATRICES}
    assert sizes["smoke"] == {False: 8, True: 4}
    assert sizes["pairwise"][True] == sizes["full"][True] == len(REFUSED)
    further = sum(bool(choice.values) for axis in SETTINGS for choice in axis.further)
    flags = (1 + sum(len(axis.choices) for axis in FLAGS)) * len(ENVIRONMENTS)
    assert sizes["full"][False] == 2160 + flags + further


def test_every_key_has_an_axis_and_refusals() -> None:
    """No setting escapes the matrix, neither its values nor its refusals."""
    varied = {key for axis in SETTINGS for choice in axis.choices for key in choice.values}
    assert varied == set(KEYS)
    assert set(KEYS) <= {key for refused in REFUSED for key in refused.keys}


def test_pairwise_covers_every_pair_that_can_occur() -> None:
    """For any two axes, each pair of values is in a context, unless no choice of the others admits it."""
    rows = [context for context in contexts_of("pairwise") if not context.refused]

    def position(context: Context, axis: Sequence[Choice]) -> str:
        keys = {key for choice in axis for key in choice.values}
        return repr({key: value for key, value in context.values.items() if key in keys})

    held = [[position(context, axis) for axis in AXES] for context in rows]
    regions = [context.region for context in rows]
    missing: list[object] = []
    for (n, left), (m, right) in itertools.combinations(enumerate(AXES), 2):
        pairs = {(row[n], row[m]) for row in held}
        for a, b in itertools.product(left, right):
            if (repr(dict(a.values)), repr(dict(b.values))) not in pairs and can_occur(n, a, m, b):
                missing.append((a, b))
    for n, axis in enumerate(AXES):
        placed = {(row[n], region) for row, region in zip(held, regions, strict=True)}
        missing += [(a, e) for a in axis for e in ENVIRONMENTS if (repr(dict(a.values)), e.region) not in placed]
    assert missing == []


def can_occur(n: int, a: Choice, m: int, b: Choice) -> bool:
    """Whether any choice of the settings that others depend on admits the pair."""
    others = [SETTINGS[i].choices for i in (0, 2, 4) if i not in (n, m)]
    return any(admissible(merged([*rest, a, b])) for rest in itertools.product(*others))


def test_full_holds_every_combination_of_settings() -> None:
    """Each admissible combination of the settings' values is a context."""
    combinations = {
        repr(sorted(values.items(), key=repr))
        for values in map(merged, itertools.product(*(axis.choices for axis in SETTINGS)))
        if admissible(values)
    }
    contexts = {repr(sorted(context.values.items(), key=repr)) for context in contexts_of("full")}
    assert len(combinations) == 2160
    assert combinations <= contexts


def test_full_holds_every_flag_in_every_environment() -> None:
    """Each value of each flag of the CDK occurs where the stack goes anywhere, and in each partition."""
    contexts = contexts_of("full")
    for axis in FLAGS:
        for choice in axis.choices:
            regions = {c.region for c in contexts if choice.values.items() <= c.values.items()}
            assert regions == {None, "eu-central-1", "cn-north-1", "us-gov-west-1"}, choice


def test_complete_is_what_the_cli_hands_over() -> None:
    """The CLI's own keys lie under those of cdk.json, and these under the context's."""
    cdk_json = json.loads((Path(__file__).parents[2] / "cdk.json").read_text(encoding="utf-8"))["context"]
    flag = "@aws-cdk/aws-iam:minimizePolicies"
    assert cdk_json[flag] is True
    assert Context("off", {flag: False}).complete == {
        "aws:cdk:enable-path-metadata": True,
        "aws:cdk:enable-asset-metadata": True,
        "aws:cdk:version-reporting": True,
        **cdk_json,
        flag: False,
    }


@pytest.mark.parametrize(
    ("context", "command"),
    [
        (
            Context("", {f"{PREFIX}deployVpc": False, f"{PREFIX}tableName": "a b", f"{PREFIX}readCapacity": 5}),
            "npx aws-cdk@2 synth --app "
            "'env -u CDK_DEFAULT_ACCOUNT -u CDK_DEFAULT_REGION python -m stack.app' "
            "-c worthwatch:deployVpc=false -c 'worthwatch:tableName=a b' -c worthwatch:readCapacity=5",
        ),
        (
            Context("", {"@aws-cdk/aws-iam:minimizePolicies": False}, "111122223333", "cn-north-1"),
            "npx aws-cdk@2 synth --app "
            "'env CDK_DEFAULT_ACCOUNT=111122223333 CDK_DEFAULT_REGION=cn-north-1 python -m stack.app' "
            "-c @aws-cdk/aws-iam:minimizePolicies=",
        ),
        (
            Context(
                "",
                {
                    "aws:cdk:version-reporting": False,
                    "aws:cdk:enable-path-metadata": "false",
                    "@aws-cdk/core:validateAgainstDefaultRules": False,
                    "@aws-cdk/core:permissionsBoundary": {"name": "b"},
                },
            ),
            """printf %s '{"@aws-cdk/core:permissionsBoundary": {"name": "b"}}' > cdk.context.json && """
            "npx aws-cdk@2 synth --app "
            "'env -u CDK_DEFAULT_ACCOUNT -u CDK_DEFAULT_REGION python -m stack.app' "
            "--no-version-reporting -c @aws-cdk/core:validateAgainstDefaultRules=false; rm cdk.context.json",
        ),
        (
            Context("", {f"{PREFIX}tableName": 123, f"{PREFIX}stage": "it's", f"{PREFIX}a=b": "c", PREFIX: "d\n"}),
            """printf %s '{"worthwatch:tableName": 123, "worthwatch:a=b": "c", "worthwatch:": "d\\n"}' """
            "> cdk.context.json && npx aws-cdk@2 synth --app "
            "'env -u CDK_DEFAULT_ACCOUNT -u CDK_DEFAULT_REGION python -m stack.app' "
            """-c 'worthwatch:stage=it'"'"'s'; rm cdk.context.json""",
        ),
        (
            Context("", {f"{PREFIX}writeCapacity": 5.0, f"{PREFIX}stage": 5.0, f"{PREFIX}deployVpc": 5.5}),
            "npx aws-cdk@2 synth --app "
            "'env -u CDK_DEFAULT_ACCOUNT -u CDK_DEFAULT_REGION python -m stack.app' "
            "-c worthwatch:writeCapacity=5 -c worthwatch:stage=5 -c worthwatch:deployVpc=5.5",
        ),
    ],
)
def test_command(context: Context, command: str) -> None:
    """The command passes each value in the way that means the same to the CDK."""
    assert context.command == command


NPX = """#!{python}
# What the CDK CLI makes of its arguments and of cdk.context.json, as its version 2.1148.1 does.
import json, pathlib, re, sys
file, context = pathlib.Path("cdk.context.json"), {{}}
for flag, assignment in zip(sys.argv, sys.argv[1:]):
    if flag == "-c":
        key, _, rest = assignment.partition("=")
        context[key] = re.match("[^\\n\\r\\u2028\\u2029]*", rest)[0]
json.dump({{**(json.loads(file.read_bytes()) if file.exists() else {{}}), **context}}, sys.stdout)
"""


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, object]]:
    """Return a function that gives a command to a shell, and returns the context that the CLI would hand to the app."""
    folder = tmp_path_factory.mktemp("checkout")
    npx = folder / "npx"
    npx.write_text(NPX.format(python=sys.executable))
    npx.chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}"}

    def received(command: str) -> dict[str, object]:
        done = subprocess.run(  # noqa: S603 (the command is what is tested)
            ["/bin/sh", "-c", command], cwd=folder, env=environment, capture_output=True, check=True
        )
        assert sorted(folder.iterdir()) == [npx]
        context: dict[str, object] = json.loads(done.stdout)
        return context

    return received


def understood(values: Mapping[str, object]) -> object:
    """Return what Settings make of a context: the settings, or the keys that they refuse."""
    return wrong_keys(values) or Settings.from_context(values)


# Not null, which the CLI drops, wherever it comes from.
JSON = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ODD = st.sampled_from(
    ["123", "true", "it's", 'a "b"', "a\nb", "\\n", "a\u2028b", "\0", "-c", "=", "", "é", "$HOME `id`"]
)


@settings(max_examples=60, derandomize=True)
@given(st.dictionaries(st.sampled_from(KEYS) | ODD.map(PREFIX.__add__), JSON | ODD | st.lists(JSON, max_size=2)))
def test_the_command_is_received_as_the_context_was(
    received: Callable[[str], dict[str, object]], values: dict[str, object]
) -> None:
    """Whatever the context holds, the shell and the CLI make of its command what means the same to the settings."""
    assert understood(received(Context("any", values).command)) == understood(values)
