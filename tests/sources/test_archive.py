"""Archives: read without unpacking, safe against whoever made them."""

import gzip
import io
import struct
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.sources import read_examples
from hornbook.sources.archive import members as limits
from hornbook.sources.archive import tar
from hornbook.sources.archive.members import safe_name
from tests.sources.make import member, packed, picture, pictures, shared, tarred, zipped

FILES = pictures(["pets/train/cat/1.png", "pets/train/dog/2.png", "pets/test/cat/3.png"])
TARS = ["x.tar", "x.tar.gz", "x.tgz", "x.tar.bz2", "x.tar.xz"]


def test_a_changed_archive_is_read_again(tmp_path: Path) -> None:
    path = tarred(tmp_path / "x.tar.gz", FILES, "w:gz")
    before = read_examples(path).fingerprint()
    tarred(path, pictures(["cat/1.png", "dog/2.png"]), "w:gz")
    after = read_examples(path)
    assert len(after) == 2
    assert after.fingerprint() != before


@pytest.mark.parametrize("name", [*TARS, "x.zip", "stored.zip", "bzip2.zip", "no_ending"])
def test_many_threads_read_at_once(tmp_path: Path, name: str) -> None:
    files = pictures([f"{c}/{i}.png" for c in "ab" for i in range(12)])
    path = zipped(tmp_path / name, files) if name == "no_ending" else packed(tmp_path / name, files)
    examples = read_examples(path)
    load = examples.stores["image"].load
    names = examples.table["image"].to_list() * 20
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(load, names)) == [files[n] for n in names]


HOSTILE = [
    "../up.png",
    "/etc/x.png",
    "C:\\x.png",
    "a/../../b.png",
    "..\\up.png",
    "c:x.png",
    "\\\\host\\x.png",
]


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tar.gz"])
def test_names_that_lead_out_are_left_out_by_name(tmp_path: Path, name: str) -> None:
    files = {**pictures(["cat/1.png", "dog/2.png"]), **pictures(HOSTILE)}
    path = packed(tmp_path / name, files)
    examples = read_examples(path)
    assert examples.table["image"].to_list() == ["cat/1.png", "dog/2.png"]
    assert sorted(problem.name for problem in examples.problems) == sorted(HOSTILE)
    assert all("leads out of the archive" in problem.message for problem in examples.problems)
    assert {p.name for p in tmp_path.parent.iterdir()}.isdisjoint({"up.png", "b.png"})


def test_links_devices_and_pipes_are_left_out(tmp_path: Path) -> None:
    entries = [member("cat/1.png", picture(1)), member("dog/2.png", picture(2))]
    kinds = {f"cat/{k}.png": getattr(tarfile, f"{k}TYPE") for k in ("SYM", "LNK", "CHR", "FIFO")}
    entries += [member(name, kind=kind, link="/etc/passwd") for name, kind in kinds.items()]
    examples = read_examples(tarred(tmp_path / "x.tar.gz", entries, "w:gz"))
    assert len(examples) == 2
    assert {problem.name for problem in examples.problems} == set(kinds)
    path = zipped(tmp_path / "x.zip", pictures(["cat/1.png", "dog/2.png"]))
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("cat/link.png")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    (problem,) = read_examples(path).problems
    assert problem.name == "cat/link.png" and "is a link" in problem.message


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["x.zip", "x.tar"])
def test_of_two_files_of_one_name_the_first_is_taken(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "x.zip":
        with zipfile.ZipFile(path, "w") as archive:
            for data in (picture(1), picture(2)):
                archive.writestr("cat/1.png", data)
    else:
        tarred(path, [member("cat/1.png", picture(1)), member("./cat//1.png", picture(2))])
    examples = read_examples(path)
    assert examples.value("image", 0) == picture(1)
    assert "twice" in str(examples.problems[0])


def test_long_names_of_gnu_and_pax(tmp_path: Path) -> None:
    name = "/".join(["cat", "y" * 90, "z" * 90, "écran.png"])
    for kind in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        path = tmp_path / f"{kind}.tar"
        with tarfile.open(path, "w", format=kind) as archive:
            info, data = member(name, picture(1))
            archive.addfile(info, io.BytesIO(data))
        examples = read_examples(path)
        assert examples.table["image"].to_list() == [name]
        assert examples.value("image", 0) == picture(1)


def test_names_of_chinese_windows(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    raw = "小狗/照片.png".encode("gbk")
    zipped(path, {"x" * len(raw): picture(1)})
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    examples = read_examples(path)
    assert examples.table["label"].to_list() == ["小狗"]
    assert examples.value("image", 0) == picture(1)


# Damaged ones.


@pytest.mark.parametrize("name", ["x.zip", *TARS])
def test_an_archive_that_breaks_off_is_refused(tmp_path: Path, name: str, cache: Path) -> None:
    files = {f"cat/{i}.png": picture(i) * 41 for i in range(30)}
    path = packed(tmp_path / name, files)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 5])
    with pytest.raises(DataError, match=r"archive (breaks off after|is damaged)") as caught:
        read_examples(path)
    assert str(path) in str(caught.value)
    assert not [p for p in cache.rglob("*") if p.is_file()]


