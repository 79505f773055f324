"""`ideas embed`: files in, maps out, and errors that name what is wrong and what would do."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from ideas_lib.cli import main
from ideas_lib.lm.maps import projection
from ideas_lib.lm.maps.embed_command import METHODS

ROWS = 24
TEXTS = [f"text {n}, with a comma" if n % 2 else f"NA {n}" for n in range(ROWS)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with one table in three formats, and vectors for it."""
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame({"Sentence": TEXTS, "kind": ["a", "b"] * 12, "stars": range(ROWS)})
    table.to_csv("t.csv", index=False)
    table.to_csv("t.tsv", index=False, sep="\t")
    table.to_json("t.jsonl", orient="records", lines=True)
    np.save("v.npy", np.random.default_rng(0).standard_normal((ROWS, 5)))
    return tmp_path


def embed(file: str, *words: str, text: str = "Sentence") -> Result:
    own = () if "--endpoint" in words else ("--vectors", "v.npy")
    drawn = () if "--method" in words else ("--method", "pca")
    return CliRunner().invoke(main, ["embed", file, "--text-col", text, *own, *drawn, *words])


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl"])
def test_a_table_becomes_maps(folder, ending):
    found = embed(
        f"t.{ending}",
        "--label-col",
        "kind",
        "--html",
        "out.html",
        "--csv",
        "out.csv",
        "--json",
        "out.json",
        "--npz",
        "out.npz",
    )
    assert found.exit_code == 0, found.output
    assert found.stdout.startswith("wrote out.html (0.")
    assert "of the 10 nearest neighbours on this map are true ones" in found.output
    assert "A comma" not in found.output
    page = (folder / "out.html").read_text(encoding="utf-8")
    assert TEXTS[1] in page
    table = pd.read_csv("out.csv", keep_default_na=False)
    assert list(table) == [
        "row",
        "text",
        "kind",
        "stars",
        "pca_x",
        "pca_y",
        "pca_kept",
        "pca_trustworthiness",
        "pca_continuity",
    ]
    assert table["text"].tolist() == TEXTS
    rows = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    np.testing.assert_allclose([row["pca_kept"] for row in rows], table["pca_kept"])
    with np.load("out.npz") as arrays:
        np.testing.assert_array_equal(arrays["vectors"], np.load("v.npy"))
        np.testing.assert_allclose(arrays["pca_places"], table[["pca_x", "pca_y"]])
        assert arrays["true"].shape == arrays["pca_shown"].shape == (ROWS, 10)


def test_the_real_model_is_what_embeds_by_itself(folder):
    done = CliRunner().invoke(
        main, ["embed", "t.csv", "--text-col", "Sentence", "--method", "pca", "--npz", "out.npz"]
    )
    assert done.exit_code == 0, done.output
    with np.load("out.npz") as arrays:
        assert arrays["vectors"].shape == (ROWS, 384)


def test_without_an_output_it_writes_html_by_the_files_name(folder):
    assert embed("t.csv").stdout.startswith("wrote t.html")
    assert (folder / "t.html").is_file()


