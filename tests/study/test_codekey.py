from textwrap import dedent

import pytest

from ideas_lib.study.codekey import digest, source_hash

SOURCE = dedent('''
    """A module."""
    import math

    class Thing:
        """A thing."""

        def size(self, x: float = 1.0) -> float:
            """Its size."""
            return math.sqrt(x)  # a comment
''')


@pytest.mark.parametrize(
    "same",
    [
        SOURCE.replace("# a comment", "# another"),
        SOURCE.replace('"""A thing."""', '"""Another."""'),
        SOURCE.replace('"""Its size."""', ""),
        SOURCE.replace("x: float = 1.0", "\n            x : float=1.0,\n        "),
        SOURCE.replace("import math\n", "import math\n\n\n\n"),
        SOURCE.replace("'", '"'),
    ],
)
def test_comments_docstrings_and_layout_do_not_count(same):
    assert source_hash(same) == source_hash(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sqrt", "exp"),
        ("1.0", "2.0"),
        ("1.0", "1"),
        ("size", "sizes"),
        (" -> float", ""),
        ("class Thing:", "class Thing(object):"),
        ("return math", "math"),
        ("    def", "    @staticmethod\n    def"),
        ("import math", "import math as math"),
        ("import math", "x = 'A module.'"),
    ],
)
def test_code_counts(old, new):
    assert old in SOURCE
    assert source_hash(SOURCE.replace(old, new)) != source_hash(SOURCE)


def test_a_string_that_is_no_docstring_counts():
    assert source_hash("x = 1\n'a'") != source_hash("x = 1\n'b'")
    assert source_hash("def f():\n    x = 1\n    'a'") != source_hash(
        "def f():\n    x = 1\n    'b'"
    )
    assert source_hash("def f():\n    'a'") == source_hash("def f():\n    pass")


def test_a_key_is_the_same_in_every_version_of_python():
    # What a version adds, such as type_params, is empty where it is not used, and left out.
    assert source_hash("def f(a, /, b=1, *, c): return a") == digest(
        "Module(body=[FunctionDef(name='f',args=arguments(posonlyargs=[arg(arg='a')],"
        "args=[arg(arg='b')],kwonlyargs=[arg(arg='c')],kw_defaults=[None],"
        "defaults=[Constant(value=1)]),body=[Return(value=Name(id='a',ctx=Load()))])])"
    )


def test_parts_of_a_digest_are_kept_apart():
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")
    assert len(digest()) == 16