def test_a_tar_that_breaks_off_between_two_files(tmp_path: Path) -> None:
    path = tarred(tmp_path / "x.tar", pictures(["cat/1.png", "dog/2.png", "dog/3.png"]))
    path.write_bytes(path.read_bytes()[: 4 * 512])
    examples = read_examples(path)
    assert len(examples) == 2
    assert str(examples.problems[0]).startswith("x.tar: has no mark at its end")


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tar.gz", "x.tar.xz", "x.tar.bz2"])
@pytest.mark.parametrize(
    "data", [b"no archive at all" * 50, b"\x1f\x8b" + bytes(600), b"PK\x03\x04" + bytes(600), bytes(1024)]
)
def test_what_is_no_archive(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=name):
        read_examples(tmp_path / name)


def test_an_encrypted_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", pictures(["cat/1.png", "dog/2.png"]))
    data = bytearray(path.read_bytes())
    places = [i for i in range(len(data)) if data[i : i + 4] == b"PK\x01\x02"]
    data[places[0] + 8] |= 1
    path.write_bytes(data)
    examples = read_examples(path)
    assert len(examples) == 1
    assert "cat/1.png: is encrypted" in str(examples.problems[0])
    data[places[1] + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match="the archive is encrypted: unpack it with its password"):
        read_examples(path)


# Bombs.


def test_a_zip_that_unpacks_to_more_than_it_says(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"cat/1.png": bytes(50_000_000), "dog/2.png": picture(2)})
    data = path.read_bytes().replace(struct.pack("<I", 50_000_000), struct.pack("<I", 5000))
    path.write_bytes(data)
    examples = read_examples(path)
    with pytest.raises(DataError, match="checksum is wrong"):
        examples.value("image", examples.table["image"].to_list().index("cat/1.png"))


def test_a_file_over_the_limit_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LARGEST_MEMBER", 1 << 20)
    files = {"cat/1.png": picture(1), "cat/large.png": bytes(2 << 20)}
    for path in (zipped(tmp_path / "x.zip", files), tarred(tmp_path / "x.tar.gz", files, "w:gz")):
        (problem,) = read_examples(path).problems
        assert str(problem) == "cat/large.png: has 2 MB, more than the 1 MB that are read of one file"


def test_a_tar_that_is_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr(tar, "RATIO_COUNTS_FROM", 1 << 20)
    path = tarred(tmp_path / "x.tar.gz", {f"cat/{i}.png": bytes(1 << 20) for i in range(4)}, "w:gz")
    with pytest.raises(DataError, match=r"unpacks to more than .* as a bomb does"):
        read_examples(path)
    assert not [p for p in cache.rglob("*") if p.is_file()]


