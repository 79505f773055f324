"""A language's pictures: what they show is said in words, and none is empty."""

import pytest

from ideas_lib.programs.dsl import BadCorpus, make_language, read_texts
from ideas_lib.programs.dsl.language_figure import WIDE, plot_constructs, plot_rewriting
from ideas_lib.programs.dsl.language_making import Language

TEXTS = {
    name: f"""import argparse
parser = argparse.ArgumentParser(description="{name} files")
parser.add_argument("--dry-run", action="store_true", help="change nothing")
parser.add_argument("--{name}", action="store_true", help="{name} them, {"$" * long}")
options = parser.parse_args([])
"""
    for name, long in (("rename", 1), ("backup", 2), ("count", 90))
}


@pytest.fixture(scope="module")
def language() -> Language:
    corpus = read_texts(TEXTS)
    assert corpus.files == 3
    return make_language("cli", corpus.programs, sorted(corpus.modules))


def test_a_railroad_has_a_box_for_each_word_and_slot(language: Language) -> None:
    fig, alt = plot_constructs(language, most=1)
    row = language.learned[0][0]
    (ax,) = fig.axes
    assert len(ax.patches) == len(row.form)
    assert row.word in alt
    assert "add_argument" in alt
    assert plot_constructs(language, most=1)[1] == alt


def test_a_program_is_shown_before_and_after(language: Language) -> None:
    for program in language.expressed:
        fig, alt = plot_rewriting(language, program)
        shown = [text.get_text() for text in fig.axes[0].texts]
        assert {"Python", "cli", "import argparse", language.learned[0][0].word} <= set(shown)
        assert f"{len(program.text.splitlines())} in the language" in alt
        assert max(map(len, shown)) <= WIDE


def test_what_is_drawn_stays_on_the_page(language: Language) -> None:
    for fig, _ in (plot_constructs(language), plot_rewriting(language, language.expressed[2])):
        fig.set_dpi(200)  # as it is saved: letters are wider than at 100
        fig.draw_without_rendering()
        width, height = fig.get_size_inches() * fig.dpi
        for text in fig.axes[0].texts:
            box = text.get_window_extent()
            assert box.x0 >= 0
            assert box.x1 <= width, text.get_text()
            assert 0 <= box.y0 < box.y1 <= height


def test_texts_that_are_no_python_are_named() -> None:
    with pytest.raises(BadCorpus, match=r"'one' is no Python: line 1"):
        read_texts({"one": "x = ("})
