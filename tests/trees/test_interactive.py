"""The interactive figures: JavaScript decides as Python does, and every reader can use them."""

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from sklearn.tree import DecisionTreeClassifier

from ideas_lib.figures.interact import Interactive
from ideas_lib.trees import MetaTreeClassifier, SoftTreeClassifier, plane
from ideas_lib.trees.meta_tree_figure import plot_meta_tree
from ideas_lib.trees.nodes import arrivals
from ideas_lib.trees.temperature_figure import plot_temperature, softly

LOOKS = [(1280, "light"), (390, "dark")]
FIGURE = "document.querySelector('.ideas-figure').figure"
SHIFTED = """() => {
  const canvas = document.querySelector("canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i] + data[i + 2]) % 1e9;
  return sum;
}"""


def circles(classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 2)) * [10, 0.1] + [50, 2]
    z = (X - [50, 2]) / [10, 0.1]
    y = np.hypot(*z.T) + rng.normal(size=150) * 0.3 > 1.2
    return X, y + (classes == 3) * (z[:, 0] > 0.8)


def people() -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(1)
    age, weight, pulse = rng.uniform(20, 80, 300), rng.normal(75, 12, 300), rng.normal(70, 8, 300)
    reading = rng.normal(130, 15, 300)
    X = pd.DataFrame({"age": age, "weight": weight, "reading": reading, "pulse": pulse})
    return X, np.where((reading > 110 + 0.5 * (age - 20)) & (pulse > 62), "high", "normal")


@pytest.fixture(scope="module")
def soft():
    X, y = circles()
    tree = SoftTreeClassifier(3, epochs=30, random_state=0).fit(X, y)
    cart = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    names = ("age", "dose")
    return tree, cart, plot_temperature(tree, X, y, rival=cart, feature_names=names)


@pytest.fixture(scope="module")
def meta():
    X, y = people()
    tree = MetaTreeClassifier(3, reach=0.5, epochs=20, random_state=0).fit(X, y)
    return tree, plot_meta_tree(tree, X[:80], y[:80], axes=("age", "reading"), first=3)


# The page is as wide as its window, letters are legible, and what is pressed has the size that
# WCAG 2.2 asks of a target.
USABLE = """(pixels) => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const all = (what) => [...document.querySelectorAll(what)];
  const letters = all(".ideas-tree text").map((n) => parseFloat(getComputedStyle(n).fontSize));
  const boxes = all(".ideas-figure :is(button, input, select)")
    .map((n) => (n.closest("label") || n).getBoundingClientRect().height);
  return innerWidth === pixels && scrollWidth <= clientWidth
    && letters.length > 0 && Math.min(...letters) >= 12
    && boxes.length > 0 && Math.min(...boxes) >= 24;
}"""


def settle(page) -> None:
    """Wait until what was asked for is drawn."""
    frame = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    page.evaluate(frame)


# What the script computes.


