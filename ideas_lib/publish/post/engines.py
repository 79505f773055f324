"""The text that each blog engine wants: escapes, pictures of a width, blocks of HTML."""

import re
from html import escape
from urllib.parse import quote

__all__ = [
    "BASE",
    "OPEN",
    "SHUT",
    "fenced_cell",
    "figure_code",
    "hugo_codes",
    "image_directive",
    "img",
    "kramdown",
    "kramdown_sized",
    "lined",
    "liquid",
    "money",
    "no_pipes",
    "nomarkdown",
    "pandoc",
    "pandoc_sized",
    "quarto_codes",
    "raw_html",
]

BASE = "\ue001"  # stands for the base of a Jekyll blog until its brackets are safe
OPEN, SHUT = "\ue002", "\ue003"  # stand for the brackets of Hugo's own codes, until then


def liquid(body: str) -> str:
    """Keep Liquid's hands off what only shows its brackets; the blog's base it fills in."""
    body = re.sub(r"\{\{|\{%", lambda found: '{{ "' + found[0] + '" }}', body)
    return re.sub(f"{BASE}|{quote(BASE)}", "{{ site.baseurl }}", body)


def hugo_codes(body: str) -> str:
    """Comment out what Hugo would read as a shortcode (it looks inside code as well)."""
    body = re.sub(r"\{\{([<%])(?!/\*)(.*?)([>%])\}\}", r"{{\1/*\2*/\3}}", body)
    body = re.sub(r"\{\{([<%])(?!/\*)", r"{ {\1", body)
    return body.replace(OPEN, "{{<").replace(SHUT, ">}}")


def quarto_codes(body: str) -> str:
    """Keep Quarto from reading what only shows a shortcode."""
    return re.sub(r"(?<!\{)\{\{<(.*?)>\}\}(?!\})", r"{{{<\1>}}}", body)


def lined(html: str) -> str:
    """HTML without the blank lines that would end its block."""
    return re.sub(r"\n\s*\n", "\n", html.strip())


def nomarkdown(html: str) -> str:
    """HTML that kramdown passes on as it is."""
    return "{::nomarkdown}\n" + html.strip().replace("{:/", "{&#58;/") + "\n{:/}"


def raw_html(html: str) -> str:
    """HTML that Pandoc passes on as it is."""
    longest = max((len(run) for run in re.findall(r"`{3,}", html)), default=2)
    return f"{'`' * (longest + 1)}{{=html}}\n{html.strip()}\n{'`' * (longest + 1)}"


def image_directive(alt: str, src: str, width: str) -> str:
    """MyST's directive: an <img> would name a file that Sphinx leaves behind."""
    width = f"{width}px" if width.isdigit() else width
    return f"```{{image}} {src}\n:alt: {unescaped(alt)}\n:width: {width}\n```"


def figure_code(alt: str, src: str, width: str) -> str:
    """A code that every Hugo has: it shows no HTML unless a blog allows it."""
    alt = re.sub(r'"([^"]*)"?', "\u201c\\1\u201d", unescaped(alt))
    return f'{OPEN} figure src="{src}" alt="{alt}" width="{width}" {SHUT}'


def kramdown_sized(alt: str, src: str, width: str) -> str:
    """A picture of a width, as kramdown writes it."""
    return f'![{alt}]({src}){{: width="{width}"}}'


def pandoc_sized(alt: str, src: str, width: str) -> str:
    """A picture of a width, as Pandoc writes it."""
    return f"![{alt}]({src}){{width={width}}}"


def img(alt: str, src: str, width: str) -> str:
    """A picture of a width in HTML."""
    return f'<img src="{src}" alt="{escape(unescaped(alt))}" width="{width}">'


def unescaped(alt: str) -> str:
    return re.sub(r"\\([\\`*_$\"|@])", r"\1", alt).replace("&lt;", "<")


def fenced_cell(text: str) -> str:
    """A cell whose code keeps its pipes, as kramdown and Pandoc read them; no backslash helps."""
    whole = re.compile(r"(?P<code>(?<!`)(`+)(?!`).+?(?<!`)\2(?!`))|(?P<tex>\$[^$]+\$)|(?<!\\)\|")
    return whole.sub(
        lambda found: found["code"] or (no_pipes(found["tex"]) if found["tex"] else r"\|"),
        " ".join(text.split()),
    )


def money(words: str) -> str:
    """Escape dollars: what is no maths here would be there."""
    return re.sub(r"(?<!\\)\$", r"\\$", words)


def kramdown(words: str) -> str:
    """Escape pipes: kramdown makes a table of any line that has one."""
    return re.sub(r"(?<!\\)\|", r"\\|", words)


def no_pipes(tex: str) -> str:
    """A formula without pipes."""
    return re.sub(r"(?<!\\)\|", r"\\vert ", tex.replace(r"\|", r"\Vert "))


def pandoc(words: str) -> str:
    """Escape `@word`: Pandoc would read a citation."""
    return re.sub(r"(?<![\w\\])@(?=\w)", r"\\@", money(words))
