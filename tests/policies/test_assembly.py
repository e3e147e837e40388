"""From a path to templates: files, folders and cloud assemblies, whole and broken."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from policies.assembly import read_sources
from policies.cloud_assembly import Source
from policies.reading import InputError, read_document

APP = Path(__file__).parent / "corpus" / "assemblies" / "app"

CFN_TABLE = ("aws-cdk-lib.aws_dynamodb.Table@2.273.0", "aws-cdk-lib.aws_dynamodb.CfnTable@2.273.0")
STACK = ("aws-cdk-lib.App@2.273.0", "aws-cdk-lib.Stack@2.273.0")
SOLUTION = "@aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDB@2.105.0"
NESTED = "aws-cdk-lib.NestedStack@2.273.0"
CFN_STACK = ("constructs.Construct@10.8.1", "aws-cdk-lib.CfnStack@2.273.0")

NEST = "ParentNest688FD599.nested.template.json"
DEEP = "ParentNestDeep8B4876A4.nested.template.json"
PROD = "assembly-Prod/ProdStorage0EF194CB.template.json"

CONSTRUCTS: dict[str, dict[str, tuple[str, ...]]] = {
    "Storage.template.json": {"StoreDynamoTableE6B88180": (*STACK, SOLUTION, *CFN_TABLE)},
    "Other.template.json": {"Own30425842": (*STACK, *CFN_TABLE)},
    "Parent.template.json": {"NestNestedStackNestNestedStackResourceD8FE4395": (*STACK, *CFN_STACK)},
    NEST: {
        "StoreDynamoTableE6B88180": (*STACK, NESTED, SOLUTION, *CFN_TABLE),
        "DeepNestedStackDeepNestedStackResource521F28B7": (*STACK, NESTED, *CFN_STACK),
    },
    DEEP: {"Own30425842": (*STACK, NESTED, NESTED, *CFN_TABLE)},
    PROD: {"Own30425842": (STACK[0], "aws-cdk-lib.Stage@2.273.0", STACK[1], *CFN_TABLE)},
}

TEMPLATE = '{"Resources": {}}'
TEMPLATE_DIGEST = hashlib.sha256(TEMPLATE.encode()).hexdigest()


def outline(path: Path, root: Path) -> list[str | tuple[str, object]]:
    """Return what `path` gives: the message of an error, the name and constructs of a source."""
    seen: list[str | tuple[str, object]] = []
    for source in read_sources(path):
        if isinstance(source, InputError):
            seen.append(str(source).replace(f"{root}/", ""))
        else:
            seen.append((source.name.removeprefix(f"{root}/"), source.constructs))
    return seen


def names(folder: Path) -> list[str]:
    """Return the names of the templates that a folder gives."""
    sources = [source for source in read_sources(folder) if isinstance(source, Source)]
    return [source.name.removeprefix(f"{folder}/") for source in sources]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Give a copy of the app's assembly that a test may break."""
    return Path(shutil.copytree(APP, tmp_path / "app"))


def edit(file: Path, change: Callable[[dict[str, dict[str, dict[str, dict[str, object]]]]], object]) -> None:
    """Change a JSON file in place."""
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


def tree_node(kind: str) -> dict[str, object]:
    """Return a construct of the Solutions Construct's name that claims the table of the stack Other."""
    attributes = {"aws:cdk:cloudformation:type": kind, "aws:cdk:cloudformation:logicalId": "Own30425842"}
    info = {"fqn": "@aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDB", "version": "2.105.0"}
    return {
        "constructInfo": info,
        "children": {"Resource": {"attributes": attributes, "constructInfo": {"fqn": "x.CfnTable", "version": "1"}}},
    }


def test_an_assembly_gives_every_stack_with_its_constructs() -> None:
    """Stacks, nested stacks and a stage's stacks come once each, every resource with its own ancestors."""
    assert outline(APP, APP) == list(CONSTRUCTS.items())


