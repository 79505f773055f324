"""A notebook as a blog post: Markdown with front matter, and its figures beside it."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "exporter": ["PostExporter", "write_post"],
    },
)
