"""MyST Markdown in, plain Markdown out: directives, labels and HTML become what any blog renders.

Line by line for blocks; `ideas_lib.publish.post.inline` does what stands in a sentence.
"""

import re
from collections.abc import Mapping

import yaml
from markdownify import markdownify

from ideas_lib.publish.post.flavors import PostError
from ideas_lib.publish.post.inline import Inline, slugify

__all__ = ["Plain", "cited", "fence", "html", "slugify"]

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,}|:{3,})(?P<info>[^\n]*)$")
DIRECTIVE = re.compile(r"^\s*\{(?P<name>[\w:.+-]+)\}\s*(?P<arg>.*)$")
CITED = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
HTML_BLOCK = re.compile(
    r"^<(address|article|aside|center|details|div|dl|figure|h\d|hr|iframe|ol|p"
    r"|pre|script|section|style|summary|table|ul|video)\b",
    re.I,
)
AMS = re.compile(r"^\\begin\{(align|gather|equation|multline|alignat|eqnarray)(\*?)\}")
SILENT = {
    "bibliography", "contents", "eval-rst", "index", "only", "postlist", "post", "raw",
    "scoreboard", "tableofcontents", "toctree", "update", "meta", "comment",
}  # fmt: skip
CODE = {"code", "code-block", "code-cell", "sourcecode", "mermaid", "prompt"}
BARE = {"container", "div", "grid", "tab-set", "card-carousel", "epigraph", "figure-md", "table"}


def cited(text: str) -> list[str]:
    """The keys of all citation roles, in order of first use."""
    return [key.strip() for m in CITED.finditer(text) for key in m[1].split(",")]


def html(text: str) -> str:
    """HTML as Markdown: tables stay tables, badges become their words, scripts go."""
    text = re.sub(r"<(style|script)\b.*?</\1>|<!--.*?-->", "", text, flags=re.S | re.I)
    text = re.sub(r"(<t[dh]\b[^>]*>)(.*?)(?=</t[dh]>)", _bar, text, flags=re.S | re.I)
    lines = markdownify(text, heading_style="ATX").splitlines()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def _bar(cell: re.Match[str]) -> str:
    return cell[1] + " ".join(cell[2].split()).replace("|", "\\|")