def test_a_source_holds_document_and_digest() -> None:
    """A source is the parsed file, the digest of its bytes and what the manifest tells of its stack."""
    data = (APP / "Other.template.json").read_bytes()
    sources = {source.name: source for source in read_sources(APP) if isinstance(source, Source)}
    name = (APP / "Other.template.json").as_posix()
    assert sources[name] == Source(
        name,
        read_document(data, name),
        CONSTRUCTS["Other.template.json"],
        hashlib.sha256(data).hexdigest(),
        APP.as_posix(),
        {"AWS::StackName": "Other"},
    )


@pytest.mark.parametrize("name", ["Storage.template.json", "Other.template.json", PROD])
def test_a_stacks_template_named_alone_has_its_constructs(name: str) -> None:
    """A file that a manifest lists is judged with the construct tree, which for a stage is the app's."""
    assert outline(APP / name, APP) == [(name, CONSTRUCTS[name])]


def test_a_stacks_template_named_alone_knows_its_stack(app: Path) -> None:
    """What the manifest tells of the stack's pseudo parameters is known; a template that cannot be read says so."""
    file = app / "Other.template.json"
    (source,) = read_sources(file)
    assert isinstance(source, Source)
    assert source.pseudo == {"AWS::StackName": "Other"}
    file.write_text("[]")
    (problem,) = read_sources(file)
    assert isinstance(problem, InputError)
    assert problem.where.startswith(file.as_posix())


