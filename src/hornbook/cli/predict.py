"""``hornbook predict``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from hornbook.cli.arguments import RecognizerFile, Says
from hornbook.cli.terminal import complain, note
from hornbook.common.endings import is_film
from hornbook.common.plaintext import listed, number_of, percent, shorten, width
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError, one_of

if TYPE_CHECKING:
    from hornbook.cli.shown.answer_pictures import AnswerPictures
    from hornbook.cli.shown.shown_pictures import ShownPictures
    from hornbook.columns.base import Column
    from hornbook.columns.prediction import Prediction
    from hornbook.recognizer import Answer, Recognizer
    from hornbook.recognizer.inputs import Given

AT_ONCE = 32
"""Inputs of a batch: answers come soon after the files were read, and a larger one is hardly faster."""

FEW = 8
"""Up to so many inputs, starting the threads of ONNX Runtime costs more than they save."""

NAMED = 2
"""Rows of a table that are named where they cannot be predicted; of more it is said how many there are."""

WIDEST = 60
"""Cells up to which names are aligned."""

LONGEST = 160
"""Cells of a text that are shown: of a text of a million characters, its beginning and its end."""


def predict(
    recognizer: RecognizerFile,
    paths: Annotated[
        Sequence[str],
        Says("pictures, films, folders, patterns such as '*.png', or - for standard input", "PATH"),
    ] = (),
    *,
    text: Annotated[
        Sequence[str],
        Says("a text to look at, for a recognizer of texts; may be given several times", "TEXT"),
    ] = (),
    top: Annotated[
        int | None, Says("how many of the likeliest values to give (1; with --json 3)", "K")
    ] = None,
    steps: Annotated[
        int | None,
        Says("for series: how many values to come; those after the first are foretold from them", "N"),
    ] = None,
    as_json: Annotated[bool, Says("print a line of JSON for each input", flag="--json")] = False,
    abstain: Annotated[float, Says("give no answer that is less sure than this, 0 to 1", "X")] = 0.0,
    alphabet: Annotated[
        str | None,
        Says("for strings: the only characters there may be, or digits, lower, upper, ...", "CHARACTERS"),
    ] = None,
    out: Annotated[
        str | None,
        Says(
            "write rows with the answers beside them into this table, or a table for each of many into a folder; "
            "answers that are pictures into a folder",
            "FILE.csv|DIR/",
        ),
    ] = None,
    show: Annotated[
        str | None,
        Says("write each picture, what the network was given and where it looked into this folder", "DIR"),
    ] = None,
    shard: Annotated[
        str | None, Says("of the tables for --out DIR/, every n-th from the i-th on", "I/N")
    ] = None,
    jobs: Annotated[int, Says("so many processes for --out DIR/", "N")] = 1,
    ray: Annotated[
        str | None, Says("answer for --out DIR/ on a Ray cluster: auto, local, HOST:6379", "ADDRESS")
    ] = None,
) -> int:
    """Say what new examples are: pictures, sounds, rows of a table, texts.

    Prints the name, the answer and how sure it is, for each. A folder stands for all pictures below it, a table for
    those that it names, or whose pixels it holds.
    Standard input holds a picture, as it is or in base64, or paths, one a line. For a recognizer of texts each line
    of a file, or of standard input, is a text; for one of numbers, classes or texts, each row of a table (CSV, Parquet,
    JSON lines); for one of series the last rows of a table, whose next values are foretold, each with its time and its
    range.
    With --out DIR/ each table is answered by a table of its own in that folder, and each thousand pictures by one; the
    same command given again goes on with what is missing.
    What cannot be read is reported by name, the rest is predicted, and the exit status
    is 1.

    Examples
    --------
      hornbook predict runs/digits photo.jpg
      hornbook predict runs/digits my_pictures "*.jpg" --top 3
      hornbook predict runs/digits photo.jpg --json --abstain 0.9
      hornbook predict runs/digits photo.jpg --show seen
      hornbook predict runs/reviews --text "great food"
      hornbook predict runs/houses new.csv --out answers.csv
      hornbook predict runs/digits my_pictures --out answers.csv
      hornbook predict runs/clean my_pictures --out cleaned
      hornbook predict runs/stock prices.csv
      hornbook predict runs/stock prices.csv --steps 1
      hornbook predict runs/houses "in/*.parquet" --out out/ --jobs 2
      hornbook predict runs/houses "in/*.parquet" --out out/ --shard 3/8
    """
    from hornbook.cli.shown.answer_pictures import pictures_for
    from hornbook.recognizer import load

    _check(paths, text, top, abstain)
    few = len(paths) <= FEW and all(map(os.path.isfile, paths))
    reader = load(recognizer, threads=1 if few else 0)
    if alphabet is not None:
        reader = reader.restricted(alphabet)
    if text and not reader.reads_text:
        raise UsageError("--text is for recognizers of texts, and this one takes " + one_of(reader.inputs))
    pictures = pictures_for(
        reader, out, [("--shard", shard is not None), ("--jobs", jobs > 1), ("--ray", ray is not None)]
    )
    out = None if pictures is not None else out
    folder = _folder(out, (shard, jobs, ray), show, text)
    if folder:
        from hornbook.cli.bulk import write_folder
        from hornbook.recognizer.bulk.parts_of import Asked

        _check_out(reader, True, as_json, top or 1)
        asked = Asked(str(Path(reader.path).absolute()), alphabet, abstain)
        return 1 if write_folder(reader, paths, asked, folder, (shard, jobs, ray)) else 0
    if reader.reads_series and not text:
        from hornbook.cli.forecast import predict_series

        return predict_series(reader, paths, as_json, out, steps)
    if steps is not None:
        raise UsageError("--steps is for recognizers of series, and this one takes " + one_of(reader.inputs))
    wanted = top or (3 if as_json else 1)
    show_in = None
    if show is not None:
        from hornbook.cli.shown.shown_pictures import ShownPictures

        show_in = ShownPictures(Path(show), reader)
    tables = reader.takes_tables(paths)
    if out is not None:
        _check_out(reader, tables, as_json, wanted)
    if tables and text:
        raise UsageError("--text says a text, and tables have rows of them: predict one after the other")
    if tables and out is not None:
        from hornbook.cli.shown.answer_tables import write_answers

        return 1 if write_answers(reader, paths, abstain, out) else 0
    if tables:
        line = _json_line if as_json else _Aligned(reader, ["row 1000"], wanted)
        return 1 if _predict_rows(reader, paths, wanted, abstain, line) else 0
    films = [path for path in paths if is_film(path)]
    if films:
        return _predict_films(reader, films, paths, (wanted, abstain, as_json), out, show)
    given = _given(reader, paths, text)
    names = [name for one in given for name, _ in one.values]
    line = _json_line if as_json else _Aligned(reader, names, top or 1)
    failures = _predict_files(reader, given, paths, (wanted, abstain), out, line, show_in, pictures)
    if pictures is not None:
        note(f"answers: {number_of(pictures.count, 'picture')} in {shown(str(pictures.folder))}")
    _say_shown(show_in, show)
    return 1 if failures else 0


def _say_shown(show_in: ShownPictures | None, show: str | None) -> None:
    if show_in is not None:
        note(f"what the network was given: {number_of(show_in.count, 'picture')} in {show}")


def _predict_films(
    reader: Recognizer,
    films: Sequence[str],
    paths: Sequence[str],
    how: tuple[int, float, bool],
    out: str | None,
    show: str | None,
) -> int:
    """Print the answer to each frame of some films; return the exit status."""
    from hornbook.cli.shown.film_answers import predict_film

    if len(films) < len(paths):
        raise UsageError(
            "films are answered frame by frame, and pictures each by itself: predict them one by one"
        )
    for option, given in (("--out", out), ("--show", show)):
        if given is not None:
            raise UsageError(
                f"{option} is for pictures, and here are films: leave it out, or write with --json > FILE"
            )
    wanted, abstain, as_json = how
    line = _json_line if as_json else _Aligned(reader, [f"{films[0]} 1000.00 s"], wanted)
    return 1 if sum(predict_film(reader, path, (wanted, abstain), line) for path in films) else 0


def _predict_files(
    reader: Recognizer,
    given: Sequence[Given],
    paths: Sequence[str],
    how: tuple[int, float],
    out: str | None,
    line: Callable[[Answer], str],
    show_in: ShownPictures | None,
    pictures: AnswerPictures | None,
) -> int:
    """Print or write the answer to each of what was given; return how many could not be."""
    failures = answered = 0
    written = None
    if out is not None:
        from hornbook.recognizer.file_tables import FilesWriter

        written = FilesWriter(out, reader.targets, paths, note)
    with written.writer if written is not None else nullcontext():
        for one in given:
            for error in one.lost:
                failures += 1
                complain(error)
            for (_, value), answer in zip(
                one.values, reader.predict_each(one.values, *how, batch=AT_ONCE), strict=True
            ):
                if written is not None:
                    written.add(answer, one)
                if isinstance(answer, DataError):
                    failures += 1
                    complain(answer)
                    continue
                answered += 1
                try:
                    said = answer if pictures is None else pictures.write(answer)
                    if written is None:
                        print(line(said), flush=sys.stdout.isatty())
                    if show_in is not None:
                        show_in.write(value, answer)
                except DataError as error:
                    failures += 1
                    complain(error)
    if written is not None and written.writer.begun:
        note(f"{answered:,} answers: {out}")
    return failures


def _check(paths: Sequence[str], text: Sequence[str], top: int | None, abstain: float) -> None:
    """Raise UsageError where an option cannot be, or nothing is asked."""
    if top is not None and top < 1:
        raise UsageError(f"--top is {top}, but at least 1 value must be given")
    if not 0 <= abstain <= 1:
        raise UsageError(f"--abstain is {abstain:g}, but it is a probability, from 0 to 1")
    if not paths and not text:
        raise UsageError(
            "there is nothing to predict: give pictures, files, - for standard input, or --text; "
            "see hornbook predict --help"
        )


def _folder(
    out: str | None, how: tuple[str | None, int, str | None], show: str | None, text: Sequence[str]
) -> str:
    """Return the folder that answers go into, empty where it is none; UsageError where options do not go together."""
    folder = out if out is not None and (out.endswith(("/", os.sep)) or os.path.isdir(out)) else ""  # noqa: PTH112
    shard, jobs, ray = how
    if jobs < 1:
        raise UsageError(f"--jobs is {jobs}, but at least 1 process is needed")
    asked = [o for o, given in (("--shard", shard), ("--jobs", jobs > 1), ("--ray", ray)) if given]
    if asked and not folder:
        raise UsageError(f"{asked[0]} is for many tables: give a folder, --out answers/")
    if ray is not None and jobs > 1:
        raise UsageError(
            "--jobs is for processes of this machine, and --ray has its own: leave one of them out"
        )
    if folder and (show is not None or text):
        raise UsageError(
            f"{'--text' if text else '--show'} does not go with --out {folder}: leave one of them out"
        )
    return folder


def _given(reader: Recognizer, paths: Sequence[str], text: Sequence[str]) -> list[Given]:
    """Return what is to be predicted, each with its name."""
    from hornbook.recognizer.files import given_files
    from hornbook.recognizer.inputs import Given, texts

    if reader.reads_text:
        return [Given(list(texts(paths, text, reader.written.encoding, note)), next(iter(reader.inputs)))]
    return list(given_files(reader, paths))


def _check_out(reader: Recognizer, tables: bool, as_json: bool, top: int) -> None:
    """Raise UsageError where no table of answers can be written."""
    if not tables and reader.reads_text:
        raise UsageError("--out is for the rows of tables, such as a CSV file, and for files")
    if as_json or top > 1:
        option = "--json" if as_json else "--top"
        raise UsageError(
            f"--out writes a table with the likeliest answer beside each row: leave {option} out"
        )


def _predict_rows(
    reader: Recognizer, paths: Sequence[str], top: int, abstain: float, line: Callable[[Answer], str]
) -> int:
    """Print the answer to each row of some tables; return how many could not be, a file counting as one."""
    from hornbook.recognizer.tables import predict_table

    failures = rows = 0
    for path in paths:
        before, wrong = f"{shown(Path(path).name)} " if len(paths) > 1 else "", 0
        try:
            for block in predict_table(reader, path, top, abstain, before):
                for answer in block.answers:
                    rows += 1
                    if not isinstance(answer, DataError):
                        print(line(answer), flush=sys.stdout.isatty())
                        continue
                    wrong += 1
                    if wrong <= NAMED:
                        complain(answer)
        except DataError as error:  # of the whole file; the others are predicted all the same
            rows, failures = rows + 1, failures + 1
            complain(error)
        if wrong > NAMED:
            complain(f"{shown(path)}: {number_of(wrong - NAMED, 'more row')} cannot be used")
        failures += wrong
    if not rows:
        complain(f"{listed(paths)}: there is not one row to predict")
    return failures or int(not rows)


def _json_line(answer: Answer) -> str:
    # An encoding that lacks a character would get an escape that is not JSON's.
    everything = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return json.dumps(answer.to_json(), ensure_ascii=not everything)


class _Aligned:
    """Makes the lines for people: ``photo.jpg  7  99.8 %``."""

    def __init__(self, reader: Recognizer, names: list[str], top: int) -> None:
        self.top = top
        self.of_texts = reader.reads_text  # whose names are the texts themselves
        self.targets = reader.targets
        self.name_width = max((w for w in (width(shown(n)) for n in names) if w <= WIDEST), default=0)
        values = [value for column in reader.targets.values() for value in column.widest()]
        self.value_width = min(max(map(width, map(shown, values)), default=0), WIDEST // 2)

    def __call__(self, answer: Answer) -> str:
        name = shown(answer.input)
        parts = [self._fill(shorten(name, LONGEST) if self.of_texts else name, self.name_width)]
        for target, prediction in answer.predictions.items():
            parts += [f"{shown(target)}:"] if len(self.targets) > 1 else []
            parts += self._prediction(prediction, self.targets[target])
        parts += [f"({'; '.join(answer.remarks)})"] if answer.remarks else []
        return "  ".join(parts).rstrip()

    def _prediction(self, prediction: Prediction, column: Column) -> list[str]:
        said = "unsure"
        if prediction.value is not None:
            plain = isinstance(prediction.value, list) or prediction.said
            said = shown(prediction.text()) if plain else self._value(prediction.value)
        parts = [self._fill(said, self.value_width), _sure(prediction.confidence)]
        if prediction.interval is not None:
            parts[1] = f"({' to '.join(map(column.say_value, prediction.interval))})"
        # The likeliest of all is the answer itself, unless it abstains.
        rest = prediction.top[: self.top]
        several = isinstance(
            prediction.value, list
        )  # then the likeliest tag is not the answer, but a part of it
        if self.top == 1 or (prediction.value is not None and not several):
            rest = rest[1:]
        for value, confidence in rest:
            parts += [self._fill(self._value(value), self.value_width), _sure(confidence)]
        return parts

    def _value(self, value: Any) -> str:
        return "(nothing)" if value == "" else repr(value) if str(value).isspace() else shown(value)

    @staticmethod
    def _fill(text: str, wide: int) -> str:
        return text + " " * max(wide - width(text), 0)


def _sure(confidence: float | None) -> str:
    return "" if confidence is None else percent(confidence).rjust(len(">99.9 %"))
