"""A figure with a script: what its output holds, that it draws, and what shows where it cannot."""

import base64
import io
import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from ideas_lib import figures
from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import png
from ideas_lib.publish.post.exporter import write_post
from ideas_lib.publish.post.flavors import FLAVORS

ALT = 'Two arms, "none" & one <idea>'
TRAP = "</script><script>alert(1)</script><!-- \u2028"
SCRIPT = """function figure(stage, data) {
  const say = sentence(stage);
  const made = slider(data.name, { min: 0, max: 9, step: 1, value: 3, words: String }, (value) =>
    say(`now ${value}`));
  stage.append(made.row);
  say("at first");
  return { general, number };
}
"""
BROKEN = "function figure(stage) {\n  stage.append('half');\n  throw new Error('no');\n}\n"
PAGE = "<!doctype html><html lang=en><meta charset=utf-8><title>t</title><main><h1>t</h1>{}</main>"


def made(folder: Path, script: str = SCRIPT, data: object = None) -> Interactive:
    path = folder / "try.js"
    path.write_text(script)
    fig, _ = figures.plot_strip({"none": [0.5, 0.6]}, outcome="accuracy")
    return Interactive("A try", [path], data or {"name": TRAP}, fig, ALT)


@pytest.fixture
def shown(tmp_path, browser):
    """Show HTML in a browser, as a file; errors of scripts are collected."""

    def show(html: str):
        page = browser.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        (tmp_path / "page.html").write_text(PAGE.format(html), encoding="utf-8")
        page.goto((tmp_path / "page.html").as_uri())
        return page

    yield show
    for context in browser.contexts:
        context.close()


# What is written.


