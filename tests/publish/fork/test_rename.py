"""Renaming in source: only what has to change does, and what was copied is used by its new name."""

from pathlib import Path

import pytest

from ideas_lib.publish.fork.rename import Moves, OutOfReach, rename
from ideas_lib.study.closure import Checkout

FACE = "from ideas_lib.faces import face\n\n__getattr__, __dir__, __all__ = face(__name__, {})\n"


@pytest.fixture
def moves(tmp_path: Path) -> Moves:
    """A fork's copies of a tweak, of two modules of a package with a face, and of a package."""
    for name, text in {
        "__init__.py": "",
        "gpt/__init__.py": "from ideas_lib.gpt.tweaks.null_attention import Null, other\n",
        "gpt/tweaks/__init__.py": "",
        "gpt/tweaks/null_attention.py": "class Null: ...\n\n\ndef other(): ...\n",
        "trees/__init__.py": FACE.replace("{}", '{"soft": ["Soft"], "hard": ["Hard", "harden"]}'),
        "trees/soft.py": "class Soft: ...\n",
        "trees/hard.py": "class Hard: ...\n\n\ndef harden(): ...\n",
        "lm/__init__.py": FACE.replace("{}", '{"maps": ["show"]}'),
        "lm/maps/__init__.py": FACE.replace("{}", '{"view": ["show"]}'),
        "lm/maps/view.py": "def show(): ...\n",
    }.items():
        path = tmp_path / "ideas_lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    modules = {
        "gpt.tweaks.null_attention": "gpt.tweaks.my_idea",
        "trees.soft": "trees.my_idea.soft",
        "lm.maps": "lm.my_idea",
        "lm.maps.view": "lm.my_idea.view",
    }
    return Moves(
        Checkout(tmp_path), {f"ideas_lib.{a}": f"ideas_lib.{b}" for a, b in modules.items()}
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from ideas_lib.gpt.tweaks.null_attention import Null  # null-attention",
            "from ideas_lib.gpt.tweaks.my_idea import Null  # null-attention",
        ),
        (
            "import ideas_lib.gpt.tweaks.null_attention\n"
            "x = ideas_lib.gpt.tweaks.null_attention.Null()",
            "import ideas_lib.gpt.tweaks.my_idea\nx = ideas_lib.gpt.tweaks.my_idea.Null()",
        ),
        (
            "import ideas_lib.gpt.tweaks.null_attention as t",
            "import ideas_lib.gpt.tweaks.my_idea as t",
        ),
        (
            "from ideas_lib.gpt.tweaks import null_attention, other\nnull_attention.Null()",
            "from ideas_lib.gpt.tweaks import my_idea as null_attention, other\n"
            "null_attention.Null()",
        ),
        ("s = 'é'; VARIANTS['null-attention']", "s = 'é'; VARIANTS['my-idea']"),
        (
            'import_module("ideas_lib.gpt.tweaks.null_attention")',
            'import_module("ideas_lib.gpt.tweaks.my_idea")',
        ),
        ("%time null\nload('null-attention')", "%time null\nload('my-idea')"),
        ("x = f\"{load('null-attention')}\"", "x = f\"{load('my-idea')}\""),
        ("from ideas_lib.trees import Soft", "from ideas_lib.trees.my_idea.soft import Soft"),
        ("from ideas_lib.trees import soft", "from ideas_lib.trees.my_idea import soft"),
        (
            "from ideas_lib.gpt import Null as N",
            "from ideas_lib.gpt.tweaks.my_idea import Null as N",
        ),
        (
            "if x:\n    from ideas_lib.trees import Hard, Soft as S, harden  # why\n    S()",
            "if x:\n    from ideas_lib.trees import Hard, harden\n"
            "    from ideas_lib.trees.my_idea.soft import Soft as S  # why\n    S()",
        ),
        (
            "if x: from ideas_lib.trees import Hard, Soft",
            "if x: from ideas_lib.trees import Hard; from ideas_lib.trees.my_idea.soft import Soft",
        ),
        (
            "from ideas_lib.trees import (  # both\n    Hard,\n    harden,\n)",
            "from ideas_lib.trees import (  # both\n    Hard,\n    harden,\n)",
        ),
        (
            "from ideas_lib.lm import maps\nmaps.show()",
            "from ideas_lib.lm import my_idea as maps\nmaps.show()",
        ),
        ("from ideas_lib.lm import show", "from ideas_lib.lm.my_idea.view import show"),
        ("from ideas_lib.lm.maps import show", "from ideas_lib.lm.my_idea import show"),
        ("from ideas_lib.lm.maps.view import show", "from ideas_lib.lm.my_idea.view import show"),
        ("%load_ext ideas_lib.lm.maps", "%load_ext ideas_lib.lm.my_idea"),
    ],
)
def test_rename_moves_literals_and_imports_and_nothing_else(
    moves: Moves, before: str, after: str
) -> None:
    assert rename(before, "null-attention", "my-idea", moves) == after


@pytest.mark.parametrize(
    "source",
    [
        'a = "null-attention-2", "no null-attention"',
        "null_attention = null - attention",
        "from ideas_lib.gpt.tweaks.null import Null",
        "from ideas_lib.trees import null_attention",
        "from ideas_lib import trees\ntrees.Hard()",
        "from ideas_lib.trees import Hard, nonsense",
        '"""Uses ideas_lib.trees.soft, as said."""',
        "def f(trees):\n    return trees.Soft()",
    ],
)
def test_rename_leaves_what_only_looks_alike(moves: Moves, source: str) -> None:
    assert rename(source, "null-attention", "my-idea", moves) == source


def test_a_one_word_slug_is_renamed_only_where_it_names_an_idea(moves: Moves) -> None:
    before = 'SLUG = "reference"\nload("reference")\nStudy(slug="reference", title="reference")\n'
    same = 'arm == "reference"\nrow["reference"]\nplot("reference")\nPrediction(idea="reference")'
    renamed = rename(before + same, "reference", "mine", moves)
    assert renamed == before.replace('"reference"', '"mine"', 3) + same


@pytest.mark.parametrize(
    "source",
    [
        "from ideas_lib import trees\ntrees.Soft()",
        "import ideas_lib.trees as t\nt.Soft()",
        "import ideas_lib.trees\nideas_lib.trees.Soft()",
    ],
)
def test_what_is_reached_by_a_shared_package_is_refused_by_name(moves: Moves, source: str) -> None:
    with pytest.raises(OutOfReach, match=r"line 2 uses ideas_lib.trees.Soft by its package"):
        rename(source, "null-attention", "my-idea", moves)