class Plain(Inline):
    """Converts the cells of one notebook."""

    def convert(self, text: str) -> str:
        """Plain Markdown for MyST Markdown, blank lines between blocks, no trailing newline."""
        lines = text.replace("\r\n", "\n").split("\n")
        out: list[str] = []
        prose: list[str] = []
        at = 0
        while at < len(lines):
            opened = FENCE.match(lines[at])
            if opened is None or (opened["fence"][0] == "`" and "`" in opened["info"]):
                prose.append(lines[at])
                at += 1
                continue
            end = _close(lines, at, opened["fence"])
            if prose:
                out.append(self._prose("\n".join(prose)))
                prose = []
            out.append(self._fenced(opened, lines[at:end]))
            at = end
        out.append(self._prose("\n".join(prose)))
        return "\n\n".join(block for block in out if block.strip()).strip("\n")

    def _fenced(self, opened: re.Match[str], lines: list[str]) -> str:
        """A fenced block: code as it is, a directive as what it says."""
        indent = opened["indent"]
        directive = DIRECTIVE.match(opened["info"])
        closed = len(lines) > 1 and lines[-1].strip().startswith(opened["fence"])
        inner = [
            line[len(indent) :] if line.startswith(indent) else line.lstrip()
            for line in (lines[1:-1] if closed else lines[1:])
        ]
        if directive is not None:
            block = self._directive(directive["name"], directive["arg"].strip(), inner)
        elif opened["fence"][0] == ":":
            block = self.convert("\n".join(inner))
        else:
            return "\n".join(lines)
        return "\n".join(indent + line if line else line for line in block.split("\n"))

    def _directive(self, name: str, arg: str, lines: list[str]) -> str:
        options, body = _options(lines)
        text = "\n".join(body).strip("\n")
        if name in SILENT:
            return ""
        if name == "literalinclude":
            return self._included(arg, options.get("language", "text"))
        if name in CODE:
            return fence(text, "mermaid" if name == "mermaid" else arg or "text")
        if name == "math":
            tex = "\n".join(part for part in (arg, text) if part)
            return self.display(tex, options.get("label") or options.get("name", ""))
        if name in ("figure", "image"):
            return self._figure(arg, options, text)
        if name.startswith("glue"):
            value = self.glued(arg, "block")
            tex = value.strip().strip("$")
            caption = f"\n\n*{self.convert(text)}*" if text else ""
            return (
                self.display(tex, options.get("label", "")) if "math" in name else value + caption
            )
        if name in ("list-table", "csv-table"):
            return self._table(name, arg, options, body)
        content = self.convert(text)
        if name in BARE:
            return "\n\n".join(p for p in (f"**{self.inline(arg)}**" if arg else "", content) if p)
        title = self.inline(arg) if arg else name.replace("-", " ").capitalize()
        if name in ("note", "warning", "tip", "important", "seealso", "hint") and arg:
            content, title = f"{title}\n\n{content}".strip(), name.capitalize()
        quoted = f"**{title}**" + (f"\n\n{content}" if content else "")
        return "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))

    def _included(self, name: str, language: str) -> str:
        path = self.book.page(self.folder, name)
        if path is None:
            raise PostError(f"includes {name!r}, which is not there")
        return fence(path.read_text("utf-8"), language)

    def _figure(self, src: str, options: Mapping[str, str], text: str) -> str:
        legend = self.convert(text)
        label = self.labels.get(options.get("name", ""))
        number = f"{label.kind} {label.number}. " if label else ""
        alt = options.get("alt") or re.sub(r"[*`$\[\]]", "", legend.split("\n\n")[0]) or number
        picture = self.picture(alt, src)
        first, _, rest = legend.partition("\n\n")
        caption = f"*{number}{first}*" if first else ""
        return "\n\n".join(part for part in (picture, caption, rest) if part)

    def _table(self, kind: str, title: str, options: Mapping[str, str], body: list[str]) -> str:
        if kind == "csv-table":
            rows = [[c.strip().strip('"') for c in line.split(",")] for line in body if line]
            if "header" in options:
                rows.insert(0, [c.strip().strip('"') for c in options["header"].split(",")])
        else:
            rows = []
            for line in body:
                cell = re.match(r"^\s*(\*)?\s*-\s?(.*)$", line)
                if cell and cell[1]:
                    rows.append([cell[2]])
                elif cell:
                    rows[-1].append(cell[2])
                elif line.strip() and rows:
                    rows[-1][-1] += " " + line.strip()
        rows = [[self.inline(cell).strip() for cell in row] for row in rows]
        if "header-rows" not in options and "header" not in options and rows:
            rows.insert(0, [""] * len(rows[0]))
        table = ["| " + " | ".join(row) + " |" for row in rows]
        table[1:1] = ["|" + " --- |" * len(rows[0])] if rows else []
        return "\n\n".join(
            p for p in (f"**{self.inline(title)}**" if title else "", "\n".join(table)) if p
        )

    def _prose(self, text: str) -> str:
        """Paragraphs between fences; displays that hold no blank line are found inside them."""
        done = (self._paragraph(part) for part in re.split(r"\n[ \t]*\n", text))
        return "\n\n".join(part for part in done if part.strip())

    def _paragraph(self, text: str) -> str:
        lines, anchor = [], ""
        for line in text.split("\n"):
            target = re.match(r"^\(([^()]+)\)=\s*$", line)
            if target:
                anchor = target[1]
            elif not re.match(r"^(%|\+\+\+)", line):
                lines.append(line)
        text = "\n".join(lines).strip("\n")
        if HTML_BLOCK.match(text.lstrip()):
            return html(text)
        ams = AMS.match(text.lstrip())
        if ams:
            return self.display(_aligned(text, ams[1]), "")
        text = self.flavor.prose(self.inline(text))
        if anchor and self.flavor.ids:
            return re.sub(
                r"^(#+[ \t]+.+?)[ \t]*$", rf"\1 {{#{slugify(anchor)}}}", text, count=1, flags=re.M
            )
        return text


def _aligned(text: str, name: str) -> str:
    inner = re.sub(rf"\\(begin|end)\{{{name}\*?\}}", "", text).strip()
    env = {"gather": "gathered", "align": "aligned", "alignat": "aligned", "eqnarray": "aligned"}
    return f"\\begin{{{env[name]}}}\n{inner}\n\\end{{{env[name]}}}" if name in env else inner


def fence(text: str, language: str = "") -> str:
    """Text in a code fence longer than any that it holds."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{text.strip(chr(10)).rstrip()}\n{marks}"


def _close(lines: list[str], start: int, fence: str) -> int:
    """The line after the one that closes the fence opened at `start` (or the end)."""
    for at in range(start + 1, len(lines)):
        line = lines[at].strip()
        if line and not line.strip(fence[0]) and len(line) >= len(fence):
            return at + 1
    return len(lines)


def _options(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """A directive's options (`:key: value` lines or a YAML block) and the rest of its lines."""
    if lines and lines[0].strip() == "---":
        end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
        if end is not None:
            found = yaml.safe_load("\n".join(lines[1:end])) or {}
            return {str(k): str(v) for k, v in found.items()}, lines[end + 1 :]
    options: dict[str, str] = {}
    for n, line in enumerate(lines):
        option = re.match(r"^\s*:([\w-]+):\s*(.*)$", line)
        if option is None:
            return options, lines[n:]
        options[option[1]] = option[2]
    return options, []