def test_names_are_as_given(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths stay relative."""
    monkeypatch.chdir(app.parent)
    assert outline(Path("./app"), Path()) == [(f"app/{name}", CONSTRUCTS[name]) for name in CONSTRUCTS]
    assert outline(Path("app") / PROD, Path()) == [(f"app/{PROD}", CONSTRUCTS[PROD])]


@pytest.mark.parametrize(
    ("inside", "given", "listed"),
    [
        (".", "Other.template.json", "Other.template.json"),
        ("assembly-Prod", "ProdStorage0EF194CB.template.json", PROD),
        ("assembly-Prod", "../Other.template.json", "Other.template.json"),
        ("sub", f"../{PROD}", PROD),
        ("assembly-Prod/sub", "../ProdStorage0EF194CB.template.json", PROD),
    ],
)
def test_a_template_named_from_inside_has_its_constructs(
    app: Path, monkeypatch: pytest.MonkeyPatch, inside: str, given: str, listed: str
) -> None:
    """The manifests are found where the file is, whatever part of its path its name leaves out."""
    (app / inside).mkdir(exist_ok=True)
    monkeypatch.chdir(app / inside)
    assert outline(Path(given), Path()) == [(given, CONSTRUCTS[listed])]


@pytest.mark.parametrize(
    ("inside", "given", "shown"),
    [
        ("..", "app/assembly-Prod", "app/assembly-Prod"),
        (".", "assembly-Prod", "assembly-Prod"),
        ("assembly-Prod", ".", "../assembly-Prod"),
        ("sub", "../assembly-Prod", "../assembly-Prod"),
    ],
)
def test_a_stage_named_alone_has_the_apps_constructs(
    app: Path, monkeypatch: pytest.MonkeyPatch, inside: str, given: str, shown: str
) -> None:
    """A stage's folder gives the stacks of the stage, and nothing else of the app whose tree shows them."""
    (app / "sub").mkdir()
    monkeypatch.chdir(app / inside)
    name = PROD.removeprefix("assembly-Prod/")
    assert outline(Path(given), Path()) == [(f"{shown}/{name}", CONSTRUCTS[PROD])]


def test_a_stage_that_its_app_does_not_list_is_an_app_of_its_own(app: Path) -> None:
    """Another assembly's tree, even the one around it, says nothing of the stage."""
    edit(app / "manifest.json", lambda manifest: manifest["artifacts"].pop("assembly-Prod"))
    assert outline(app / "assembly-Prod", app) == [(PROD, None)]
    assert outline(app / PROD, app) == [(PROD, None)]


def test_a_file_outside_any_assembly_has_no_constructs(app: Path) -> None:
    """Next to a manifest that does not list it, or to none, a file is a template alone."""
    (app / "loose.json").write_text(TEMPLATE)
    (app.parent / "alone.json").write_text(TEMPLATE)
    assert outline(app / "loose.json", app) == [("loose.json", None)]
    assert outline(app.parent / "alone.json", app.parent) == [("alone.json", None)]


def test_asset_metadata_leads_to_a_nested_stack(app: Path) -> None:
    """Where the CDK's CLI has written `aws:asset:path`, asset manifests are not needed."""
    nested = {
        "Parent.template.json": ("NestNestedStackNestNestedStackResourceD8FE4395", NEST),
        NEST: ("DeepNestedStackDeepNestedStackResource521F28B7", DEEP),
    }
    for name, (logical_id, path) in nested.items():
        document = json.loads((app / name).read_text())
        document["Resources"][logical_id]["Metadata"] = {"aws:asset:path": path}
        (app / name).write_text(json.dumps(document))
    (app / "Parent.assets.json").unlink()
    assert outline(app, app) == list(CONSTRUCTS.items())


def test_a_nested_stack_kept_elsewhere_is_none_of_the_assemblys(app: Path) -> None:
    """A TemplateURL that holds no asset's id leads nowhere."""
    edit(app / "Parent.template.json", lambda parent: next(iter(parent["Resources"].values())).clear())
    assert names(app) == [
        *("Storage.template.json", "Other.template.json", "Parent.template.json"),
        PROD,
    ]


def test_a_nested_stack_whose_template_is_not_there_is_an_error(app: Path) -> None:
    """A nested stack that no asset holds is named, for nothing of it is judged."""
    nested_stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/nested"}}
    (app / "Other.template.json").write_text(json.dumps({"Resources": {"Nested": nested_stack}}))
    assert outline(app, app)[1:3] == [
        ("Other.template.json", {}),
        "Other.template.json: the template of the nested stack Nested is not in the assembly,"
        " so that nothing of it was judged",
    ]


def test_without_a_tree_there_are_no_constructs(app: Path) -> None:
    """An app synthesised with `tree_metadata=False` lists no tree."""
    edit(app / "manifest.json", lambda manifest: manifest["artifacts"].pop("Tree"))
    assert outline(app, app) == [(name, None) for name in CONSTRUCTS]


def test_a_stack_that_the_tree_does_not_show_has_no_constructs(app: Path) -> None:
    """A tree of another synthesis says nothing of a stack it lacks."""
    edit(app / "tree.json", lambda tree: tree["tree"]["children"].pop("Other"))
    assert outline(app, app) == [
        (name, None if name == "Other.template.json" else constructs) for name, constructs in CONSTRUCTS.items()
    ]


WITHOUT_CONSTRUCTS: list[str | tuple[str, object]] = [(name, None) for name in CONSTRUCTS]
BROKEN_TREES = {
    "missing": (None, "tree.json: no such file; check the path"),
    "syntax": (
        "{",
        "tree.json: not valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1);"
        " expected a file that the CDK wrote",
    ),
    "encoding": (
        '{"a": "\udcff"}',
        "tree.json: not valid JSON: 'utf-8' codec can't decode byte 0xff in position 7: invalid start byte;"
        " expected a file that the CDK wrote",
    ),
    "deep": ('{"a": ' * 100_000, "tree.json: nested too deep to read; expected a file that the CDK wrote"),
    "list": ("[]", "tree.json: no object at the top; expected a file that the CDK wrote"),
    "other": (
        '{"tree": []}',
        "tree.json: 'tree' is no object; expected a construct tree that the CDK wrote",
    ),
    "in parts": (
        '{"tree": {"children": {"Storage": {"id": "Storage", "fileName": "trees-1.json", "treeId": "t0"}}}}',
        "tree.json: the construct tree goes on in another file at 'Storage'; expected it whole",
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN_TREES.values(), ids=BROKEN_TREES)
def test_a_broken_tree_is_an_error_of_its_own(app: Path, text: str | None, message: str) -> None:
    """The templates are judged all the same, without constructs."""
    if text is None:
        (app / "tree.json").unlink()
    else:
        (app / "tree.json").write_bytes(text.encode(errors="surrogateescape"))
    assert outline(app, app) == [message, *WITHOUT_CONSTRUCTS]
    assert outline(app / PROD, app) == [message, (PROD, None)]


def test_a_tree_is_bounded(app: Path) -> None:
    """A tree of more than 64 MiB is not read."""
    with (app / "tree.json").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    assert outline(app, app) == [
        "tree.json: larger than 67,108,864 bytes, the limit for such a file",
        *WITHOUT_CONSTRUCTS,
    ]


def test_odd_nodes_of_a_tree_tell_nothing(app: Path) -> None:
    """What has not the shape of a construct is passed over."""
    tree = {
        "children": {
            "Other": {"constructInfo": [], "attributes": 1, "children": {"a": 2, "b": {"children": []}}},
            "Storage": {"constructInfo": {"fqn": "x.Stack"}, "children": {"Store": {"children": {}}}},
        }
    }
    (app / "tree.json").write_text(json.dumps({"tree": tree}))
    constructs: dict[str, dict[str, tuple[str, ...]]] = {"Other.template.json": {}, "Storage.template.json": {}}
    assert outline(app, app) == [(name, constructs.get(name)) for name in CONSTRUCTS]


def test_two_stacks_with_one_name_have_no_constructs(app: Path) -> None:
    """A stack that is shown under another's name does not borrow that one's constructs."""
    manifest = json.loads((app / "manifest.json").read_text())
    manifest["artifacts"]["Other"]["displayName"] = "Storage"
    (app / "manifest.json").write_text(json.dumps(manifest))
    shared = {"Storage.template.json", "Other.template.json"}
    assert outline(app, app) == [(name, None if name in shared else CONSTRUCTS[name]) for name in CONSTRUCTS]


@pytest.mark.parametrize(
    "children",
    [
        pytest.param({"Own": tree_node("AWS::Lambda::Function")}, id="another-type-of-resource"),
        pytest.param(
            {"Own": tree_node("AWS::DynamoDB::Table"), "Twin": tree_node("AWS::DynamoDB::Table")},
            id="claimed-by-two-constructs",
        ),
    ],
)
def test_a_tree_that_contradicts_itself_or_the_template_tells_nothing(app: Path, children: dict[str, object]) -> None:
    """What made a resource is not told by a construct of another type, nor by two constructs."""
    edit(app / "tree.json", lambda tree: tree["tree"]["children"]["Other"].update(children=children))
    assert outline(app, app) == [
        (name, {} if name == "Other.template.json" else constructs) for name, constructs in CONSTRUCTS.items()
    ]


def test_a_broken_metadata_file_leaves_the_trees_own_logical_ids(app: Path) -> None:
    """Logical ids that the metadata lacks are taken from the tree, where it has them."""
    (app / "Storage.metadata.json").write_text("[]")
    assert outline(app, app) == [
        "Storage.metadata.json: no object at the top; expected a file that the CDK wrote",
        *[(name, {} if name == "Storage.template.json" else CONSTRUCTS[name]) for name in CONSTRUCTS],
    ]


def test_a_broken_manifest_leaves_the_templates(app: Path) -> None:
    """The folder's templates are still found by their names, and the manifest is named."""
    (app / "manifest.json").write_text('{"artifacts": []}')
    message = "manifest.json: 'artifacts' is no object; expected a manifest that the CDK wrote"
    assert outline(app, app) == [message, *sorted(WITHOUT_CONSTRUCTS, key=lambda seen: ("/" in seen[0], seen))]
    assert outline(app / "Other.template.json", app) == [message, ("Other.template.json", None)]


def test_no_path_leads_out_of_the_folder(app: Path) -> None:
    """Paths upwards, absolute ones, links outwards, loops and impossible names are refused by artifact."""
    outside = app.parent / "outside.json"
    outside.write_text(TEMPLATE)
    (app / "link.json").symlink_to(outside)
    (app / "loop.json").symlink_to("loop.json")
    paths: dict[str, object] = {
        "Up": "../outside.json",
        "Absolute": outside.as_posix(),
        "Link": "link.json",
        "Loop": "loop.json",
        "Nul": "a\0b",
        "None": None,
    }
    artifacts = {
        name: {"type": "aws:cloudformation:stack", "properties": {"templateFile": file}} for name, file in paths.items()
    }
    artifacts["Stage"] = {"type": "cdk:cloud-assembly", "properties": {"directoryName": ".."}}
    artifacts["Same"] = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}
    artifacts["Other"] = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Other.template.json"}}
    artifacts["Odd"] = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "odd.json"}}
    (app / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    resource = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "../outside.json"}}
    (app / "odd.json").write_text(json.dumps({"Resources": {"Nested": resource, "Odd": []}}))
    inside = "which is not inside the folder; expected a path inside it"
    assert outline(app, app) == [
        f"manifest.json: the artifact Up names '../outside.json', {inside}",
        f"manifest.json: the artifact Absolute names '{outside}', {inside}",
        f"manifest.json: the artifact Link names 'link.json', {inside}",
        f"manifest.json: the artifact Loop names 'loop.json', {inside}",
        f"manifest.json: the artifact Nul names 'a\\x00b', {inside}",
        "manifest.json: the artifact None names no file; expected a path relative to the folder",
        f"manifest.json: the artifact Stage names '..', {inside}",
        ("Other.template.json", None),
        ("odd.json", None),
        f"odd.json: the nested stack Nested names '../outside.json', {inside}",
    ]


