"""What a file is that no sound is read from, told by its first bytes, and what helps."""

from __future__ import annotations

import re

SAVE_AS = "convert it to 16-bit WAV (ffmpeg -i FILE -c:a pcm_s16le out.wav)"

COMPRESSED = {
    0x0002: "compressed as Microsoft ADPCM",
    0x0006: "compressed by the A-law",
    0x0007: "compressed by the µ-law",
    0x0011: "compressed as IMA ADPCM",
    0x0031: "compressed as GSM 6.10",
    0x0050: "compressed as MPEG",
    0x0055: "compressed as MP3",
    0x00FF: "compressed as AAC",
    0x0161: "compressed as Windows Media Audio",
    0x2000: "compressed as AC-3",
    0x674F: "compressed as Ogg Vorbis",
    0xF1AC: "compressed as FLAC",
}
"""Codes of formats in the header of a WAV file (RFC 2361), for people."""

_OTHERS = (
    (rb"....ftyp", "an MP4 file (AAC, M4A or a film)", SAVE_AS),
    (rb"\xff[\xf0\xf1\xf8\xf9]", "an AAC file", SAVE_AS),
    (rb"FORM....AIF[FC]", "an AIFF file", SAVE_AS),
    (rb"\.snd|dns\.", "an AU file", SAVE_AS),
    (rb"caff", "a CAF file", SAVE_AS),
    (rb"RF64|BW64", "a WAV file for more than 4 GB (RF64)", SAVE_AS),
    (rb"RIFX", "a WAV file with its bytes the other way round (RIFX)", SAVE_AS),
    (rb"\x30\x26\xb2\x75", "a Windows Media file", SAVE_AS),
    (rb"#!AMR", "an AMR file of a phone", SAVE_AS),
    (rb"MThd", "a MIDI file, which holds notes and no sound", "play it into a WAV file"),
    (rb"\x1aE\xdf\xa3", "a Matroska or WebM file", SAVE_AS),
    (rb"RIFF....AVI ", "a film", SAVE_AS),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP", "a picture", "give sounds, or use a column of type 'image'"),
    (rb"(?i:\s*<(!doctype html|html|head|body))", "a web page", "download the sound itself again"),
    (rb"version https://git-lfs", "a pointer to a Git LFS file", "fetch the file itself with: git lfs pull"),
    (rb"PK\x03\x04", "a zip archive", "unpack it"),
    (rb"\x1f\x8b", "a gzip file", "unpack it"),
)  # fmt: skip
"""First bytes as a regular expression, what they are of, and what to do."""


def not_a_sound(head: bytes, name: str) -> str:
    """Return the sentence for a file that is no sound that is read, from its first bytes."""
    if not head.strip(b"\0"):
        return f"{name} begins with nothing but zero bytes: copy or record it again, or delete it"
    for pattern, what, advice in _OTHERS:
        if re.match(pattern, head, re.DOTALL):
            read = "where a sound is wanted" if what == "a picture" else "which hornbook does not read"
            return f"{name} is {what}, {read}: {advice}"
    if head[:4] == b"RIFF":
        return f"{name} is cut off or no WAV file: copy or record it again"
    return f"{name} is no WAV, FLAC, Ogg or MP3 file (it begins with {head[:8]!r}): {SAVE_AS}"
