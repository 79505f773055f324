"""A preview of posts on this machine, which shows anew what has changed.

It is served to this machine alone, and shows each post as a plain reader of Markdown would, with
what its flavor loses lost. A page asks twice a second whether its notebook, or a file that came
along, has changed. A notebook's errors stand on its page, and end nothing.
"""

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path
from threading import Lock
from urllib.parse import quote, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_block_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin
from mdit_py_plugins.texmath import texmath_plugin

from ideas_lib.publish.post.exporter import PostError, made_from
from ideas_lib.resources import resource

__all__ = ["Preview", "notebooks_in", "serve"]

HOST = "127.0.0.1"
STYLE = resource(__file__, "templates/preview.css")
RELOAD = resource(__file__, "templates/preview.js")
MATHJAX = "mathjax/tex-mml-chtml.js"  # of the book's own package; without it, TeX stands as it is
# what a notebook brings runs nothing here
POLICY = "default-src 'self' data: https:; script-src 'self'; style-src 'self' 'unsafe-inline'"


def notebooks_in(path: Path) -> list[Path]:
    """A notebook, or all below a folder, hidden folders left out.

    Raises PostError when there is none.
    """
    if path.is_file():
        return [path]
    found = sorted(
        p
        for p in path.rglob("*.ipynb")
        if not any(part.startswith(".") for part in p.relative_to(path).parts)
    )
    if not found:
        raise PostError(f"{path} holds no notebook: name a folder with one, or a notebook")
    return found


@dataclass
class Page:
    """A notebook as it was last made: HTML, its pictures, and the state of the files it read."""

    html: str
    files: dict[str, bytes]
    state: tuple[tuple[str, int, int], ...]
    read: set[Path] = field(default_factory=set)
    version: int = 0


class Preview:
    """The posts of the notebooks at `path`, made when asked for if something has changed.

    `say` hears what a flavor cannot show, and errors, each time a notebook has changed; `write`
    is called for it too, when it is given.
    """

    def __init__(
        self,
        path: Path,
        flavor: str,
        say: Callable[[str], object],
        max_output: int = 60,
        write: Callable[[Path], object] | None = None,
    ) -> None:
        self.path, self.flavor, self.say = path.resolve(), flavor, say
        self.max_output, self.write = max_output, write
        self.pages: dict[Path, Page] = {}
        self.lock = Lock()

    def notebooks(self) -> list[Path]:
        """The notebooks there are now."""
        try:
            return notebooks_in(self.path)
        except PostError:
            return []

    def page(self, notebook: Path) -> Page:
        """A notebook's page, made anew if it or a file that came along has changed."""
        with self.lock:
            known = self.pages.get(notebook)
            if known and known.state == _state({notebook, *known.read}):
                return known
            read = {notebook}
            before = _state(read)
            try:
                body, files, notes, read = made_from(notebook, self.flavor, self.max_output)
                html = rendered(body)
                if self.write:
                    self.write(notebook)
            except Exception as error:  # whatever it is, the next save may mend it
                files, notes, html = {}, [], f"<p class='error'>{escape(str(error))}</p>"
                self.say(f"{notebook.name}: {error}".replace(f"{notebook.name}: " * 2, "", 1))
            for note in notes:
                self.say(f"{notebook.name}: {note}")
            told = "".join(f"<li>{escape(note)}</li>" for note in notes)
            html += f"<hr><ul class='notes'>{told}</ul>" if told else ""
            state = before if read == {notebook} else _state({notebook, *read})
            page = Page(html, files, state, read, known.version + 1 if known else 1)
            self.pages[notebook] = page
            return page

    def answer(self, address: str) -> tuple[HTTPStatus, str, bytes]:
        """What stands at an address: status, type and content."""
        path = unquote(urlsplit(address).path).lstrip("/")
        if path in ("preview.css", "preview.js"):
            file = STYLE if path.endswith("css") else RELOAD
            return HTTPStatus.OK, _type(path), file.read_bytes()
        if path.startswith("mathjax/") and (script := _mathjax(path)):
            return HTTPStatus.OK, _type(path), script.read_bytes()
        known = {self._name(n): n for n in self.notebooks()}
        if path == "" and len(known) == 1:
            path = f"{next(iter(known))}/"  # its pictures lie there: `base` says so to the browser
        if path == "":
            links = "".join(f"<li><a href='/{quote(n)}/'>{escape(n)}</a></li>" for n in known)
            return HTTPStatus.OK, _type(".html"), _document("Posts", f"<ul>{links}</ul>", 0, "")
        if path == "version":
            return HTTPStatus.OK, _type(".txt"), str(sorted(known)).encode()
        name, _, file_name = path.rpartition("/")
        if name not in known:
            return HTTPStatus.NOT_FOUND, _type(".txt"), b"no such notebook"
        page = self.page(known[name])
        if file_name == "version":
            return HTTPStatus.OK, _type(".txt"), str(page.version).encode()
        if file_name == "":
            base = f"/{quote(name)}/"
            return HTTPStatus.OK, _type(".html"), _document(name, page.html, page.version, base)
        if file_name in page.files:
            return HTTPStatus.OK, _type(file_name), page.files[file_name]
        return HTTPStatus.NOT_FOUND, _type(".txt"), b"no such file"

    def _name(self, notebook: Path) -> str:
        base = self.path if self.path.is_dir() else self.path.parent
        return notebook.relative_to(base).with_suffix("").as_posix()


