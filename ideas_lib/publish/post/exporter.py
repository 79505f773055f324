"""A notebook as a blog post: Markdown with front matter, and its figures beside it.

`write_post` writes one; `jupyter nbconvert --to ideas_post NOTEBOOK.ipynb` does the same without
a blog's folders. A post is what its notebook says, in plain Markdown: glued numbers, citations,
references and figures are filled in, and one that is missing is an error.

**What goes in.** When any cell carries the tag `post`, those cells are the post. Otherwise all
cells are, except those tagged `no-post`; a heading cell so tagged takes its whole section along.
The tags `remove-cell`, `hide-cell`, `remove-input`, `hide-input`, `remove-output` and
`hide-output` are honoured.

**What it says of itself** (title, date, author, tags, categories, summary or description, draft)
stands in YAML front matter in its first cell, raw or Markdown, between lines of `---`, as Quarto
and nbdev write it; or in the notebook's metadata, at the top (`{"date": "2026-11-22", "tags":
[...]}`) or under `ideas.post`, which goes before all. A date may also begin the file's name
(`2024-05-06-My Post.ipynb`). Without them: the first H1, the day of the last execution (else
today), the book's author, no tags, no category, the first paragraph.

**What a flavor cannot show** is replaced by words, a link or a note, and named: in
`resources["notes"]`, and to the `tell` of `write_post`.
"""

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.exporters import MarkdownExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from traitlets import Bool, Int, Unicode, default
from traitlets.config import Config

from ideas_lib.files import was_edited, write_output
from ideas_lib.publish.post.body import Draft, compose, selected
from ideas_lib.publish.post.flavors import FLAVORS, PostError, Target, flavor_of
from ideas_lib.publish.post.former import (
    FORCE,
    former_files,
    former_of,
    named,
    read_notebook,
    refuse,
    slugs_of,
    write_if_new,
)
from ideas_lib.publish.post.front import front_matter, tidy
from ideas_lib.publish.post.links import book_of
from ideas_lib.publish.post.markup import fence
from ideas_lib.publish.post.meta import meta_of
from ideas_lib.publish.post.opening import most_words
from ideas_lib.publish.post.rich import Notes
from ideas_lib.publish.post.standing import word_count
from ideas_lib.resources import resource

__all__ = [
    "FLAVORS",
    "PostError",
    "PostExporter",
    "former_files",
    "made_from",
    "notes_on",
    "slugs_of",
    "write_if_new",
    "write_post",
]

LOG = logging.getLogger(__name__)
TEMPLATES = resource(__file__, "templates")


class PostExporter(MarkdownExporter):
    """A blog post in plain Markdown.

    `PostExporter.flavor` is one of FLAVORS; `PostExporter.code` False leaves all code cells'
    sources out; `PostExporter.inside` is the folder of a post that stays in the book, whose links
    then point at the book's sources.
    """

    export_from_notebook = "Blog post"
    flavor = Unicode("myst", help="myst, hugo, jekyll or quarto").tag(config=True)
    max_output = Int(60, help="lines shown of an output; 0 for all").tag(config=True)
    code = Bool(True, help="show the code cells' sources").tag(config=True)
    inside = Unicode("", help="the folder in the book that the post is for").tag(config=True)
    words: Mapping[str, str] = {}  # a title and a summary, in place of the notebook's own

    @default("template_name")
    def _template_name_default(self) -> str:
        return "ideas_post"

    @default("template_file")
    def _template_file_default(self) -> str:
        return "index.md.j2"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [*super()._default_extra_template_basedirs(), str(TEMPLATES)]

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return flavor_of(self.flavor).suffix

    @property
    def default_config(self) -> Config:
        """The parent's, with Markdown before HTML, so that badges and tables stay text."""
        order = ["image/png", "image/svg+xml", "image/jpeg", "text/markdown", "text/plain"]
        own = Config({"NbConvertBase": {"display_data_priority": order}})
        config = super().default_config.copy()
        config.merge(own)
        return config

    def default_filters(self) -> Iterable[tuple[str, Any]]:
        """The parent's filters and `fence`."""
        yield from super().default_filters()
        yield "fence", fence

    def from_notebook_node(  # type: ignore[override]  # as all exporters of text: text, not a node
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, ResourcesDict]:
        """Return the post and its resources; `resources["outputs"]` holds the figures' bytes.

        Raises PostError, naming the notebook and what is missing.
        """
        flavor = flavor_of(self.flavor)
        resources = self._init_resources(resources)
        notebook = _place(resources)
        book = book_of(notebook, Path(self.inside) if self.inside else None)
        notes, nb = Notes(), tidy(nb)
        try:
            meta = meta_of(nb, notebook, book)
            meta = replace(meta, slug=resources.get("post_slug") or meta.slug)
            said, nb.cells = front_matter(nb)
            execute = said.get("execute")
            chosen, longest = selected(nb), self.max_output
            draft = compose(
                chosen,
                nb,
                meta,
                notebook,
                book,
                flavor,
                self.code,
                longest=longest,
                tell=notes,
                execute=execute if isinstance(execute, dict) else {},
            )
        except PostError as error:
            raise PostError(f"{notebook.name}: {error}") from error
        _reword(draft, self.words)
        folder = resources.get("output_files_dir") or ""
        resources["outputs"] = {
            os.path.join(folder, name): data for name, data in draft.pictures.items()
        }
        words, most = word_count(draft.text()), most_words(nb, book)
        if most and words > most[1]:
            notes(f"{words} words: the post of {most[0]} has at most {most[1]}; tag cells no-post")
        resources["notes"] = notes.found
        resources["read"] = draft.read
        for note in notes.found if "post_target" not in resources else []:
            self.log.warning("%s: %s", notebook.name, note)
        resources["language"] = nb.metadata.get("language_info", {}).get("name", "python")
        cells = deepcopy(nb)
        cells.cells = draft.cells(folder)
        body, resources = super().from_notebook_node(cells, resources, **kw)
        files = sorted(Path(name).name for name in resources["outputs"])
        mark = {"source": named(notebook, book.root), "files": files}
        body = flavor.guard(draft.around(body.strip("\n")) + "\n")
        resources["body_only"] = body
        return flavor.header(draft.meta, mark) + "\n" + body, resources