def test_a_missing_template_does_not_hide_the_others(app: Path) -> None:
    """A stack without its template, and one that cannot be parsed, are errors among the sources."""
    (app / "Storage.template.json").unlink()
    (app / "Other.template.json").write_text('{"a": 1, "a": 2}')
    assert outline(app, app)[:3] == [
        "Storage.template.json: no such file; check the path",
        "Other.template.json:1:10: the key 'a' stands twice in one object; keep one of them",
        ("Parent.template.json", CONSTRUCTS["Parent.template.json"]),
    ]


def test_a_template_is_judged_once(app: Path) -> None:
    """A nested stack that names its own template, or one that is there already, ends there."""
    resource = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "Parent.template.json"}}
    (app / "Parent.template.json").write_text(json.dumps({"Resources": {"Nested": resource}}))
    assert names(app) == [
        *("Storage.template.json", "Other.template.json", "Parent.template.json"),
        PROD,
    ]


def test_a_folder_gives_the_files_named_as_templates(tmp_path: Path) -> None:
    """`*.template.*` files are found at any depth, but not hidden, behind links or in node_modules."""
    for name in ["b.template.yaml", "a.template.json", "sub/c.template.yml", "notes.json"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEMPLATE)
    for name in [".hidden", "node_modules"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "d.template.json").write_text(TEMPLATE)
    (tmp_path / "e.template.json").symlink_to("a.template.json")
    (tmp_path / "up").symlink_to("..")
    found = ["a.template.json", "b.template.yaml", "sub/c.template.yml"]
    assert list(read_sources(tmp_path)) == [
        Source((tmp_path / name).as_posix(), {"Resources": {}}, None, TEMPLATE_DIGEST) for name in found
    ]


