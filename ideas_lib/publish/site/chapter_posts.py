"""The posts that the book makes from its chapters before each build, so that no number freezes.

A notebook in the contents whose metadata holds `ideas.post` gets the page `posts/<slug>.md`, its
figures beside it. Git ignores them. What has not changed is not written, so that Sphinx reads it
no second time; what no chapter asks for any more is taken away.
"""

from pathlib import Path

import nbformat

from ideas_lib.publish.post.exporter import former_files, write_post
from ideas_lib.publish.post.flavors import PostError
from ideas_lib.publish.site.freshness import notebooks

__all__ = ["generate"]


def generate(top: Path) -> list[Path]:
    """Write the posts of the chapters under `top` and return their pages.

    A fork copies its original's metadata and is no news: it gets none. Raises PostError when a
    chapter lacks what its post says, or when two chapters want the same page.
    """
    posts = top / "posts"
    pages: dict[Path, Path] = {}
    for notebook in notebooks(top):
        if not _asks(notebook, posts):
            continue
        page = write_post(notebook, "myst", posts, inside=True)
        pages[page] = notebook
    for page in sorted(posts.glob("*.md")):
        if page not in pages:
            for former in former_files(page):
                former.unlink(missing_ok=True)
    return list(pages)


def _asks(notebook: Path, posts: Path) -> bool:
    if notebook.parent == posts:
        return False  # a post already
    about = nbformat.read(notebook, as_version=4).metadata.get("ideas", {})
    post = about.get("post")
    if post is not None and not isinstance(post, dict):
        raise PostError(f"{notebook.name}: ideas.post is {post!r}, not an object with a date")
    return post is not None and "forked_from" not in about
