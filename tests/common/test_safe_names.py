"""Names that are not UTF-8, and text files in any encoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.common.safe_names import shown, to_file, to_table
from hornbook.errors import DataError
from hornbook.sources.encodings import decode, encoding_of

any_name = st.binary(min_size=1, max_size=30).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@given(any_name)
def test_a_name_comes_back_from_the_table_and_can_be_printed_on_one_line(name: str) -> None:
    kept = to_table(name)
    kept.encode()
    assert to_file(kept) == name
    text = shown(kept)
    text.encode()
    assert len(text.splitlines()) <= 1
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cat\x1b[31m\n", r"cat\x1b[31m\n"),
        ("a\u202eb\u2066\u200f", r"a\u202eb\u2066\u200f"),
        ("same\u200b\ufeff\xad", r"same\u200b\ufeff\xad"),
        ("\U000e0041\ud800", r"\U000e0041\ud800"),
        ("caf\udce9", r"caf\xe9"),
        ("👩\u200d🌾 می\u200cخواهم 猫", "👩\u200d🌾 می\u200cخواهم 猫"),
    ],
)
def test_what_moves_reverses_or_is_not_seen_is_an_escape(name: str, said: str) -> None:
    assert shown(name) == said


CHINESE = "图片/一.png 猫\n图片/二.png 狗\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030"]
)
def test_chinese_is_read_in_every_encoding_of_it(encoding: str) -> None:
    assert decode(CHINESE.encode(encoding), "x") == CHINESE


def test_western_text_is_not_taken_for_chinese_and_line_ends_are_one() -> None:
    text = "café.png crème brûlée\nÄpfel.png Äpfel, Öl und Übel\nseñor.png niño\n"
    assert encoding_of(text.encode("cp1252")) == "cp1252"
    assert decode(text.encode("cp1252"), "x") == text
    assert decode(b"a\r\nb\rc\n", "x") == "a\nb\nc\n"


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0", b"\0" * 100, bytes(range(256)), b"ab\x01cd"])
def test_what_is_no_text(data: bytes) -> None:
    with pytest.raises(DataError, match=r"x\.txt: is not a text file"):
        decode(data, "x.txt")


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_not(data: bytes) -> None:
    name = encoding_of(data)
    if name is not None:
        data.decode(name)


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=100))
def test_utf8_is_always_told(text: str) -> None:
    assert decode(text.encode(), "x") == text.removeprefix("\ufeff")