def test_a_folder_gives_the_assemblies_in_it(app: Path) -> None:
    """An assembly is read as if it were named, at any depth: its stacks and no stray files."""
    shutil.copytree(app, app.parent / "deeper" / "still" / "cdk.out")
    (app.parent / "own.template.json").write_text(TEMPLATE)
    (app / "stale.template.json").write_text(TEMPLATE)
    assert outline(app.parent, app.parent) == [
        ("own.template.json", None),
        *[(f"app/{name}", constructs) for name, constructs in CONSTRUCTS.items()],
        *[(f"deeper/still/cdk.out/{name}", constructs) for name, constructs in CONSTRUCTS.items()],
    ]


def test_a_folder_with_an_assembly_gives_no_other_files_with_resources(app: Path) -> None:
    """Where templates are found by their names or by a manifest, none is guessed by its content."""
    (app.parent / "stack.yml").write_text("Resources: {}")
    assert names(app.parent) == [f"app/{name}" for name in CONSTRUCTS]


def test_a_broken_assembly_in_a_folder_leaves_its_templates(app: Path) -> None:
    """It is named, even if it cannot be read at all, and its templates and the rest are judged."""
    cut = app.parent / "cut"
    shutil.copytree(app / "assembly-Prod", cut)
    (cut / "manifest.json").write_text('{"artifacts": {')
    (app.parent / "large").mkdir()
    with (app.parent / "large" / "manifest.json").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    edit(app / "manifest.json", lambda manifest: manifest["artifacts"]["Other"]["properties"].clear())
    assert outline(app.parent, app.parent) == [
        "app/manifest.json: the artifact Other names no file; expected a path relative to the folder",
        *[(f"app/{name}", constructs) for name, constructs in CONSTRUCTS.items() if name != "Other.template.json"],
        "cut/manifest.json: not valid JSON: Expecting property name enclosed in double quotes: line 1 column 16"
        " (char 15); expected a file that the CDK wrote",
        ("cut/ProdStorage0EF194CB.template.json", None),
        "large/manifest.json: larger than 67,108,864 bytes, the limit for such a file",
    ]


