"""`ideas embed`: files in, maps out, and errors that name what is wrong and what would do."""

import json

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
    assert one["text"].tolist() == [TEXTS[row - 1] for row in one["row in file"]]
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
        ("x.csv", b"Sentence,b\n1,2,3,4\n5,6\n1,2,3,4,5,6,7,8\n", "x.csv: "),
        ("x.csv", b"Sentence;b\nfine;2\n", "separated by something else? see --separator"),
        ("x.csv", b"Sentence,b\nfine,1\n ,2\n", "x.csv: row 2 after the header has no text"),
        ("x.csv", b"Sentence,b\nfine,1\n,2\n", "x.csv: row 2 after the header has no text"),
        ("x.jsonl", b'{"Sentence": "a"}\n{broken\n', "x.jsonl, line 2: Expecting"),
        ("x.jsonl", b"[1, 2]\n", "x.jsonl, line 1 is no JSON object but '[1, 2]'"),
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


def test_vectors_have_to_be_as_many_as_rows(folder):
    np.save("v.npy", np.ones((3, 2)))
    assert "v.npy has 3 rows, t.csv has 24" in embed("t.csv").output


def test_the_help_knows_the_methods_that_there_are():
    assert METHODS == projection.METHODS