def test_it_shows_html_a_picture_and_words(tmp_path):
    figure = made(tmp_path)
    data, about = figure._repr_mimebundle_()
    assert list(data) == ["text/html", "image/png", "text/plain"]
    seen = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    drawn = Image.open(io.BytesIO(png(made(tmp_path).fallback)))
    assert seen.size == drawn.size
    apart = np.abs(np.asarray(seen.convert("RGB"), float) - np.asarray(drawn.convert("RGB")))
    assert apart.mean() < 1, "of 255"
    assert data["text/plain"] == repr(figure) == ALT
    width, height = (side // 2 for side in seen.size)
    assert about == {"image/png": {"alt": ALT, "width": width, "height": height}}
    # The picture stands in the HTML as well, for before the script and for where there is none.
    image = re.findall(r"<img\b[^>]*>", data["text/html"])
    assert len(image) == 1
    assert data["image/png"] in image[0]
    assert 'alt="Two arms, &quot;none&quot; &amp; one &lt;idea&gt;"' in image[0]


def test_equal_figures_have_equal_bytes_and_others_have_not(tmp_path):
    assert made(tmp_path).html() == made(tmp_path).html()
    assert made(tmp_path, data={"name": "x"}).html() != made(tmp_path).html()


def test_no_data_ends_the_script(tmp_path):
    html = made(tmp_path).html()
    assert html.count("</script") == html.count("<script") == 1
    assert "<!--" not in html
    written = re.search(r'^start\("[0-9a-f]+", (.*)\);$', html, re.M)[1]
    assert json.loads(written) == {"name": TRAP}


def test_nothing_is_fetched(tmp_path):
    html = made(tmp_path).html()
    # The namespace of SVG is a name, not an address.
    assert set(re.findall(r"\w+://[^\"\s]+", html)) == {"http://www.w3.org/2000/svg"}
    assert not re.findall(r"@import|url\(|src=\"(?!data:)|\bfetch\(|import\(", html)


def test_numbers_have_eight_digits(tmp_path):
    values = {"a": np.float32(0.1), "b": np.array([[1.0, 2.5]]), "c": (1 / 3, -0.0), "d": 1e-30}
    html = made(tmp_path, data=values | {"e": np.int64(7), "f": None, "g": True}).html()
    assert '{"a":0.1,"b":[[1,2.5]],"c":[0.33333333,0],"d":1e-30,"e":7,"f":null,"g":true}' in html


@pytest.mark.parametrize("bad", [np.nan, np.inf, [1.0, -np.inf]])
def test_numbers_must_be_finite(tmp_path, bad):
    with pytest.raises(ValueError, match="the data hold -?(nan|inf)"):
        made(tmp_path, data={"x": bad}).html()


def test_words_must_be_there(tmp_path):
    fig, _ = figures.plot_strip({"none": [0.5]}, outcome="x")
    for name, alt, wrong in (("", "a", "name is empty"), ("a", " ", "alt is empty")):
        with pytest.raises(ValueError, match=wrong):
            Interactive(name, [tmp_path / "try.js"], {}, fig, alt)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A notebook that shows an interactive figure, executed, as JSON."""
    folder = tmp_path_factory.mktemp("figure")
    made(folder)
    code = f"""from ideas_lib import figures
from ideas_lib.figures.interact import Interactive
from pathlib import Path
fig, _ = figures.plot_strip({{"none": [0.5, 0.6]}}, outcome="accuracy")
Interactive("A try", [Path({str(folder / "try.js")!r})], {{"name": "x"}}, fig, {ALT!r})"""
    cells = [new_markdown_cell("# A post\n\nSome words to begin with."), new_code_cell(code)]
    nb = new_notebook(cells=cells)
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "P", "language": "python"}
    NotebookClient(nb, kernel_name="python3", record_timing=False, timeout=60).execute()
    assert nb.cells[1].outputs[0].output_type == "execute_result"
    return nbformat.writes(nb)


@pytest.mark.parametrize("flavor", FLAVORS)
def test_a_post_shows_the_picture(tmp_path, executed, flavor):
    (tmp_path / "a-post.ipynb").write_text(executed, encoding="utf-8")
    page = write_post(tmp_path / "a-post.ipynb", flavor, tmp_path / "blog")
    text = page.read_text(encoding="utf-8")
    assert re.search(r'(!\[|:alt: |alt=")Two arms,', text)
    assert "figure.png" in text
    assert "ideas-figure" not in text
    assert "function" not in text
    assert "<script" not in text


# What a browser makes of it.


def test_it_draws_in_place_of_its_picture_and_answers(tmp_path, shown, serious):
    page = shown(made(tmp_path).html() + made(tmp_path, data={"name": "the other"}).html())
    assert page.errors == []
    assert page.locator(".ideas-figure > img:visible").count() == 0
    first = page.locator("input[type=range]").first
    first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".ideas-said").all_inner_texts() == ["now 4", "at first"]
    assert first.get_attribute("aria-valuetext") == "4"
    page.wait_for_function("document.querySelector('[role=status]').textContent === 'now 4'")
    assert serious(page) == []


def test_the_same_figure_twice_on_a_page_is_drawn_twice(tmp_path, shown):
    page = shown(made(tmp_path).html() * 2)
    assert page.locator(".ideas-figure[data-drawn] input").count() == 2


def test_on_a_phone_what_was_found_is_in_view(tmp_path, shown):
    # The sentence is written last, below a drawing that is higher than the screen.
    drawing = 'stage.append(element("div", { style: "height: 1500px" }));\n  const say'
    script = SCRIPT.replace("const say", drawing)
    box = '<div class="cell_output"><div class="text_html" style="overflow-x: auto">{}</div></div>'
    page = shown("<p>text</p>" + box.format(made(tmp_path, script).html()) + "<p>x</p>" * 99)
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate("document.querySelector('.text_html').style.overflowX = ''")
    said = page.locator(".ideas-said")
    bottom = "document.querySelector('.ideas-said').getBoundingClientRect().bottom"
    assert page.evaluate(bottom) == pytest.approx(800, abs=1)
    assert said.evaluate("x => getComputedStyle(x).backgroundColor") != "rgba(0, 0, 0, 0)"
    page.evaluate("scrollTo(0, 9999)")
    assert page.evaluate(bottom) < 0, "it goes with its figure"


def test_where_the_script_fails_the_picture_stays(tmp_path, shown):
    page = shown(made(tmp_path, BROKEN).html())
    assert page.errors == ["no"]
    assert page.locator("img:visible").count() == 1
    assert page.locator(".ideas-stage").count() == 0


def test_without_scripts_the_picture_shows(tmp_path, browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.set_content(PAGE.format(made(tmp_path).html()))
    assert page.locator("img:visible").count() == 1
    page.context.close()


def test_numbers_are_written_as_in_python(tmp_path, shown):
    from ideas_lib.formatting import number

    page = shown(made(tmp_path).html())
    rng = np.random.default_rng(0)
    values = [0.0, -0.0, 1.0, -2.5, 1234.6, 12345.6, 0.00012344, 1.23456e-5, 99999.0, 0.1]
    values += (rng.normal(size=200) * 10.0 ** rng.integers(-7, 8, 200)).tolist()
    kit = "document.querySelector('.ideas-figure').figure"
    assert page.evaluate(f"v => v.map({kit}.general)", values) == [number(v, ".4g") for v in values]
    two = page.evaluate(f"v => v.map((x) => {kit}.number(x, 2))", values)
    assert two == [number(v, ".2f") for v in values]


def test_the_scripts_colours_are_those_of_all_figures(tmp_path):
    written = re.search(r"const COLOURS = (\[.*\]);", made(tmp_path).html())[1]
    assert tuple(json.loads(written)) == figures.COLOURS
