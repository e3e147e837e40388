"""Cloud assemblies: what a manifest tells of stacks and of those nested in them, circles, and how many there may be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from policies.assembly import read_sources
from policies.cloud_assembly import Source
from policies.reading import InputError

LEAF = {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}


def nesting(*files: str) -> dict[str, object]:
    """Return a template that nests others, each as one resource."""
    resources = {
        f"Nested{number}": {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": file}}
        for number, file in enumerate(files)
    }
    return {"Resources": resources}


def stack(file: str, **stated: object) -> dict[str, object]:
    """Return the artifact of a stack, with what else is stated of it."""
    properties = {"templateFile": file, **({"stackName": stated.pop("name")} if "name" in stated else {})}
    return {"type": "aws:cloudformation:stack", "properties": properties, **stated}


def within(folder: str) -> dict[str, object]:
    """Return the artifact of an assembly in another."""
    return {"type": "cdk:cloud-assembly", "properties": {"directoryName": folder}}


def write(folder: Path, artifacts: Mapping[str, object], **files: object) -> None:
    """Write an assembly; files are named without .json."""
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))


def told(folder: Path) -> list[str]:
    """Return the name of each template that an assembly gives, and what is wrong with it."""
    return [
        str(source).removeprefix(f"{folder}/") if isinstance(source, InputError) else source.name.split(f"{folder}/")[1]
        for source in read_sources(folder)
    ]


def pseudo(folder: Path) -> list[Mapping[str, str]]:
    """Return what is known of the pseudo parameters of each stack."""
    return [source.pseudo for source in read_sources(folder) if isinstance(source, Source)]


def test_what_a_manifest_tells_of_a_stack(tmp_path: Path) -> None:
    """Its name, or else the artifact's; account and region where they are known, for what is nested in it as well."""
    known = stack("parent.json", name="orders", environment="aws://111122223333/eu-west-1")
    unknown = stack("leaf.json", name=7, environment="aws://unknown-account/unknown-region")
    write(tmp_path, {"A": known, "B": unknown}, parent=nesting("nested.json"), nested=LEAF, leaf=LEAF)
    place = {"AWS::AccountId": "111122223333", "AWS::Region": "eu-west-1"}
    assert pseudo(tmp_path) == [{"AWS::StackName": "orders", **place}, place, {"AWS::StackName": "B"}]


def test_a_stack_is_known_by_its_artifact(tmp_path: Path) -> None:
    """Where it has no other name to show, the tree has it under the artifact's."""
    attributes = {
        "aws:cdk:cloudformation:type": "AWS::DynamoDB::Table",
        "aws:cdk:cloudformation:logicalId": "Table",
    }
    info = {"fqn": "aws-cdk-lib.Any", "version": "2"}
    table = {"id": "Table", "path": "A/Table", "constructInfo": info, "attributes": attributes}
    app = {"id": "A", "path": "A", "constructInfo": info, "children": {"Table": table}}
    tree = {"tree": {"id": "App", "path": "", "constructInfo": info, "children": {"A": app}}}
    artifacts = {"A": stack("leaf.json"), "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}
    write(tmp_path, artifacts, leaf=LEAF, tree=tree)
    (source,) = read_sources(tmp_path)
    assert isinstance(source, Source)
    assert source.constructs == {"Table": ("aws-cdk-lib.Any@2",) * 3}


def test_a_template_of_two_stacks_comes_once(tmp_path: Path) -> None:
    """A second stack of the same template, or of one that is nested already, is passed over, and none behind it."""
    artifacts = {"A": stack("parent.json"), "B": stack("parent.json"), "C": stack("nested.json"), "D": stack("d.json")}
    write(tmp_path, artifacts, parent=nesting("nested.json"), nested=LEAF, d=LEAF)
    assert told(tmp_path) == ["parent.json", "nested.json", "d.json"]


def test_an_assembly_that_is_listed_twice_comes_once(tmp_path: Path) -> None:
    """And what is listed behind it comes as well."""
    artifacts = {"One": within("one"), "Again": within("one"), "Two": within("two")}
    write(tmp_path, artifacts)
    for name in ("one", "two"):
        write(tmp_path / name, {"A": stack("leaf.json")}, leaf=LEAF)
    assert told(tmp_path) == ["one/leaf.json", "two/leaf.json"]


@pytest.mark.parametrize(
    ("nested", "names"),
    [
        ({"a": ["a.json"]}, ["a.json", "a.json: the template nests itself"]),
        (
            {"a": ["b.json"], "b": ["c.json"], "c": ["a.json"]},
            ["a.json", "b.json", "c.json", "a.json: the template nests itself"],
        ),
        ({"a": ["b.json", "b.json"], "b": []}, ["a.json", "b.json", "b.json"]),
    ],
    ids=["itself", "by-others", "twice"],
)
def test_circles(tmp_path: Path, nested: Mapping[str, Sequence[str]], names: list[str]) -> None:
    """A template that nests itself, by others too, is a problem; one that is nested twice comes twice."""
    write(tmp_path, {"A": stack("a.json")}, **{name: nesting(*files) for name, files in nested.items()})
    assert told(tmp_path) == names


def test_an_asset_of_another_assembly(tmp_path: Path) -> None:
    """The files of an asset manifest lie beside it: they are none of a stack's that is listed elsewhere."""
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/0123abcd.json"}}
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
    files = {"files": {"0123abcd": {"source": {"path": "nested.json"}}}}
    parent = {"Resources": {"Nested": nested}}
    artifacts = {"A": stack("parent.json"), "In": within("in")}
    write(tmp_path, artifacts, parent=parent, nested=LEAF)
    write(tmp_path / "in", {"Assets": assets}, assets=files, nested=LEAF)
    problem = "the template of the nested stack Nested is not in the assembly, so that nothing of it was judged"
    assert told(tmp_path) == ["parent.json", f"parent.json: {problem}"]
    write(tmp_path, {**artifacts, "Assets": assets}, assets=files)
    assert told(tmp_path) == ["parent.json", "nested.json"]


def test_stacks_are_bounded(tmp_path: Path) -> None:
    """A thousand stacks are judged, however they are nested; of more, the rest is not, and that is said."""
    write(tmp_path, {"A": stack("a.json"), "B": stack("b.json")}, a=nesting(*["b.json"] * 999), b=LEAF)
    assert told(tmp_path) == ["a.json", *["b.json"] * 999]
    write(tmp_path, {"A": stack("a.json")}, a=nesting(*["b.json"] * 1_001), b=LEAF)
    limit = f"{tmp_path}: more than 1000 stacks, the limit; judge stages apart"
    assert told(tmp_path) == ["a.json", *["b.json"] * 999, limit]
