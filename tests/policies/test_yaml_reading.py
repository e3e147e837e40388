"""Reading YAML: what is accepted, what is refused with its place, and that it reads as JSON does."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies.reading import InputError, read_document

TEMPLATES = Path(__file__).parent / "corpus" / "templates"

TOO_DEEP = "nested deeper than 100 levels, the limit"
TOO_MANY = "more than 200,000 keys and values, the limit; an alias counts as all that it stands for"
NO_OBJECT = "t: no object at the top; expected a CloudFormation template in JSON or YAML, an object with Resources"
EMPTY = "t: empty; expected a CloudFormation template in JSON or YAML, an object with Resources"
SURROGATE = "half of a surrogate pair is no character; expected both halves, or another character"

REFUSED = {
    "comment": (b"# nothing\n", EMPTY),
    "null": (b"---\n", NO_OBJECT),
    "list": (b"[1]", NO_OBJECT),
    "yaml syntax": (b"a: b: c", "t:1:5: not valid YAML: mapping values are not allowed in this context"),
    "yaml tab": (b"a:\n\t- b", "t:2:1: not valid YAML: found character that cannot start any token"),
    "yaml control": (
        b"a: \x07",
        "t:1:4: the character U+0007, which YAML forbids; write it as an escape in quotes",
    ),
    "yaml surrogate": (
        b'a: "\\ud800"',
        "t:1:7: not valid YAML: found invalid Unicode character escape code",
    ),
    "yaml version": (b"%YAML 9.9\n--- {}", "t:1:1: not valid YAML: found incompatible YAML document"),
    "yaml duplicate": (
        b"a:\n  1: x\n  '1': y",
        "t:3:3: the key '1' stands twice in one object; keep one of them",
    ),
    "yaml merge": (
        b"a: &a {b: 1}\nc:\n  <<: *a",
        "t:3:3: the merge key '<<', which CloudFormation does not support; write the keys out",
    ),
    "yaml null key": (b"~: 1", "t:1:1: null as a key; expected a name, in quotes if it is meant as text"),
    "yaml list key": (b"? [a]\n: 1", "t:1:3: an object, list or alias as a key; expected a name"),
    "yaml alias key": (b"a: &a b\n*a : 1", "t:2:1: an object, list or alias as a key; expected a name"),
    "yaml tagged key": (b"!Ref a: 1", "t:1:1: the tag '!Ref' on a key; expected a plain name"),
    "yaml documents": (b"a: 1\n---\nb: 2", "t:2:1: a second YAML document begins here; expected one a file"),
    "yaml undefined alias": (b"a: *b", "t:1:4: the alias '*b' has no anchor before it; expected one"),
    "yaml recursive alias": (
        b"a: &a\n  b: [*a]",
        "t:2:7: the alias '*a' stands inside what it repeats, so it would never end",
    ),
    "yaml unknown tag": (b"a: !Foo b", "t:1:4: the tag '!Foo'; expected none, or a short form such as !Ref"),
    "yaml python tag": (
        b"a: !!python/name:os.system ''",
        "t:1:4: the tag '!!python/name:os.system'; expected none, or a short form such as !Ref",
    ),
    "yaml binary": (
        b"a: !!binary aGk=",
        "t:1:4: the tag '!!binary'; expected none, or a short form such as !Ref",
    ),
    "yaml timestamp": (
        b"a: !!timestamp 2012-10-17",
        "t:1:4: the tag '!!timestamp'; expected none, or a short form such as !Ref",
    ),
    "yaml set": (b"a: !!set {b}", "t:1:4: the tag '!!set'; expected none, or a short form such as !Ref"),
    "yaml omap": (
        b"a: !!omap [b: 1]",
        "t:1:4: the tag '!!omap'; expected none, or a short form such as !Ref",
    ),
    "yaml misplaced tag": (
        b"a: !!map b",
        "t:1:4: the tag '!!map'; expected none, or a short form such as !Ref",
    ),
    "yaml list as an object": (
        b"a: !!map [b]",
        "t:1:4: the tag '!!map'; expected none, or a short form such as !Ref",
    ),
    "yaml object as a list": (
        b"a: !!seq {b: c}",
        "t:1:4: the tag '!!seq'; expected none, or a short form such as !Ref",
    ),
    "yaml infinity": (
        b"a: -.inf",
        "t:1:4: the number '-.inf' is not finite; expected a finite one, or text in quotes",
    ),
    "yaml overflow": (
        b"a: 1.0e+999",
        "t:1:4: the number '1.0e+999' is not finite; expected a finite one, or text in quotes",
    ),
    "yaml long number": (b"a: 1" + b":1" * 50_000, "t:1:4: a number of 100,001 characters; the limit is 100"),
    "yaml no number": (b"a: 0x_", "t:1:4: '0x_' is no !!int; put text in quotes"),
    "yaml empty number": (b"a: !!int ''", "t:1:4: '' is no !!int; put text in quotes"),
    "yaml no boolean": (b"a: !!bool maybe", "t:1:4: 'maybe' is no !!bool; put text in quotes"),
    "yaml deep flow": (b"[" * 100_000, f"t:1:101: {TOO_DEEP}"),
    "yaml deep block": (b"- " * 100_000, f"t:1:201: {TOO_DEEP}"),
    "yaml deep by short forms": (b"a: " + b"!Not [" * 100_000, f"t:1:298: {TOO_DEEP}"),
    "yaml many": (b"a: [" + b"0," * 200_000 + b"0]", f"t:1:399999: {TOO_MANY}"),
    "yaml deep by aliases": (
        b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d]\n" % (i, i, i - 1) for i in range(1, 200)),
        f"t:100:12: {TOO_DEEP}",
    ),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_says_where_and_why(data: bytes, message: str) -> None:
    """Each input that cannot be judged gets one message with its place and what was expected."""
    with pytest.raises(InputError) as caught:
        read_document(data, "t")
    assert str(caught.value) == message


def test_short_forms_become_long_forms() -> None:
    """A YAML template with every short form reads as its JSON equivalent."""
    short = read_document((TEMPLATES / "short_forms.yaml").read_bytes(), "short_forms.yaml")
    long = read_document((TEMPLATES / "short_forms.json").read_bytes(), "short_forms.json")
    assert short == long


@pytest.mark.parametrize(
    ("data", "document"),
    [
        (b"\xef\xbb\xbfa: 1", {"a": 1}),
        (
            b"a: 2012-10-17\nb: 2001-12-14t21:59:43.10-05:00",
            {"a": "2012-10-17", "b": "2001-12-14t21:59:43.10-05:00"},
        ),
        (b"yes: on\n1.0: off\nnull_: ~\n'~': x", {"yes": True, "1.0": False, "null_": None, "~": "x"}),
        (b"'<<': =\na: <<", {"<<": "=", "a": "<<"}),
        (
            b"a: 012345678901\nb: !!str 12\nc: '12'\nd: !!int '12'",
            {"a": "012345678901", "b": "12", "c": "12", "d": 12},
        ),
        (b"a: &x [1]\nb: &y !Ref z\nc: [*x, *y]", {"a": [1], "b": {"Ref": "z"}, "c": [[1], {"Ref": "z"}]}),
        (b"&k key: *k", {"key": "key"}),
        (b"a: &x 1\nb: *x\nc: &x 2\nd: *x", {"a": 1, "b": 1, "c": 2, "d": 2}),
        (b"!Ref a", {"Ref": "a"}),
        (b"a: ! b\nc: ! [d]", {"a": "b", "c": ["d"]}),
        (b"a: !!map {b: c}\nd: !!seq [e]", {"a": {"b": "c"}, "d": ["e"]}),
    ],
)
def test_what_is_accepted(data: bytes, document: dict[str, object]) -> None:
    """Scalars are typed by YAML 1.1 but for dates, keys are their literal text, aliases are expanded."""
    assert read_document(data, "t") == document


def test_an_alias_bomb_ends_at_once() -> None:
    """Nine to the power of thirty values are refused where they exceed the limit, on the sixth line."""
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
    )
    with pytest.raises(InputError) as caught:
        read_document(bomb.encode(), "bomb.yaml")
    assert str(caught.value) == f"bomb.yaml:6:14: {TOO_MANY}"


def test_a_surrogate_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML's own parser lets escapes through that are no characters; they are refused all the same."""
    monkeypatch.delattr(yaml, "CSafeLoader")
    with pytest.raises(InputError) as half:
        read_document(b'a: "\\ud800"', "t")
    with pytest.raises(InputError) as beyond:
        read_document(b'a: "\\U00110000"', "t")
    assert str(half.value) == f"t:1:4: {SURROGATE}"
    assert str(beyond.value) == "t: not valid YAML: chr() arg not in range(0x110000)"


