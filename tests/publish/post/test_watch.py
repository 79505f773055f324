"""The preview: what it serves, to whom, and that it goes on when a notebook breaks."""

import http.client
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_markdown_cell, new_notebook

from ideas_lib.cli import main
from ideas_lib.publish.post.exporter import PostError
from ideas_lib.publish.post.watch import Preview, serve


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_markdown_cell(text)]), path)
    os.utime(path, ns=(len(text), len(text)))  # two writes within a tick are two
    return path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, list[str]]]:
    """A preview of a folder of two notebooks, its port and what it said."""
    (tmp_path / "dot.png").write_bytes(b"one")
    write(tmp_path / "one.ipynb", "# One\n\n![d](dot.png)")
    write(tmp_path / "deep" / "two.ipynb", "# Two <script>alert(1)</script>")
    said: list[str] = []
    server = serve(Preview(tmp_path, "myst", said.append), 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port, said
    server.shutdown()
    thread.join()
    server.server_close()


def get(port: int, path: str, host: str = "127.0.0.1") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def test_it_serves_and_sees_changes(served: tuple[int, list[str]], tmp_path: Path) -> None:
    port, said = served
    assert "/deep/two/" in get(port, "/")[1]
    assert 'src="dot.png"' in get(port, "/one/")[1]
    assert get(port, "/one/dot.png") == (200, "one")
    assert "<script>alert" not in get(port, "/deep/two/")[1]
    assert get(port, "/one/version")[1] == "1"
    (tmp_path / "dot.png").write_bytes(b"other")
    assert get(port, "/one/version")[1] == "2"
    write(tmp_path / "one.ipynb", "# One\n\n![d](gone.png)")
    assert "gone.png" in get(port, "/one/")[1]
    assert [line for line in said if "gone.png" in line]
    (tmp_path / "one.ipynb").write_text("no notebook")
    assert "error" in get(port, "/one/")[1]
    write(tmp_path / "one.ipynb", "# Mended")
    assert "Mended" in get(port, "/one/")[1]
    write(tmp_path / "three.ipynb", "# Three")
    assert "Three" in get(port, "/three/")[1]


def test_a_notebook_alone_finds_its_pictures_and_its_maths_is_kept(tmp_path: Path) -> None:
    (tmp_path / "dot.png").write_bytes(b"one")
    text = "# One\n\n![d](dot.png) It is $x_1 \\; y$, and $5 to $6.\n\n$$\na \\; _b_ < 1\n$$"
    notebook = write(tmp_path / "one.ipynb", text)
    _, kind, page = Preview(notebook, "hugo", print).answer("/")
    html = page.decode()
    assert kind.startswith("text/html")
    assert "<base href='/one/'>" in html
    assert r"\(x_1 \; y\)" in html
    assert "$5 to $6" in html
    assert "_b_ &lt; 1\n\\]" in html
    status, kind, script = Preview(notebook, "hugo", print).answer("/mathjax/tex-mml-chtml.js")
    assert (status, kind.split(";")[0]) == (200, "text/javascript")
    assert b"MathJax" in script
    assert Preview(notebook, "hugo", print).answer("/mathjax/../../__init__.py")[0] == 404


def test_it_is_for_this_machine(served: tuple[int, list[str]]) -> None:
    port, _ = served
    assert get(port, "/one/", host="evil.example")[0] == 403
    assert get(port, "/one/../../secret.txt")[0] == 404
    assert get(port, "/one/%2e%2e/%2e%2e/etc/passwd")[0] == 404


def test_a_port_in_use_is_named(served: tuple[int, list[str]], tmp_path: Path) -> None:
    with pytest.raises(PostError, match=f"port {served[0]} is in use: name another"):
        serve(Preview(tmp_path, "myst", print), served[0])


def test_the_command_ends_well_by_an_interrupt(tmp_path: Path) -> None:
    path = write(tmp_path / "one.ipynb", "# One")
    interrupt = threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    ended = CliRunner().invoke(main, ["post", str(path), "--watch", "--port", "0"])
    interrupt.join()
    assert ended.exit_code == 0
    assert ended.output.endswith("Ctrl-C ends it\nended\n")
