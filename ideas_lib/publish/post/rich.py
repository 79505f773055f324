"""HTML that a post may keep: what is worth it, and what goes even then."""

import re
from collections.abc import Callable, Sequence
from html import escape
from html.parser import HTMLParser

from bs4 import BeautifulSoup

from ideas_lib.publish.post.markup import LinkPlaces

__all__ = ["FORMATS", "Notes", "acts", "cleaned", "name_lost", "rich"]

# what says more than Markdown can, and what Hugo's readers get of it
FORMATS = {
    "iframe": "its link", "video": "its link", "audio": "its link", "embed": "its link",
    "object": "nothing", "svg": "its words", "canvas": "nothing", "form": "its words",
    "input": "nothing", "select": "its words", "button": "its words", "progress": "its words",
    "meter": "its words", "math": "its words", "details": "all of it, unfolded", "u": "its words",
    "mark": "its words", "small": "its words", "font": "its words", "ins": "its words",
}  # fmt: skip
GONE = {"script", "noscript"}
FILED = {"img", "video", "audio", "source", "iframe", "embed"}  # whose `src` may be a file here
VOID = {"img", "br", "hr", "input", "embed", "source", "wbr", "col", "meta", "link"}
STYLED = re.compile(r"(color|background|font-weight|font-size|width|height|border)\s*:", re.I)

Tell = Callable[[str], None]


class Notes:
    """What a flavor could not show, each said once, with the number of the cell it stands in."""

    def __init__(self) -> None:
        self.cell = 0
        self.found: list[str] = []

    def __call__(self, text: str) -> None:
        line = f"cell {self.cell}: {text}" if self.cell else text
        if line not in self.found:
            self.found.append(line)


def rich(text: str) -> bool:
    """Whether HTML says what a table, a link or words in Markdown would not."""
    soup = BeautifulSoup(text, "html.parser")
    if any(not style.has_attr("scoped") for style in soup("style")) or soup(list(FORMATS)):
        return True
    if any(tag.has_attr("width") for tag in soup("img")):
        return True
    spans = (tag.get(name) for tag in soup(["td", "th"]) for name in ("rowspan", "colspan"))
    if any(str(span or "1") != "1" for span in spans):
        return True
    return any(STYLED.search(str(tag["style"])) for tag in soup(style=True))


def name_lost(text: str, tell: Tell) -> None:
    """Say what Markdown without HTML loses of it."""
    soup = BeautifulSoup(text, "html.parser")
    for name, left in FORMATS.items():
        if soup(name):
            tell(f"<{name}> needs HTML, which this flavor does not show: {left} stands there")
    if any(not style.has_attr("scoped") for style in soup("style")) or any(
        STYLED.search(str(tag["style"])) for tag in soup(style=True)
    ):
        tell("HTML's colours and styles are left out: this flavor shows none")
    if any(tag.has_attr("width") or tag.has_attr("height") for tag in soup("img")):
        tell("a picture's width is left out: this flavor shows none")
    acting = [
        n for tag in soup(True) for n, v in tag.attrs.items() if n[:2] == "on" or acts(n, str(v))
    ]
    if soup(list(GONE)) or acting or soup(srcdoc=True):
        tell("a script is left out: posts carry none")


def cleaned(text: str, tell: Tell, places: LinkPlaces | None = None, markdown: bool = False) -> str:
    """HTML as it stands, without scripts and what acts like them, its pictures and links found.

    `markdown` says in block tags that Markdown stands inside them, as kramdown wants it.
    """
    parser = _Cleaner(tell, places, markdown)
    parser.feed(text)
    parser.close()
    return "".join(parser.out)


class _Cleaner(HTMLParser):
    """Writes HTML again, tag by tag: a cell's may be open or closed in another block."""

    def __init__(self, tell: Tell, places: LinkPlaces | None, markdown: bool) -> None:
        super().__init__(convert_charrefs=False)
        self.tell, self.places, self.markdown = tell, places, markdown
        self.out: list[str] = []
        self.inside = ""  # of what goes

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if self.inside:
            return
        if tag in GONE:
            self.tell("a script is left out: posts carry none")
            self.inside = tag
            return
        kept = dict(attrs)
        for name, value in attrs:
            if name.startswith("on") or name == "srcdoc" or acts(name, value or ""):
                self.tell(f"{name} of <{tag}> is left out: posts carry no scripts")
                del kept[name]
        if self.places and tag in FILED and kept.get("src"):
            kept["src"] = self.places.taken(str(kept["src"]))
        if self.places and tag == "a" and kept.get("href"):
            kept["href"] = self.places.address(str(kept["href"]))
        if self.markdown and tag in ("details", "div", "section", "center"):
            kept["markdown"] = "1"
        if self.markdown and tag == "summary":
            kept["markdown"] = "span"
        said = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"'
            for name, value in kept.items()
        )
        self.out.append(f"<{tag}{said}>")

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if not self.inside and tag not in VOID:
            self.out.append(f"</{tag}>")
        self.inside = ""

    def handle_endtag(self, tag: str) -> None:
        if self.inside == tag:
            self.inside = ""
        elif not self.inside and tag not in VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append("" if self.inside else data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        pass


def acts(name: str, value: str) -> bool:
    """Whether an attribute is an address that runs a script."""
    plain = re.sub(r"[\s\x00-\x1f]", "", value).lower()
    if name not in ("href", "src", "action", "formaction", "data", "xlink:href"):
        return False
    return plain.startswith(("javascript:", "vbscript:", "data:text/html"))
