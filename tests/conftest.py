"""What every test stands on: no endpoint, no key, no display, the same examples each time."""

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

for name in [name for name in os.environ if name.startswith("OPENAI_")]:
    del os.environ[name]
os.environ.pop("IDEAS_ROOT", None)
os.environ["MPLBACKEND"] = "agg"

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in a shell's background job
    signal.signal(signal.SIGINT, signal.default_int_handler)

collect_ignore = ["toybook"]  # a book that tests copy; its notebooks are no tests of this one

hypothesis.settings.register_profile("book", derandomize=True, deadline=None)
hypothesis.settings.load_profile("book")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# axe would fetch the stylesheets again, which a page on file:// may not. `region`, which takes it
# long, is moderate to it, and only what is more is asked for.
RUN_AXE = "([but, options]) => axe.run(but ? { exclude: [[but]] } : document, options)"
NOT_ASKED = {"region": {"enabled": False}}
AXE = {"resultTypes": ["violations"], "preload": False, "rules": NOT_ASKED}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Playwright's Chromium, which reaches no host; where there is none, the test is skipped."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser here: looked for {', '.join(BROWSERS)}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=found, args=list(FLAGS))
        yield chromium
        chromium.close()


PAGE = (
    "<!doctype html><html lang=en data-theme={}><meta charset=utf-8><title>t</title>"
    "<main><h1>t</h1>{}</main>"
)
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def shown(tmp_path: Path, browser: Any) -> Iterator[Callable[..., Any]]:
    """Show a figure in a browser, as a file, and fail on any error or request of its page."""
    wrong: list[str] = []

    def show(html: str, width: int = 1280, theme: str = "light", **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: r.url[:5] in ("file:", "data:") or wrong.append(r.url))
        (tmp_path / "page.html").write_text(PAGE.format(theme, html), encoding="utf-8")
        page.goto((tmp_path / "page.html").as_uri())
        page.evaluate(DRAWN)
        return page

    yield show
    for context in browser.contexts:
        context.close()
    assert not wrong


@pytest.fixture(scope="session")
def serious() -> Callable[..., list[str]]:
    """What axe-core calls serious or critical on a page, with the first element that shows it.

    The elements that the selector `but` finds are left out.
    """
    from axe_playwright_python.sync_playwright import Axe

    script = Axe().axe_script

    def violations(page: Any, but: str = "") -> list[str]:
        if not page.evaluate("'axe' in window"):  # once for each page that is loaded
            page.evaluate(script)
        return [
            f"{v['id']} ({v['impact']}) {v['nodes'][0]['html'][:200]} "
            f"{v['nodes'][0]['failureSummary']}"
            for v in page.evaluate(RUN_AXE, [but, AXE])["violations"]
            if v["impact"] in ("serious", "critical")
        ]

    return violations


@pytest.fixture(scope="session")
def quick_gguf() -> Callable[[], contextlib.AbstractContextManager[None]]:
    """While it is entered, a GGUF file is read once, a vocabulary in less than half the time.

    transformers reads a whole file for the configuration, for the weights and for the tokenizer.
    Slices of a memory map know of the map, which makes them slow, and a token takes several.
    """
    import gguf
    import numpy as np

    class QuickReader(gguf.GGUFReader):
        @property
        def data(self) -> Any:
            return self._data

        @data.setter
        def data(self, mapped: Any) -> None:
            self._data = np.asarray(mapped)

    @contextlib.contextmanager
    def quick() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gguf, "GGUFReader", functools.cache(QuickReader))
            yield

    return quick


@pytest.fixture(autouse=True)
def _environment_as_it_was() -> Iterator[None]:
    """Keep what a test or the code it calls sets from the tests that follow."""
    environment, path = dict(os.environ), list(sys.path)  # IPython's shell adds to the path
    yield
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = path


class Toy:
    """A small checkout in git, with the one study `toy`: tests/toystudy.py."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.study = path / "studies/toy.py"
        self.results = path / "results/toy.jsonl"
        for folder in ("studies", "ideas_lib"):
            (path / folder).mkdir()
        (path / "_toc.yml").touch()
        (path / ".gitignore").write_text("/*\n!/studies\n__pycache__\n")
        shutil.copy(Path(__file__).with_name("toystudy.py"), self.study)
        self.git("init", "-q")
        self.commit()

    def git(self, *words: str) -> str:
        clean = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        return subprocess.check_output(["git", *who, *words], cwd=self.path, env=clean, text=True)

    def commit(self) -> str:
        self.git("add", ".")
        self.git("commit", "-qm", "the study")
        return self.git("rev-parse", "HEAD").strip()

    def edit(self, old: str, new: str, commit: bool = True) -> None:
        text = self.study.read_text()
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        self.study.write_text(text.replace(old, new))
        if commit:
            self.commit()

    def ask(self, **wishes: str) -> None:
        """Have measures wait, raise, die or edit at runs whose name has this part; "" for none."""
        for name, part in wishes.items():
            (self.path / name).write_text(part)

    def log(self) -> list[str]:
        """Return the runs that have begun, as often as they have."""
        file = self.path / "log.txt"
        return file.read_text().splitlines() if file.is_file() else []

    def records(self) -> list[dict[str, Any]]:
        """Return the results without what two runs of one study may differ in."""
        lines = self.results.read_text().splitlines()
        return [json.loads(line) | {"seconds": 0, "when": ""} for line in lines]


@pytest.fixture(autouse=True)
def _no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    # A build inside the process names its checkout for its workers; the next test starts clean.
    monkeypatch.delenv("IDEAS_ROOT", raising=False)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    monkeypatch.setenv("IDEAS_ROOT", str(tmp_path))
    # Python takes a file's bytecode for its own while second and size agree; tests edit faster.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return Toy(tmp_path)