def write_post(
    notebook: Path,
    flavor: str,
    out: Path,
    *,
    code: bool = True,
    inside: bool = False,
    force: bool = False,
    max_output: int = 60,
    tell: Callable[[str], object] | None = None,
    slug: str = "",
    words: Mapping[str, str] | None = None,
) -> Path:
    """Write the notebook as a post under `out`, figures included, and return the post's file.

    myst: `slug.md` and `slug_files/`. hugo, quarto: a folder `slug/` with `index.md` or
    `index.qmd`. jekyll: `_posts/YYYY-MM-DD-slug.md` and `assets/posts/slug/`, `out` being the
    blog (or its `_posts`). `slug` stands for the notebook's own, as do
    `words`: plain text without markup for `title` and `summary`.
    `inside`: `out` is a folder of the book. What has not changed is not written again. `tell` hears
    what the flavor cannot show, else the log does.

    Raises PostError for a flavor that does not exist, for what the notebook lacks, and rather than
    touch a file that is not this notebook's former post as it was written, unless by `force`. A
    page `inside` the book is made anew at each build, whatever it was.
    """
    notebook = Path(notebook).resolve()
    target, body, resources = _made(
        notebook, flavor, Path(out), code, inside, max_output, slug, words or {}
    )
    book = book_of(notebook)
    for note in resources["notes"]:
        (tell or LOG.warning)(f"{notebook.name}: {note}")
    figures = {
        target.figures / Path(name).name: data for name, data in resources["outputs"].items()
    }
    content = {**figures, target.page: body.encode()}
    former = former_of(target, named(notebook, book.root), force)
    if not force:
        refuse(figures, former)
    edited = {path for path in (target.page, *former) if not inside and was_edited(path)}
    for path in sorted(edited):
        if not force and content.get(path) != path.read_bytes():
            raise PostError(f"{path} was edited since it was written: {FORCE}")
    for path, data in content.items():
        if inside:
            write_if_new(path, data)
        elif edited or not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_output(path, data, force=True)  # what may not be replaced was refused above
    for path in former - figures.keys():
        path.unlink(missing_ok=True)
    return target.page


def notes_on(notebook: Path, flavor: str) -> list[str]:
    """What the flavor cannot show of the notebook, each with its cell's number; writes nothing.

    Raises PostError for what the notebook lacks.
    """
    return list(_made(Path(notebook).resolve(), flavor, Path("post"))[2]["notes"])


def made_from(
    notebook: Path, flavor: str, max_output: int = 60
) -> tuple[str, dict[str, bytes], list[str], set[Path]]:
    """A notebook's preview: its Markdown, pictures, notes, and the files that it was made of.

    Raises PostError for what the notebook lacks.
    """
    flavor = flavor if flavor.startswith("preview ") else f"preview {flavor}"
    _, _, found = _made(notebook.resolve(), flavor, Path("post"), max_output=max_output)
    files = {Path(name).name: data for name, data in found["outputs"].items()}
    return found["body_only"], files, list(found["notes"]), {notebook, *found["read"]}


def _made(
    notebook: Path,
    flavor: str,
    out: Path,
    code: bool = True,
    inside: bool = False,
    max_output: int = 60,
    slug: str = "",
    words: Mapping[str, str] | None = None,
) -> tuple[Target, str, ResourcesDict]:
    """Where a post goes, its text, and its resources."""
    nb = read_notebook(notebook)
    try:
        meta = meta_of(tidy(nb), notebook, book_of(notebook))
    except PostError as error:
        raise PostError(f"{notebook.name}: {error}") from error
    target = flavor_of(flavor).target(out, replace(meta, slug=slug or meta.slug))
    exporter = PostExporter(
        flavor=flavor, code=code, inside=str(out.resolve()) * inside, max_output=max_output
    )
    exporter.words = words or {}
    place = {"metadata": {"name": notebook.stem, "path": str(notebook.parent)}}
    start = place | {"output_files_dir": target.prefix, "unique_key": "figure", "post_target": True}
    start["post_slug"] = slug
    body, resources = exporter.from_notebook_node(nb, resources=start)
    return target, body, resources


def _reword(draft: Draft, words: Mapping[str, str]) -> None:
    """Put words in the place of a post's own; what the notebook is called elsewhere stays."""
    title = words.get("title", "")
    if title and title != draft.meta.title:
        anchor = draft.heading.rpartition("\n")[0]  # "(name)=", where something links to the top
        draft.heading = f"{anchor}\n# {title}" if anchor else f"# {title}"
    summary = words.get("summary") or draft.meta.summary
    draft.meta = replace(draft.meta, title=title or draft.meta.title, summary=summary)


def _place(resources: Mapping[str, Any]) -> Path:
    about = resources["metadata"]
    folder = Path(str(about.get("path") or ".")).resolve()
    return folder / f"{about.get('name') or 'notebook'}.ipynb"