def test_exactly_the_limit_is_accepted() -> None:
    """A hundred levels and 200,000 keys and values are no longer too many one less than that."""
    deep = "a: " + "[" * 99 + "]" * 99
    many = "a: [" + "0," * 199_996 + "0]"
    assert len(str(read_document(deep.encode(), "t"))) == len("{'a': }") + 198
    assert read_document(many.encode(), "t") == {"a": [0] * 199_997}


def filled(item: str, size: int, nodes: int) -> bytes:
    """Return a document of so many keys and values, most of which aliases repeat of one item."""
    thousand, rest = 1000 * size + 1, nodes - (1 + 1 + size + 1 + (1000 * size + 1) + 2)
    times, more = divmod(rest, thousand)
    repeated = f"a: &a {item}\nb: &b [{', '.join(['*a'] * 1000)}]\n"
    return f"{repeated}c: [{', '.join(['*b'] * times + ['0'] * more)}]\nd: e".encode()


@pytest.mark.parametrize(
    ("item", "size", "height"),
    [
        *(("x", 1, 0), ("[]", 1, 1), ("{}", 1, 1), ("[x, y]", 3, 1), ("{k: v}", 3, 1), ("{k: v, l: w}", 5, 1)),
        *(("!Sub x", 3, 1), ("!GetAtt a.b", 5, 2), ("!Sub [x, {}]", 5, 3), ("!Not []", 3, 2)),
        *(("[[x], y]", 4, 2), ("[x, [y]]", 4, 2), ("{k: !Ref x}", 5, 2), ("[!Not [x], y]", 6, 3)),
    ],
)
def test_an_alias_counts_as_what_it_stands_for(item: str, size: int, height: int) -> None:
    """Wherever an alias stands, the keys, values and levels that it repeats are counted."""
    assert read_document(filled(item, size, 199_998), "t")["d"] == "e"
    with pytest.raises(InputError) as too_many:
        read_document(filled(item, size, 199_999), "t")
    assert str(too_many.value) == f"t:4:4: {TOO_MANY}"
    with pytest.raises(InputError) as too_many:
        read_document(filled(item, size, 200_000), "t")
    assert str(too_many.value) == f"t:4:1: {TOO_MANY}"
    levels = 99 - height
    head = f"a: &a {item}\nb: "
    assert read_document(f"{head}{'[' * levels}*a{']' * levels}".encode(), "t")
    with pytest.raises(InputError) as too_deep:
        read_document(f"{head}[{'[' * levels}*a{']' * levels}]".encode(), "t")
    assert str(too_deep.value).endswith(TOO_DEEP)