@pytest.mark.parametrize("splits", ["oblique", "axis"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_scripts_soft_tree_is_pythons(shown, splits, classes):
    X, y = circles(classes)
    tree = SoftTreeClassifier(3, splits=splits, epochs=10, random_state=0).fit(X, y)
    page = shown(plot_temperature(tree, X, y).html())
    ask = f"([X, times]) => X.map((x) => {FIGURE}.probabilities(x, times))"
    wide = np.random.default_rng(2).normal(size=(200, 2)) * [20, 0.3] + [50, 2]
    found = np.array(page.evaluate(ask, [wide.tolist(), 1]))
    assert found == pytest.approx(tree.predict_proba(wide), abs=1e-4)
    hard = np.array(page.evaluate(ask, [wide.tolist(), 0]))
    assert hard == pytest.approx(tree.module_.leaves().numpy()[tree.apply(wide)], abs=1e-4)
    colder = np.array(page.evaluate(ask, [wide.tolist(), 0.3]))
    z = tree.scale_.standard(wide)
    reached = arrivals(torch.sigmoid(tree.module_.splits(z) / 0.3))[:, -8:]
    assert colder == pytest.approx((reached @ tree.module_.leaves()).numpy(), abs=1e-4)


@pytest.mark.parametrize("splits", ["oblique", "axis"])
def test_the_scripts_read_ranks_as_python_does(shown, splits):
    X, y = circles()
    X[5] = [1e5, -1e4]
    tree = SoftTreeClassifier(3, splits=splits, epochs=10, random_state=0).fit(X, y)
    assert set(tree.scale_.ranked) == {0, 1}
    page = shown(plot_temperature(tree, X[6:], y[6:]).html())
    wide = np.r_[np.random.default_rng(2).normal(size=(100, 2)) * [20, 0.3] + [50, 2], X[4:7]]
    ask = f"X => X.map((x) => {FIGURE}.probabilities(x, 1))"
    found = np.array(page.evaluate(ask, wide.tolist()))
    assert found == pytest.approx(tree.predict_proba(wide), abs=1e-4)


def test_the_scripts_meta_tree_reads_ranks_as_python_does(shown):
    X, y = people()
    X.loc[5] = [1e5, -1e5, 1e6, 1e4]
    tree = MetaTreeClassifier(3, reach=0.8, epochs=10, random_state=0).fit(X, y)
    assert len(tree.scale_.ranked) == 4
    page = shown(plot_meta_tree(tree, X[50:100], y[50:100]).html())
    found = page.evaluate(f"X => X.map((x) => {FIGURE}.decide(x))", X.to_numpy().tolist())
    thresholds = np.array([each["thresholds"] for each in found])
    assert thresholds == pytest.approx(tree.thresholds(X), rel=1e-3, abs=1e-3)
    same = np.array([each["leaf"] for each in found]) == tree.apply(X)
    assert same.mean() > 0.99


def test_what_the_slider_says_is_what_python_measures(shown, soft):
    tree, cart, figure = soft
    X, y = circles()
    page = shown(figure.html())
    parts = figure.data["tree"]
    assert softly(parts, X) == pytest.approx(tree.predict_proba(X), abs=1e-6)
    said = page.locator(".ideas-said").inner_text()
    loss = -np.log(tree.predict_proba(X)[np.arange(len(X)), y.astype(int)]).mean()
    hard = softly(parts, X, 0).argmax(1)
    alike = np.mean(tree.predict_proba(X).argmax(1) == hard)
    assert f"is right on {100 * tree.score(X, y):.1f}\N{NO-BREAK SPACE}% of these 150" in said
    assert f"log loss {loss:.3f}" in said
    assert f"on {100 * alike:.1f}\N{NO-BREAK SPACE}%." in said
    page.get_by_role("checkbox").check()
    assert (
        f"CART is right on {100 * cart.score(X, y):.1f}" in page.locator(".ideas-said").inner_text()
    )
    page.get_by_role("button", name="Hard").click()
    said = page.locator(".ideas-said").inner_text()
    assert said.startswith(
        f"Hard, at temperature 0, the tree is right on {100 * np.mean(hard == y):.1f}"
    )
    assert "on 100.0\N{NO-BREAK SPACE}%." in said


@pytest.mark.parametrize("context", [None, ["age", "weight"]])
def test_the_scripts_meta_tree_is_pythons(shown, context):
    X, y = people()
    layers = (torch.nn.Linear(len(context or X.columns), 8), torch.nn.Tanh(), torch.nn.Linear(8, 7))
    setter = None if context is None else torch.nn.Sequential(*layers)
    tree = MetaTreeClassifier(3, setter=setter, context=context, reach=0.8, epochs=10,
                              random_state=0).fit(X, y)  # fmt: skip
    page = shown(plot_meta_tree(tree, X[:50], y[:50]).html())
    rows = X[50:200].to_numpy().tolist()
    found = page.evaluate(f"X => X.map((x) => {FIGURE}.decide(x))", rows)
    thresholds = np.array([each["thresholds"] for each in found])
    spread = tree.scale_.spread[tree.module_.splits.feature.numpy()]
    assert thresholds / spread == pytest.approx(tree.thresholds(X[50:200]) / spread, abs=1e-4)
    assert len(np.unique(thresholds[:, 0])) > 100, "the thresholds move"
    assert [each["leaf"] for each in found] == tree.apply(X[50:200]).tolist()
    shares = np.array([each["shares"] for each in found])
    assert shares == pytest.approx(tree.predict_proba(X[50:200]), abs=1e-4)
    sentences = page.evaluate(f"X => X.map((x) => {FIGURE}.explain(x))", rows)
    assert sentences == [str(tree.explain(X.iloc[i])) for i in range(50, 200)]
    remarks = {sentence.rpartition("; ")[2][:5] for sentence in sentences}
    assert remarks == {"no th", "so sa", "by th"}, "each kind of remark was compared"


def test_a_contour_is_where_the_height_is_nothing(tmp_path, shown):
    (tmp_path / "try.js").write_text("const figure = () => ({ contour });")
    scripts = [plane.SCRIPT, tmp_path / "try.js"]
    page = shown(Interactive("A try", scripts, {}, Figure(), "nothing").html())
    lines = page.evaluate("""() => {
      const { contour } = document.querySelector(".ideas-figure").figure;
      const at = (i, j) => Math.hypot(i - 10, j - 10) - 6.3 > 0 ? 1 : -1;  // a hard edge
      const cells = [];
      for (let j = 0; j < 21; j++) for (let i = 0; i < 21; i++) cells.push(at(i, j));
      return contour({ rows: 21, columns: 21, cells, at }, (x) => x);
    }""")
    assert len(lines) == 1
    line = np.array(lines[0])
    assert np.hypot(*(line - 10).T) == pytest.approx(np.full(len(line), 6.3), abs=0.05)
    assert line[0] == pytest.approx(line[-1])


# Who can use it.


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_they_fit_and_can_be_used_by_all(shown, serious, soft, meta, width, theme):
    page = shown(f"{soft[2].html()}{meta[1].html()}", width, theme, color_scheme=theme)
    assert page.locator(".ideas-figure[data-drawn]").count() == 2
    assert page.locator(".ideas-figure img:visible").count() == 0
    assert serious(page) == []
    turned = page.locator(".ideas-plane").first.evaluate("node => getComputedStyle(node).filter")
    assert (turned != "none") == (theme == "dark")
    for pixels in (width, 390):
        page.set_viewport_size({"width": pixels, "height": 900})
        # Figures are drawn anew when told of their width: on a busy machine, some frames on.
        page.wait_for_function(USABLE, arg=pixels, timeout=20_000)


def test_the_slider_answers_to_the_keyboard(shown, soft):
    page = shown(soft[2].html())
    before, said = page.evaluate(SHIFTED), page.locator(".ideas-said").inner_text()
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    settle(page)
    assert page.evaluate(SHIFTED) != before
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == "0: hard"
    assert page.locator(".ideas-said").inner_text() != said
    page.wait_for_function("document.querySelector('[role=status]').textContent.startsWith('Hard')")
    page.get_by_role("button", name="As fitted").press("Enter")
    settle(page)
    assert page.evaluate(SHIFTED) == before
    assert page.locator(".ideas-said").inner_text() == said


def test_the_sample_answers_to_keys_mouse_and_touch(shown, meta):
    tree, figure = meta
    X, _ = people()
    page = shown(figure.html(), 390, has_touch=True)

    def sentence() -> str:
        settle(page)
        return page.locator(".ideas-said").inner_text()

    assert sentence() == str(tree.explain(X.iloc[3]))
    handle = page.get_by_role("button", name="The sample")
    (low, high), _ = figure.data["ranges"]
    handle.focus()
    page.keyboard.press("ArrowRight")
    moved = X.iloc[3].copy()
    moved["age"] += (high - low) / 50
    assert sentence() == str(tree.explain(moved))
    # With the mouse: the ring follows, and the page does not scroll.
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y + 30, steps=4)
    page.mouse.up()
    settle(page)
    after = handle.bounding_box()
    assert (after["x"] - box["x"], after["y"] - box["y"]) == pytest.approx((-60, 30), abs=2)
    assert handle.evaluate("node => getComputedStyle(node).touchAction") == "none"
    # With a finger, somewhere on the map.
    canvas = page.locator("canvas").first.bounding_box()
    page.touchscreen.tap(canvas["x"] + 200, canvas["y"] + 60)
    settle(page)
    tapped = handle.bounding_box()
    centre = (tapped["x"] + tapped["width"] / 2, tapped["y"] + tapped["height"] / 2)
    assert centre == pytest.approx((canvas["x"] + 200, canvas["y"] + 60), abs=11)
    page.get_by_role("button", name="Next sample").click()
    assert sentence() == str(tree.explain(X.iloc[4]))
    page.get_by_role("button", name="Previous sample").click()
    assert sentence() == str(tree.explain(X.iloc[3]))
    page.get_by_role("slider", name="reading").fill("150")
    moved = X.iloc[3].copy()
    moved["reading"] = 150
    assert sentence() == str(tree.explain(moved))


def test_they_print_and_keep_still(shown, soft, meta):
    page = shown(soft[2].html() + meta[1].html(), reduced_motion="reduce")
    before = page.evaluate(SHIFTED)
    page.wait_for_timeout(300)
    assert page.evaluate(SHIFTED) == before
    assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(media="print")
    assert page.locator("canvas:visible").count() == 2
    assert page.locator("input:visible, .ideas-row:visible").count() == 0
    assert len(page.pdf()) > 10_000


# What stands in for it.


def test_the_words_for_it_are_its_numbers(soft, meta):
    tree, _, figure = soft
    X, y = circles()
    assert f"it is right on {100 * tree.score(X, y):.1f} %" in figure.alt
    tree, figure = meta
    X, _ = people()
    assert f": {tree.explain(X.iloc[3])}" in figure.alt


def test_equal_trees_give_equal_bytes(soft, meta):
    X, y = circles()
    again = plot_temperature(soft[0], X, y, rival=soft[1], feature_names=("age", "dose"))
    assert again.html() == soft[2].html()
    X, y = people()
    again = plot_meta_tree(meta[0], X[:80], y[:80], axes=("age", "reading"), first=3)
    assert again.html() == meta[1].html()


def test_what_cannot_be_shown_is_refused(soft, meta):
    X, y = people()
    with pytest.raises(ValueError, match=r"X has shape \(300, 4\): the map needs two features"):
        plot_temperature(soft[0], X, y)
    with pytest.raises(ValueError, match="axes have 'size', which is none of"):
        plot_meta_tree(meta[0], X, y, axes=("age", "size"))
    with pytest.raises(ValueError, match="the map needs two features"):
        plot_meta_tree(meta[0], X, y, axes=("age", "age"))
    deep = MetaTreeClassifier(4, epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="depth=4: the figure has room for 3"):
        plot_meta_tree(deep, X, y)
    layers = (torch.nn.Linear(4, 4), torch.nn.GELU(), torch.nn.Linear(4, 3))
    odd = MetaTreeClassifier(2, setter=torch.nn.Sequential(*layers), epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="the setter has GELU: the figure knows Linear, ReLU"):
        plot_meta_tree(odd, X, y)