@pytest.mark.parametrize(
    "manifest", ['{"name": "a web application"}', '[{"Layers": []}]', "// commented\n{}", "x" * 2_000_000]
)
def test_another_kind_of_manifest_makes_no_assembly(tmp_path: Path, manifest: str) -> None:
    """The name manifest.json belongs to others too, who lie beside templates."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "manifest.json").write_text(manifest)
    (tmp_path / "web" / "a.template.json").write_text(TEMPLATE)
    assert outline(tmp_path, tmp_path) == [("web/a.template.json", None)]


def test_a_folder_without_such_names_gives_the_files_with_resources(tmp_path: Path) -> None:
    """JSON and YAML without Resources are passed over; what cannot be read is not."""
    (tmp_path / "stack.yml").write_text("Resources: {}")
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "manifest.json").write_text('// commented\n{"Resources": {}}')
    (tmp_path / "README.md").write_text("Resources: {}")
    assert outline(tmp_path, tmp_path) == [
        "broken.json:1:2: not valid JSON: Expecting property name enclosed in double quotes;"
        " a document that begins with { is read as JSON",
        ("stack.yml", None),
    ]


def test_a_folder_without_templates_is_an_error(tmp_path: Path) -> None:
    """Nothing to judge is said, whether the folder is empty or an assembly without stacks."""
    message = (
        f"{tmp_path}: a folder without templates; expected a cloud assembly (cdk.out), or CloudFormation templates"
    )
    assert [str(source) for source in read_sources(tmp_path)] == [message]
    (tmp_path / "manifest.json").write_text('{"version": "54.0.0"}')
    assert [str(source) for source in read_sources(tmp_path)] == [message]


def test_a_broken_assembly_without_templates_is_one_error(tmp_path: Path) -> None:
    """What is wrong with the manifest is told, and not that nothing was found beside it."""
    (tmp_path / "manifest.json").write_text('{"artifacts": []}')
    assert outline(tmp_path, tmp_path) == [
        "manifest.json: 'artifacts' is no object; expected a manifest that the CDK wrote"
    ]


def test_a_folder_that_may_not_be_listed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A subfolder without permission is named, and the rest is judged."""
    (tmp_path / "a.template.json").write_text(TEMPLATE)
    (tmp_path / "locked").mkdir()
    iterdir = Path.iterdir

    def guarded(folder: Path) -> object:
        if folder.name == "locked":
            raise PermissionError(13, "Permission denied")
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", guarded)
    assert outline(tmp_path, tmp_path) == [
        ("a.template.json", None),
        "locked: the folder cannot be read: Permission denied",
    ]


def test_a_path_that_may_not_be_looked_at_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system does not even tell a file from a folder, its reason is the message."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    assert outline(tmp_path / "x", tmp_path) == ["x: cannot be read: Permission denied"]
