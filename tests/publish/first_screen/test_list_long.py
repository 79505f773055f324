"""`ideas list --long` says the bottom line of every idea, within 80 columns."""

from click.testing import CliRunner

from ideas_lib.cli import main
from ideas_lib.ideas import IDEAS
from ideas_lib.publish.first_screen import bottom_line


def test_the_list_in_words_has_every_bottom_line_within_80_columns() -> None:
    done = CliRunner().invoke(main, ["list", "--long"])
    assert done.exit_code == 0, done.output
    assert max(map(len, done.output.splitlines())) <= 80
    blocks = {block.partition(":")[0]: block for block in done.output.strip().split("\n\n")}
    for idea in IDEAS:
        line, block = bottom_line(idea.slug), " ".join(blocks[idea.slug].split())
        said = " ".join(filter(None, (line.finding, line.language, line.beyond)))
        wanted = said.replace("\N{NO-BREAK SPACE}", " ")
        assert wanted in block.replace("\N{NO-BREAK SPACE}", " ")
        assert block.startswith(f"{idea.slug}: {line.word if wanted else 'not yet tested'}")


def test_words_and_json_exclude_each_other() -> None:
    done = CliRunner().invoke(main, ["list", "--long", "--json"])
    assert done.exit_code == 2
    assert "exclude each other" in done.output
