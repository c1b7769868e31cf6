"""Labels that a recipe cannot read, and what says the labels where a recipe and a folder both do."""

from pathlib import Path

import pytest

from hornbook.cli.main import main
from hornbook.errors import DataError
from hornbook.examples.prepare import prepare
from hornbook.recipe import Recipe
from hornbook.recipe.recipe import recipe_names
from hornbook.recipe.resolve import read, resolve
from tests.sources.make import pictures, tree


def labelled(folder: Path, labels: dict[str, str]) -> Path:
    """Write pictures with a labels file, in a folder of their split where the name has one."""
    tree(folder, pictures(labels))
    lines: dict[Path, list[str]] = {}
    for name, text in labels.items():
        path = folder / name
        lines.setdefault(path.parent, []).append(f"{path.name} {text}\n")
    for place, texts in lines.items():
        (place / "labels.txt").write_text("".join(texts))
    return folder


@pytest.mark.parametrize("recipe", ["captcha", "captcha_cnn", "captcha_alphanumeric"])
@pytest.mark.parametrize("command", ["look", "train"])
@pytest.mark.parametrize(
    "labels",
    [
        {"1.png": "ab-d", "2.png": "ef-h"},
        {"1.png": "123456789", "2.png": "123456780"},
        {"train/1.png": "ab-d", "train/2.png": "ef-h", "test/3.png": "1234", "test/4.png": "56789"},
    ],
    ids=["characters", "length", "of the training rows alone"],
)
def test_labels_of_which_none_can_be_read_are_one_sentence(
    recipe: str, command: str, labels: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = labelled(tmp_path / "mine", labels)
    run = ["--run", str(tmp_path / "r")] if command == "train" else ["--out", str(tmp_path / "look")]
    assert main([command, recipe, "--data", str(folder), *run]) == 1
    said = capsys.readouterr().err.strip()
    assert said.count("\n") == 0 and f"of {len(labels)} examples none can be trained on; the first: " in said
    assert any(name in said for name in labels if not name.startswith("test"))
    assert "set targets.text.length and targets.text.alphabet" in said


def test_the_way_out_that_is_named_is_one(tmp_path: Path) -> None:
    folder = labelled(
        tmp_path / "mine", {f"{i}.png": text for i, text in enumerate(["abcd", "dcba", "bcda"])}
    )
    changes = ["targets.text.length=4", "targets.text.alphabet=lower"]
    for recipe in (Recipe.read("captcha", changes), Recipe.read("captcha_real")):
        chosen, _ = resolve(recipe, data=folder)
        prepared = prepare(read(chosen), chosen.inputs, chosen.targets, chosen.split)
        assert len(prepared.splits["train"]) and not prepared.problems


@pytest.mark.parametrize("name", ["labels.txt", "answers.csv"])
@pytest.mark.parametrize("column", ["text", "what"])
def test_what_says_the_labels_goes_before_a_pattern_that_only_the_recipe_brings(
    name: str, column: str, tmp_path: Path
) -> None:
    tree(tmp_path, pictures([f"{i}.png" for i in range(3)]))
    between = "," if name.endswith("csv") else " "
    head = f"file,{column}\n" if name.endswith("csv") else ""
    (tmp_path / name).write_text(head + "".join(f"{i}.png{between}ab{i}\n" for i in range(3)))
    chosen, _ = resolve("captcha_real", data=tmp_path)
    prepared = prepare(read(chosen), chosen.inputs, chosen.targets, chosen.split)
    assert prepared.examples.table["text"].to_list() == ["ab0", "ab1", "ab2"]
    told, _ = resolve("captcha_real", data=tmp_path, changes=["data.pattern={text}.png"])
    assert read(told).table["text"].to_list() == ["0", "1", "2"]
    (tmp_path / name).write_text("nothing.png,x\n")
    assert read(resolve("captcha_real", data=tmp_path)[0]).table["text"].to_list() == ["0", "1", "2"]


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_for_a_file_says_where_to_get_it_and_names_no_other(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = Recipe.read(name)
    source = recipe.data.source
    if not isinstance(source, str) or "." not in source:
        assert recipe.data.home is None
        return
    for other in ("orders.csv", f"x{source.replace('*', '1')}"):
        (tmp_path / other).write_text("a,b\n1,2\n")
    assert main(["look", name]) == 1
    said = capsys.readouterr().err
    assert (
        source in said and "get it from https://" in said and "--data" in said and "did you mean" not in said
    )
    assert main(["recipe"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.split()[:1] == [name])
    assert f"Needs {source}: --data." in line
    with pytest.raises(DataError, match="nosuch"):
        read(resolve(name, data=tmp_path / "nosuch.csv")[0])
    assert "home" not in resolve(name, data=tmp_path / "orders.csv")[0].to_toml()


def test_the_folder_of_a_run_is_no_examples(tmp_path: Path) -> None:
    tree(tmp_path / "s", pictures(["report/1.png", "report/2.png"]))
    for name in ("recipe.toml", "history.csv", "report.html"):
        (tmp_path / "s" / name).write_text("x")
    with pytest.raises(DataError, match=r"is the folder of a run, and no examples: .*recipe.toml"):
        resolve(str(tmp_path / "s"))


@pytest.mark.parametrize("copy", ["28an (2)", "28an_2", "28an - Copy", "28an - Copy (3)", "28an"])
def test_a_second_file_of_a_string_has_the_string(copy: str, tmp_path: Path) -> None:
    tree(tmp_path, pictures([f"{copy}.png"]))
    assert read(resolve("captcha_real", data=tmp_path)[0]).table["text"].to_list() == ["28an"]
