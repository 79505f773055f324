"""A small repository that has what makes selecting tests wrong, and changes to it."""

from pathlib import Path
from textwrap import dedent

from ideas_lib.programs.what_if import FileEdit, RepoChange

FILES = {
    "pyproject.toml": """
        [tool.pytest.ini_options]
        addopts = "-x --strict-markers"
        testpaths = ["tests"]
        """,
    "src/shop/__init__.py": "",
    "src/shop/core.py": '''
        """Constants, defaults, decorators, class bodies, caches."""
        import functools

        RATE = 2
        NAMES = {}

        def named(name):
            def add(function):
                NAMES[name] = function

                @functools.wraps(function)
                def wrapper(*args):
                    return function(*args) + 0
                return wrapper
            return add

        def at_import():
            return 3

        LEVEL = at_import()

        class Box:
            size = 1

            def grow(self, more=1):
                return self.size + more

        @named("double")
        def double(x):
            return x * RATE

        def half(x):
            if x < 0:
                return -(-x // 2)
            return x // 2

        def cases():
            return ["a", "b"]

        @functools.lru_cache
        def table():
            return tuple(range(5))

        def config():
            return {"depth": 4}

        def count_down(n):
            while n > 0:
                n -= 1
            return n

        def leave():
            return 0

        def squares():
            for n in range(3):
                yield n * n
        ''',
    "src/shop/registry.py": """
        ENTRIES = []

        def enter(name):
            ENTRIES.append(name)

        def leave(name):
            ENTRIES.remove(name)
        """,
    "src/shop/lazy.py": """
        def late():
            return "late"
        """,
    "src/shop/cli.py": """
        def main():
            print("hello")

        if __name__ == "__main__":
            main()
        """,
    "src/shop/threads.py": """
        import threading

        def work(found):
            found.append(1)

        def in_thread():
            found = []
            thread = threading.Thread(target=work, args=(found,))
            thread.start()
            thread.join()
            return found
        """,
    "src/shop/data.txt": "seven\n",
    "tests/conftest.py": """
        import pytest
        from shop import core

        @pytest.fixture(scope="session")
        def config():
            return core.config()

        @pytest.fixture
        def offset():
            return 0
        """,
    "tests/test_core.py": """
        import pytest
        from shop import core

        def test_config(config):
            assert config

        @pytest.mark.parametrize("case", core.cases())
        def test_case(case):
            assert case

        def test_double(offset):
            assert core.double(2) == 4 + offset

        def test_half():
            assert core.half(4) == 2

        def test_half_below():
            assert core.half(-4) == -2

        def test_box():
            assert core.Box().grow() == 2

        def test_level():
            assert core.LEVEL == 3

        def test_table():
            assert core.table()

        def test_table_again():
            assert len(core.table()) == 5

        def test_count_down():
            assert core.count_down(3) == 0

        def test_leave():
            assert core.leave() == 0

        def test_squares():
            assert list(core.squares()) == [0, 1, 4]
        """,
    "tests/test_rest.py": """
        import inspect
        import subprocess
        import sys
        from pathlib import Path

        from shop import core, registry, threads

        def test_depth(config):
            assert config["depth"] == 4

        def test_enter_and_leave():
            registry.enter("a")
            registry.leave("a")

        def test_nobody_is_left():
            assert registry.ENTRIES == []

        def test_registers():
            registry.enter("kept")

        def test_uses_what_is_registered():
            assert registry.ENTRIES.pop() == "kept"

        def test_late():
            from shop import lazy
            assert lazy.late() == "late"

        def test_cli():
            words = [sys.executable, "-m", "shop.cli"]
            assert subprocess.run(words, capture_output=True, text=True).stdout == "hello\\n"

        def test_thread():
            assert threads.in_thread() == [1]

        def test_data():
            assert Path(core.__file__).with_name("data.txt").read_text() == "seven\\n"

        def test_source():
            assert "x // 2" in inspect.getsource(core.half)

        def test_wrong():
            assert core.half(1) == 1

        def test_writes(tmp_path):
            (tmp_path / "a.txt").write_text(str(core.half(8)))
        """,
}

CORE, REGISTRY, REST = "src/shop/core.py", "src/shop/registry.py", "tests/test_rest.py"
# name -> file, what becomes what
EDITS = {
    "body": (CORE, "return x // 2", "return x // 3"),
    "branch": (CORE, "return -(-x // 2)", "return -(-x // 4)"),
    "constant": (CORE, "RATE = 2", "RATE = 5"),
    "default": (CORE, "more=1", "more=2"),
    "decorator": (CORE, "NAMES[name] = function", "NAMES[name] = 1 / 0"),
    "wrapper": (CORE, "function(*args) + 0", "function(*args) + 1"),
    "class body": (CORE, "size = 1", "size = 0"),
    "called on import": (CORE, "return 3", "return 4"),
    "ids": (CORE, '["a", "b"]', '["a", "c"]'),
    "cached": (CORE, "range(5)", "range(6)"),
    "session fixture": (CORE, '"depth": 4', '"depth": 5'),
    "endless": (CORE, "n -= 1", "n -= 0"),
    "dies": (CORE, "return 0", "import os; os._exit(3)"),
    "generator": (CORE, "yield n * n", "yield n + n"),
    "syntax": (CORE, "while n > 0:", "while n > 0"),
    "left behind": (REGISTRY, "ENTRIES.remove(name)", "pass"),
    "order": (REGISTRY, "ENTRIES.append(name)", "ENTRIES.insert(0, name + '')"),
    "lazy": ("src/shop/lazy.py", '"late"', '"later"'),
    "process": ("src/shop/cli.py", '"hello"', '"goodbye"'),
    "thread": ("src/shop/threads.py", "append(1)", "append(2)"),
    "data": ("src/shop/data.txt", "seven", "eight"),
    "conftest": ("tests/conftest.py", "return 0", "return 1"),
    "renamed": (REST, "def test_late", "def test_later"),
    "mended": (REST, "core.half(1) == 1", "core.half(1) == 0"),
}


def write_shop(folder: Path) -> Path:
    """Write the repository, and return its folder."""
    for name, text in FILES.items():
        path = folder / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"))
    return folder / "shop"


def shop_changes(repo: Path, names: tuple[str, ...] = tuple(EDITS)) -> list[RepoChange]:
    """Return changes to it, by their names."""
    found = []
    for name in names:
        path, old, new = EDITS[name]
        before = (repo / path).read_text()
        assert before.count(old) == 1, (name, before.count(old))
        found.append(RepoChange(name, (FileEdit(path, before, before.replace(old, new)),)))
    return found
