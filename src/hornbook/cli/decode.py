"""``hornbook decode``: the picture that each code stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from hornbook.cli.arguments import RecognizerFile, Says
from hornbook.cli.terminal import note
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown


def decode(
    recognizer: RecognizerFile,
    codes: Annotated[str, Says("codes, as hornbook encode writes them", "CODES.csv|.parquet|.npz")],
    *,
    out: Annotated[str, Says("the folder to write the pictures into", "DIR")],
) -> None:
    """Write the picture that each code stands for.

    For recognizers whose one target is a picture that is made of a code, such as the recipe autoencoder gives. Codes
    may be changed between encode and decode: a program may mix them, or move them.

    Examples
    --------
      hornbook decode runs/autoencoder codes.csv --out drawn
    """
    from hornbook.cli.shown.answer_pictures import AnswerPictures
    from hornbook.recognizer import Answer, load
    from hornbook.recognizer.codes.decode import Decoder
    from hornbook.recognizer.codes.encode import check_codes
    from hornbook.recognizer.codes.files import check_path, read_codes

    check_path(Path(codes), "the codes")
    decoder = Decoder(load(recognizer))
    names, found = read_codes(Path(codes))
    found = check_codes(found, decoder.reader, shown(codes))
    pictures = AnswerPictures(Path(out), [decoder.target])
    for name, prediction in zip(names, decoder.decode(found), strict=True):
        pictures.write(Answer(name, {decoder.target: prediction}))
    note(f"{number_of(pictures.count, 'picture')}: {shown(out)}")