def serve(preview: Preview, port: int) -> ThreadingHTTPServer:
    """A server of the preview on this machine alone; `port` 0 takes one that is free.

    Raises PostError when the port is in use.
    """
    try:
        return PreviewServer((HOST, port), preview)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "in use" if error.errno == errno.EADDRINUSE else "not open to you"
        raise PostError(f"port {port} is {why}: name another by --port, or 0 for any") from error


class PreviewServer(ThreadingHTTPServer):
    """Serves a preview to this machine alone."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], preview: Preview) -> None:
        self.preview = preview
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    """Answers a browser on this machine, which names it so: no other site may ask through one."""

    server: PreviewServer

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").rpartition(":")[0]
        if host not in (HOST, "localhost"):
            self.send_error(HTTPStatus.FORBIDDEN, "this preview is for this machine")
            return
        status, kind, content = self.server.preview.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of requests: a page asks twice a second."""


def rendered(body: str) -> str:
    """A post's Markdown as HTML; its scripts went before."""
    md = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    # Blocks between $$, and \( \) in a sentence: a lone $ is money.
    md.use(dollarmath_plugin).disable("math_inline").use(texmath_plugin, delimiters="brackets")
    md.add_render_rule("math_inline", _sentence_maths)
    md.add_render_rule("math_block", _block_maths)
    for plugin in (attrs_block_plugin, deflist_plugin, footnote_plugin, tasklists_plugin):
        md.use(plugin)
    return str(md.render(body))


def _sentence_maths(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    return rf"\({escape(tokens[at].content)}\)"


def _block_maths(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    return rf"<p>\[{escape(tokens[at].content)}\]</p>"


def _mathjax(path: str) -> Path | None:
    """A file of the MathJax that the book brings, None where there is none."""
    package = find_spec("sphinx-mathjax-offline")
    if package is None or not package.origin:
        return None
    static = Path(package.origin).parent / "static"
    file = (static / path).resolve()
    return file if file.is_file() and file.is_relative_to(static.resolve()) else None


def _state(paths: set[Path]) -> tuple[tuple[str, int, int], ...]:
    """What tells whether files have changed; one that is gone has no time."""
    found = []
    for path in sorted(paths):
        try:
            about = path.stat()
            found.append((str(path), about.st_mtime_ns, about.st_size))
        except OSError:
            found.append((str(path), 0, 0))
    return tuple(found)


def _document(title: str, html: str, version: int, base: str) -> bytes:
    home = f"<base href='{base}'>" if base else ""
    maths = f"<script src='/{MATHJAX}'></script>" if r"\(" in html or r"\[" in html else ""
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'><link rel='icon' href='data:,'>"
        f"{home}<title>{escape(title)}</title><link rel='stylesheet' href='/preview.css'>"
        f"<main data-version='{version}' data-base='{base}'>{html}</main>"
        f"<script src='/preview.js'></script>{maths if _mathjax(MATHJAX) else ''}</html>"
    ).encode()


def _type(name: str) -> str:
    kind = guess_type(f"x{Path(name).suffix or name}")[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