def test_where_and_problem_are_apart() -> None:
    """An error carries its place and its problem for those who render it otherwise."""
    with pytest.raises(InputError) as caught:
        read_document(b"a: 1\na: 2", "my.yaml")
    assert (caught.value.where, caught.value.problem) == (
        "my.yaml:2:1",
        "the key 'a' stands twice in one object; keep one of them",
    )


# PyYAML writes these three, which YAML 1.1 takes for line breaks, so that they read as spaces.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers(1 - 10**99, 10**100 - 1) | FLOATS | TEXTS
DOCUMENTS = st.dictionaries(
    TEXTS,
    st.recursive(SCALARS, lambda values: st.lists(values) | st.dictionaries(TEXTS, values), max_leaves=20),
)


@given(DOCUMENTS)
def test_json_and_yaml_read_the_same(document: dict[str, object]) -> None:
    """Whatever JSON can say reads the same when it is dumped as YAML."""
    assert read_document(json.dumps(document).encode(), "t.json") == document
    assert read_document(b"---\n" + yaml.safe_dump(document).encode(), "t.yaml") == document


PIECES = st.sampled_from(
    [
        *"{}[]:,&*!|>?-#%@'\"\\~\n\t ",
        "a",
        "1",
        ": ",
        "- ",
        "\n  ",
        "!Ref ",
        "!!int ",
        "&a ",
        "*a",
        "<<: ",
        "0x",
        "1e9",
        "\ud7ff",
    ]
)


@given(st.binary() | st.text().map(str.encode) | st.lists(PIECES).map("".join).map(str.encode))
@pytest.mark.parametrize("prefix", [b"", b"{", b"a: ", b'{"a": ['])
def test_any_bytes_are_a_document_or_an_input_error(prefix: bytes, data: bytes) -> None:
    """Nothing but an InputError is raised, whatever the bytes."""
    with suppress(InputError):
        assert isinstance(read_document(prefix + data, "t"), dict)