def test_a_header_that_promises_a_long_name(tmp_path: Path) -> None:
    info, _ = member("x", kind=tarfile.XHDTYPE)
    info.size = (1 << 33) - 1
    (tmp_path / "x.tar.gz").write_bytes(gzip.compress(info.tobuf() + bytes(4096)))
    with pytest.raises(DataError, match=r"damaged or hostile|bomb"):
        read_examples(tmp_path / "x.tar.gz")
    (tmp_path / "x.tar").write_bytes(info.tobuf() + bytes(4096))
    with pytest.raises(DataError, match="breaks off"):
        read_examples(tmp_path / "x.tar")


def test_a_file_whose_name_is_damaged_to_nothing_is_left_out(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", pictures(["cat/1.png", "dog/2.png"]))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 46] = 0
    path.write_bytes(data)
    examples = read_examples(path)
    assert examples.table["image"].to_list() == ["dog/2.png"]
    assert len(examples.problems) == 1


@given(st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(HOSTILE))
def test_a_safe_name_stays_inside(raw: str) -> None:
    name, wrong = safe_name(raw)
    assert (name is None) == bool(wrong)
    if name is not None:
        parts = name.split("/")
        assert not {"", ".", ".."} & set(parts)
        assert "\\" not in name
        assert not (len(name) > 1 and name[1] == ":" and name[0].isascii() and name[0].isalpha())


@given(
    place=st.integers(0, 2000),
    data=st.binary(min_size=1, max_size=12),
    name=st.sampled_from(["x.tar", "x.zip"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_refused_or_read_without_a_traceback(
    tmp_path: Path, place: int, data: bytes, name: str
) -> None:
    path = tmp_path / name
    broken = bytearray(packed(path, FILES).read_bytes())
    place %= len(broken)
    broken[place : place + len(data)] = data
    path.write_bytes(broken)
    try:
        examples = read_examples(path)
        list(examples.values("image"))
    except DataError as error:
        assert str(path) in str(error)
        assert "\n" not in str(error)


@pytest.mark.skipif(not (shared() / "cifar10.tar.gz").exists(), reason="the real CIFAR-10 is not here")
def test_the_real_cifar10_as_class_folders() -> None:
    examples = read_examples("cifar10", data=shared() / "cifar10.tar.gz")
    assert examples.table["split"].value_counts().sort("split").rows() == [("train", 50000), ("test", 10000)]
    assert examples.table["label"].n_unique() == 10
    assert examples.value("image", 17)[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize("name", [*TARS, "x.zip"])
def test_tables_and_texts_of_any_ending_in_an_archive(tmp_path: Path, name: str) -> None:
    rows = b"".join(b"%d,%d,%s\n" % (i, i * i, (b"odd", b"even")[i % 2]) for i in range(8))
    texts = {f"{kind}/{i}.text": f"{kind} {i}".encode() for kind in ("bad", "good") for i in range(3)}
    lines = {
        f"rt.{kind}": b"".join(b"%d %s\n" % (i, kind.encode()) for i in range(4)) for kind in ("pos", "neg")
    }
    tables = {"adult.data": rows, "adult.names": b"what it is", "Index": b"of files"}
    assert read_examples(packed(tmp_path / name, tables)).table.height in (
        7,
        8,
    )  # the first line may be a header
    labels = read_examples(packed(tmp_path / name, texts)).table["label"].to_list()
    assert labels == ["bad"] * 3 + ["good"] * 3
    source = packed(tmp_path / name, lines)
    if name in ("x.tar", "x.zip"):
        assert set(read_examples(source, pattern="rt.{label}").table["label"]) == {"pos", "neg"}
    else:  # unpacked as a whole, and only what has a usual ending is kept
        with pytest.raises(
            DataError, match="is of a kind that is not taken from a packed tar: unpack the archive"
        ):
            read_examples(source, pattern="rt.{label}")
