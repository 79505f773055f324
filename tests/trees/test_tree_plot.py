"""Pictures of trees: what they say, that they can be read, and that they are true to the tree."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from ideas_lib import figures
from ideas_lib.figures.look import png
from ideas_lib.trees import MetaTreeClassifier, SoftTreeClassifier, SoftTreeRegressor
from ideas_lib.trees.shape import followed, nodes_of, truncated
from ideas_lib.trees.tree_plot import plot_tree

CANCER, WINE = load_breast_cancer(as_frame=True), load_wine(as_frame=True)
DIGITS, DIABETES = load_digits(), load_diabetes(as_frame=True)
TAKEN = (0x8E / 255, 0xC1 / 255, 0xE3 / 255, 1.0)


@pytest.fixture(scope="module")
def trees() -> dict:
    cancer, wine, digits = (
        (CANCER.data, np.where(CANCER.target, "benign", "malignant")),
        (WINE.data, WINE.target),
        (DIGITS.data, DIGITS.target),
    )
    soft = {"epochs": 10, "random_state": 0}
    found = {
        "cart": DecisionTreeClassifier(max_depth=3, random_state=0).fit(*cancer),
        "deep": DecisionTreeClassifier(max_features=2, random_state=1).fit(*wine),
        "numbers": DecisionTreeRegressor(max_depth=3).fit(DIABETES.data, DIABETES.target),
        "axis": SoftTreeClassifier(3, splits="axis", **soft).fit(*cancer),
        "oblique": SoftTreeClassifier(2, **soft).fit(*cancer),
        "digits": SoftTreeClassifier(4, **soft).fit(*digits),
        "digits, deep": SoftTreeClassifier(6, **soft).fit(*digits),
        "soft numbers": SoftTreeRegressor(2, **soft).fit(DIABETES.data, DIABETES.target),
        "meta": MetaTreeClassifier(3, **soft).fit(*cancer),
    }
    return found | {"hard": found["axis"].harden(), "hard digits": found["digits"].harden()}


SIXTH = {"x": CANCER.data.iloc[5]}
IMAGES = {"image_shape": (8, 8)}
# Every kind of picture, with what crowds it most.
KINDS = {
    "cart": {},
    "cart, a sample": {} | SIXTH,
    "deep": {},
    "deep, a sample": {"x": WINE.data.iloc[60]},
    "deep, four levels": {"max_depth": 4},
    "numbers": {"x": DIABETES.data.iloc[0]},
    "axis": {} | SIXTH,
    "oblique": {} | SIXTH,
    "digits": IMAGES | {"x": DIGITS.data[5]},
    "digits, deep": IMAGES | {"x": DIGITS.data[5]},
    "hard": {},
    "hard digits": IMAGES,
    "soft numbers": {},
    "meta": {},
    "meta, a sample": {} | SIXTH,
}


def drawn(trees: dict, kind: str) -> tuple:
    return plot_tree(trees[kind] if kind in trees else trees[kind.split(",")[0]], **KINDS[kind])


def words(fig) -> list[Text]:
    with figures.style():
        fig.draw_without_rendering()
    return [text for text in fig.findobj(Text) if text.get_text().strip()]


# True to the tree.


def nested(tree: DecisionTreeClassifier, i: int = 0) -> list:
    plain = tree.tree_
    if plain.children_left[i] < 0:
        return [round(float(plain.value[i, 0].max()), 9)]
    return [nested(tree, plain.children_left[i]), nested(tree, plain.children_right[i])]


def test_the_nodes_are_those_of_the_tree(trees):
    def seen(node) -> list:
        return [*map(seen, node.branches)] or [round(float(node.value.max()), 9)]

    for name in ("cart", "deep"):
        assert seen(nodes_of(trees[name])) == nested(trees[name])


@pytest.mark.parametrize("name", ["cart", "axis", "oblique", "digits", "hard", "meta"])
def test_shares_add_up_and_values_are_the_means_of_what_is_below(trees, name):
    root = nodes_of(trees[name])
    assert root.share == pytest.approx(1)
    for node in root.nodes():
        no, yes = node.branches
        assert no.share + yes.share == pytest.approx(node.share)
        assert node.value.sum() == pytest.approx(1)
        if name not in ("hard",):  # a hardened tree counts a soft leaf as one more sample
            mean = no.share * no.value + yes.share * yes.value
            assert mean / node.share == pytest.approx(node.value, abs=1e-6)


@pytest.mark.parametrize("name", ["cart", "axis", "oblique", "hard", "meta"])
def test_the_path_is_the_one_that_explains(trees, name):
    tree = trees[name]
    for i in (0, 19, 20, 100):
        x = CANCER.data.iloc[i]
        path = followed(nodes_of(tree, None, x))
        yes = [after is node.yes for node, after in itertools.pairwise(path)]
        if name == "cart":
            leaf = tree.apply(CANCER.data.iloc[[i]])[0]
            assert path[-1].value == pytest.approx(tree.tree_.value[leaf, 0])
            continue
        steps = tree.explain(x).steps  # the meta-tree's end where nothing is left to decide
        assert yes[: len(steps)] == [step.yes for step in steps]
        sure = [node.sure for node in path]
        assert sure[: len(steps)] == pytest.approx([step.probability for step in steps])


def test_leaves_of_a_meta_tree_are_those_it_decides_by(trees):
    tree = trees["meta"]
    leaves = [leaf.value for leaf in nodes_of(tree).leaves()]
    for i in (0, 19, 40):
        row = CANCER.data.iloc[[i]]
        assert leaves[tree.apply(row)[0]] == pytest.approx(tree.predict_proba(row)[0])


def test_thresholds_of_a_meta_tree_are_a_samples_or_their_mean_and_spread(trees):
    tree = trees["meta"]
    mean, now = tree.global_tree().threshold[0], tree.thresholds(CANCER.data.iloc[[5]])[0, 0]
    _, alone = plot_tree(tree)
    assert f"> {mean:.4g} ± " in alone
    _, told = plot_tree(tree, **SIXTH)
    assert f"> {now:.4g} ({mean:.4g} on average)" in told


def test_cutting_hides_splits_and_counts_them(trees):
    whole = nodes_of(trees["deep"])
    for depth in range(1, whole.depth + 1):
        part = truncated(whole, depth)
        assert part.depth == depth
        assert part.splits == whole.splits
        hidden = sum(leaf.hidden for leaf in part.leaves())
        assert sum(1 for _ in part.nodes()) == whole.splits - hidden
    assert truncated(whole, whole.depth) == whole


# What it says.


def test_it_says_every_split_and_where_it_leads():
    X = pd.DataFrame({"age": [1.0, 2, 3, 4], "dose": [1.0, 1, 5, 9]})
    tree = DecisionTreeClassifier(random_state=0).fit(X[["age"]], ["well", "ill", "ill", "ill"])
    _, alt = plot_tree(tree)
    assert alt == (
        "A decision tree of 1 split, at most 1 in a row. Split 1, age > 1.5:"
        " no, well (100 %), 25 % of samples; yes, ill (100 %), 75 % of samples."
    )
    _, alt = plot_tree(tree, class_names=["sick", "fit"], feature_names=["years"], x=[2.0])
    assert alt.endswith(
        "Split 1, years > 1.5: no, fit (100 %), 25 % of samples; yes, sick (100 %), 75 % of"
        " samples. The sample's path: years > 1.5: yes; sick (100 %)."
    )


def test_what_is_left_out_is_said(trees):
    tree = trees["deep"]
    total = tree.get_n_leaves() - 1
    fig, alt = plot_tree(tree)
    shown = alt.count("Split ")
    assert f"Shown are its first 3 levels, without {total - shown} splits below." in alt
    assert any(f"{total - shown} more splits" in text.get_text() for text in words(fig))
    fig, alt = plot_tree(tree, x=WINE.data.iloc[60])
    on = tree.decision_path(WINE.data.iloc[[60]]).sum() - 1
    assert "Split " not in alt
    assert any(f"{total - on} more splits" in text.get_text() for text in words(fig))
    fig, _ = plot_tree(tree, max_depth=tree.get_depth())
    assert not any("more splits" in text.get_text() for text in words(fig))


def test_the_scale_of_filters_is_one_and_stated(trees):
    tree = trees["digits"]
    fig, _ = plot_tree(tree, image_shape=(8, 8))
    splits = tree.module_.splits
    weights = (splits.weight * splits.slopes()[:, None]).numpy()
    top = np.abs(weights).max()
    assert any(text.get_text() == f"+{top:.2g} for yes" for text in words(fig))
    filters = [im for im in fig.axes[0].images if im.get_array().shape == (8, 8)]
    assert len(filters) == 15
    assert {im.get_clim() for im in filters} == {(-1.0, 1.0)}
    shown = {tuple(np.round(np.asarray(im.get_array()).ravel(), 6)) for im in filters}
    assert shown == {tuple(np.round(row / top, 6)) for row in weights}


def test_only_the_path_is_blue(trees):
    fig, _ = plot_tree(trees["cart"], **SIXTH)
    bands = fig.findobj(PathPatch)
    assert sum(band.get_edgecolor() == TAKEN for band in bands) == 3
    fig, _ = plot_tree(trees["cart"])
    bands = fig.findobj(PathPatch)
    assert not any(band.get_edgecolor() == TAKEN for band in bands)
    widths = sorted(band.get_linewidth() for band in bands)
    shares = sorted(b.share for node in nodes_of(trees["cart"]).nodes() for b in node.branches)
    assert widths[-1] / widths[-2] == pytest.approx(shares[-1] / shares[-2])


# Whether it can be read.


@pytest.mark.parametrize("kind", KINDS)
def test_type_is_large_enough_and_inside(trees, kind):
    fig, alt = drawn(trees, kind)
    assert fig.get_size_inches()[0] == 5.6
    assert alt.strip()
    for text in words(fig):
        box = text.get_window_extent()
        assert text.get_fontsize() >= 10, text
        assert box.x0 >= -1, text
        assert box.y0 >= -1, text
        assert box.x1 <= fig.bbox.x1 + 1, text
        assert box.y1 <= fig.bbox.y1 + 1, text


@pytest.mark.parametrize("kind", KINDS)
def test_type_and_pictures_do_not_overlap(trees, kind):
    fig, _ = drawn(trees, kind)
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in words(fig)]
    for image in fig.axes[0].images:
        left, right, bottom, top = image.get_extent()
        corners = image.axes.transData.transform([(left, bottom), (right, top)])
        boxes.append(("an image", Bbox(corners)))
    for (a, box_a), (b, box_b) in itertools.combinations(boxes, 2):
        overlap = min(box_a.x1, box_b.x1) > max(box_a.x0, box_b.x0) + 1
        overlap &= min(box_a.y1, box_b.y1) > max(box_a.y0, box_b.y0) + 4  # descenders may touch
        assert not overlap, (a, b)


@pytest.mark.parametrize("kind", ["cart", "digits", "meta"])
def test_equal_trees_give_equal_bytes(trees, kind):
    assert png(drawn(trees, kind)[0]) == png(drawn(trees, kind)[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_depth": 0}, "max_depth=0: a picture needs a level at least"),
        ({"image_shape": (8, 8)}, r"image_shape=\(8, 8\): the tree reads 30 features"),
        ({"feature_names": ["a"]}, "there are 1 feature_names, and the tree knows 30"),
        ({"class_names": ["a"]}, "there are 1 class_names, and the tree knows 2"),
    ],
)
def test_what_does_not_fit_is_refused(trees, options, message):
    for name in ("cart", "axis", "hard"):
        with pytest.raises(ValueError, match=message):
            plot_tree(trees[name], **options)


def test_the_estimator_draws_itself(trees):
    fig, alt = trees["axis"].plot(**SIXTH)
    assert alt == plot_tree(trees["axis"], **SIXTH)[1]
    assert png(fig) == png(plot_tree(trees["axis"], **SIXTH)[0])