def test_a_sample_is_drawn_by_the_seed_and_knows_its_rows(folder):
    for seed in ("3", "3", "4"):
        assert (
            embed("t.csv", "--sample", "9", "--seed", seed, "--csv", f"{seed}.csv").exit_code == 0
        )
    one, other = (pd.read_csv(f"{seed}.csv", keep_default_na=False) for seed in (3, 4))
    assert len(one) == len(other) == 9
    assert one["text"].tolist() == [TEXTS[row - 2] for row in one["row in file"]]
    assert one["text"].tolist() != other["text"].tolist()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("sentence", "did you mean 'Sentence'?"),
        ("Sentense", "did you mean 'Sentence'?"),
        ("review", "It has 'Sentence', 'kind', 'stars'"),
    ],
)
def test_a_column_that_is_not_there_is_named_with_those_near(folder, text, hint):
    found = embed("t.csv", text=text)
    assert found.exit_code == 2
    assert f"t.csv has no column {text!r}; " in found.output
    assert hint in found.output


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", b"", "x.csv is empty"),
        ("x.csv", b"Sentence,b\n", "x.csv has no rows"),
        ("x.csv", b"Sentence\nfine\ncaf\xe9\n", "x.csv, line 3: byte 0xe9 is no utf-8; name the"),
        (
            "x.csv",
            b"Sentence,b\n1,2,3,4\n5,6\n1,2,3,4,5,6,7,8\n",
            "x.csv, row 2 has 4 values, where the header has 2",
        ),
        ("x.csv", b"Sentence;b\nfine;2\n", "separated by something else? see --separator"),
        ("x.csv", b"Sentence,b\nfine,1\n ,2\n", "x.csv, row 3 has no text"),
        ("x.csv", b"Sentence,b\nfine,1\n,2\n", "x.csv, row 3 has no text"),
        ("x.jsonl", b'{"Sentence": "a"}\n{broken\n', "x.jsonl, row 2: Expecting"),
        ("x.jsonl", b"[1, 2]\n", "x.jsonl, row 1: it is no JSON object but '[1, 2]'"),
        # Nothing shifts: neither a comma at the end, nor one too few, makes an index.
        ("x.csv", b"Sentence,b\nfine,1,\nfine,2,\n", "x.csv, row 2 has 3 values, where the"),
        ("x.csv", b"Sentence,b\nfine,1\nshort\n", "x.csv, row 3 has 1 values, where the"),
        ("x.csv", b'Sentence,b\n"two\nlines",1\n\nx,1,2\n', "x.csv, row 4 (line 5) has 3 values"),
        ("x.csv", b"Sentence;b\nfine, or not;2\n", "the header has 1: 'fine, or not;2'; see --sep"),
        ("x.csv", b"Sentence,b,b\nfine,1,2\n", "x.csv has more than one column 'b': rename"),
        ("x.csv", b'Sentence,b\nfine,1\n"open,2\nx,3\n', "x.csv, row 3: a quote is opened here"),
        ("x.csv", b'Sentence,b\n"a" b,1\n', "x.csv, row 2: text follows a closing quote"),
        ("x.csv", b"Sentence,b\nfi\0ne,1\n", "x.csv, line 2 holds a NUL byte"),
        ("x.csv", "Sentence,b\nfine,1\n".encode("utf-16"), "for example --encoding utf-16"),
        ("x.csv", "Sentence,b\nfine,1\n".encode("utf-16-le"), "for example --encoding utf-16"),
        ("x.csv", b"\n\n", "x.csv is empty"),
        ("x.jsonl", b"[" * 200_000 + b"\n", "x.jsonl, row 1 is nested too deeply"),
        ("x.jsonl", b'{"Sentence": ' + b"9" * 5000 + b"}\n", "x.jsonl, row 1: Exceeds the limit"),
        ("x.jsonl", b"\n\n", "x.jsonl has no rows"),
        ("x.pdf", b"%PDF", "x.pdf ends in .pdf, which is none of .csv, .tsv"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(folder, name, content, message):
    (folder / name).write_bytes(content)
    found = embed(name)
    assert found.exit_code == 2, found.output
    assert message in found.output
    assert "Traceback" not in found.output


def test_other_encodings_and_separators_can_be_named(folder):
    rows = "".join(f"caf\xe9 {n};{n}\n" for n in range(ROWS))
    (folder / "x.csv").write_bytes(f"Sentence;b\n{rows}".encode("cp1252"))
    done = embed("x.csv", "--encoding", "cp1252", "--separator", ";", "--csv", "out.csv")
    assert done.exit_code == 0, done.output
    assert pd.read_csv("out.csv")["text"][3] == "caf\xe9 3"
    assert "encoding 'klingon' is unknown" in embed("x.csv", "--encoding", "klingon").output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--html", "t.csv"), "t.csv is the file to read"),
        (("--html", "no/where.html"), "no/where.html cannot be written: no is no folder"),
        (("--neighbours", "12"), "k=12 neighbours of 24 points: it has to be in 1..11"),
        (("--method", "tsne"), "'tsne' is not one of"),
        (("--method", "pacmap"), "24 points are too few for pacmap"),
        (("--endpoint", "ftp://x/v1"), "endpoint 'ftp://x/v1' is no http(s) URL"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(folder, words, message):
    found = embed("t.csv", *words)
    assert found.exit_code == 2, found.output
    assert message in found.output
    assert not list(folder.glob("*.html"))


@pytest.mark.parametrize("separator", ["", ",,", '"', "\n"])
def test_a_separator_is_one_character(folder, separator):
    found = embed("t.csv", "--separator", separator)
    assert found.exit_code == 2
    assert "is no single character" in found.output


def test_a_table_is_read_as_it_stands(folder):
    marks = "\ufeffSentence,b,,NA\r\n"
    rows = [f'"text ""{n}"",\nof two lines",00{n},,null' for n in range(ROWS)]
    (folder / "x.csv").write_text(marks + "\r\n".join(rows), encoding="utf-8", newline="")
    assert embed("x.csv", "--csv", "out.csv").exit_code == 0
    found = pd.read_csv("out.csv", keep_default_na=False)
    assert found["text"][3] == 'text "3",\nof two lines'
    assert found["b"].tolist() == list(range(ROWS))
    assert found["NA"].tolist() == ["null"] * ROWS
    assert found["column 3"].tolist() == [""] * ROWS


def test_a_text_may_be_longer_than_the_csv_module_likes(folder):
    rows = [f"{n} {'x' * 200_000}" for n in range(ROWS)]
    (folder / "x.csv").write_text("\n".join(["Sentence", *rows]))
    assert embed("x.csv", "--csv", "out.csv").exit_code == 0
    assert pd.read_csv("out.csv")["text"].tolist() == rows


def test_only_a_plain_file_is_read(folder):
    os.mkfifo("x.csv")
    found = embed("x.csv")
    assert found.exit_code == 2
    assert "x.csv is no plain file, but a FIFO" in found.output
    (folder / "v.npy").write_bytes(b"no array")
    assert "v.npy is no array of NumPy's" in embed("t.csv").output


@pytest.mark.parametrize("kind", ["html", "csv", "json", "npz"])
def test_no_file_of_the_readers_is_replaced_without_force(folder, kind):
    """Neither one that was named, nor one that has the name of the default."""
    mine = folder / f"t.{kind}" if kind == "html" else folder / "notes.txt"
    words = () if kind == "html" else (f"--{kind}", mine.name)
    mine.write_text("mine")
    found = embed("t.csv", *words)
    assert found.exit_code == 2
    assert f"{mine.name} is there, and not as this tool wrote it: name another" in found.output
    assert mine.read_text() == "mine"
    assert embed("t.csv", *words, "--force").exit_code == 0
    assert embed("t.csv", *words, "--seed", "1").exit_code == 0
    assert not mine.read_bytes().startswith(b"mine")


def test_an_output_may_be_a_stream_and_then_stands_alone(folder):
    words = ["t.csv", "--text-col", "Sentence", "--vectors", "v.npy", "--method", "pca"]
    code = "from ideas_lib.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "embed", *words, "--csv", "/dev/stdout"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert pd.read_csv(io.StringIO(done.stdout), keep_default_na=False)["text"].tolist() == TEXTS
    assert "wrote /dev/stdout" in done.stderr


def test_vectors_have_to_be_as_many_as_rows(folder):
    np.save("v.npy", np.ones((3, 2)))
    assert "v.npy has 3 rows, t.csv has 24" in embed("t.csv").output


def test_the_help_knows_the_methods_that_there_are():
    assert METHODS == projection.METHODS
