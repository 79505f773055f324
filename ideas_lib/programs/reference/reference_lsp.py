"""A language server for one thing: a hover that says what the call at the cursor needs."""

from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from ideas_lib import __version__
from ideas_lib.programs.reference.looking_up import look_up
from ideas_lib.programs.reference.reference_text import as_text
from ideas_lib.programs.sandbox.running import Unavailable

__all__ = ["hover_server", "serve_hovers"]


def hover_server() -> LanguageServer:
    """Return the server; `start_io` lets it speak on standard input and output."""
    server = LanguageServer("ideas-reference", f"v{__version__}")

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    @server.thread()
    def hover(params: types.HoverParams) -> types.Hover | None:
        document = server.workspace.get_text_document(params.text_document.uri)
        position = server.workspace.position_codec.position_from_client_units(
            document.lines, params.position
        )
        path = Path(to_fs_path(params.text_document.uri) or "untitled.py")
        try:
            found = look_up(document.source, position.line + 1, position.character + 1, path=path)
        except (ValueError, Unavailable):  # nothing to say here, which is no error in an editor
            return None
        text = as_text(found).replace("```", "` ` `")
        value = f"```text\n{text}\n```"
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, value))

    return server


def serve_hovers() -> None:
    """Serve until the editor hangs up."""
    hover_server().start_io()
