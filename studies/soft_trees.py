"""Soft trees: does a tree whose boundaries are soft predict better than CART, and stay readable?

Five experiments. Cross-validation on five tables decides. Shapes with a known boundary say where
soft boundaries help; distillation follows Frosst and Hinton; explanations are compared between
two trees fitted on disjoint halves; and one table has a number as its target.
"""

from collections.abc import Mapping
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    depths=(3, 6),
    splits=10,
    epochs=60,
    batches=8,
    read_depth=3,
    copy_depth=6,
)

TABLES = ("iris", "wine", "breast cancer", "digits", "mnist1d")
SMALL, READ, COPIED = TABLES[:3], TABLES[:4], TABLES[3:]
CELLS = ((50, 0.1), (200, 0.1), (800, 0.1), (200, 0.0), (200, 0.25))  # samples, label noise
FOLDS = 5
OVERLAP = 1 / (FOLDS - 1)
SEEDS = tuple(range(100, 100 + SETTINGS["splits"]))
CART, SOFTENED, AXIS, OBLIQUE = "CART", "CART, softened", "soft axis", "soft oblique"
DEEP, LOGISTIC, FOREST = "CART, any depth", "logistic", "forest"
BOOSTING, PEER = "boosting", "neural-trees"
TAUGHT = ("", ", smoothed", ", distilled", ", distilled out of fold")
Candidates = tuple[Mapping[str, Any], ...]


def training(rows: int, epochs: str = "epochs") -> dict[str, int]:
    """Return how long a model trains by gradient: as many steps whatever the number of rows."""
    return {epochs: SETTINGS["epochs"], "batch_size": max(1, rows // SETTINGS["batches"])}


def soft(arm: str, seed: int, rows: int, **how: Any) -> Any:
    """Return a soft tree of the arm's kind; temperatures are in standard deviations."""
    from ideas_lib.trees.soft import SoftTreeClassifier

    kind = dict(splits="axis", temperature=0.3, learning_rate=0.1, scale="standard")
    if arm.startswith(OBLIQUE):
        kind |= dict(splits="oblique", temperature=2.0, learning_rate=0.05, decay=0.1)
    return SoftTreeClassifier(random_state=seed, balance=0.1, **kind, **training(rows), **how)


def crossed(depth: str, name: str, *values: float) -> Candidates:
    """Return four candidates: the study's two depths by two values of another parameter."""
    return tuple({depth: d, name: value} for d in SETTINGS["depths"] for value in values)


def contender(arm: str, seed: int, rows: int) -> tuple[Any, Candidates]:
    """Return an arm's estimator for so many rows, and its candidates, four for every arm."""
    from neural_trees import SoftDecisionTree
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    from ideas_lib.trees.softened import SoftenedCART

    if arm == CART:
        cart = DecisionTreeClassifier(random_state=seed)
        return cart, crossed("max_depth", "min_samples_leaf", 1, 5)
    if arm == SOFTENED:
        cart = SoftenedCART(random_state=seed, scale="standard")
        return cart, crossed("max_depth", "width", 0.1, 0.3)
    if arm in (AXIS, OBLIQUE):
        warmth = (0.3, 0.6) if arm == AXIS else (1.0, 3.0)
        return soft(arm, seed, rows), crossed("depth", "temperature", *warmth)
    if arm == PEER:
        peer = SoftDecisionTree(random_state=seed, **training(rows, "max_epochs"))
        names = (f"softdecisiontree__{name}" for name in ("depth", "learning_rate"))
        return make_pipeline(StandardScaler(), peer), crossed(*names, 0.02, 0.05)
    reference, name, values = {
        DEEP: (DecisionTreeClassifier(random_state=seed), "ccp_alpha", (0, 1e-3, 3e-3, 1e-2)),
        LOGISTIC: (
            make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000)),
            "logisticregression__C",
            (0.01, 0.1, 1, 10),
        ),
        FOREST: (RandomForestClassifier(random_state=seed), "min_samples_leaf", (1, 2, 4, 8)),
        BOOSTING: (
            HistGradientBoostingClassifier(max_iter=50, random_state=seed),
            "learning_rate",
            (0.03, 0.1, 0.2, 0.4),
        ),
    }[arm]
    return reference, tuple({name: value} for value in values)


def tables(arm: str, seed: int, names: tuple[str, ...] = TABLES) -> dict[str, float]:
    """Tune and fit on four fifths of every table, and score on the rest."""
    from ideas_lib.datasets.tables import load_table
    from ideas_lib.trees.trial import averaged, classifier_scores
    from ideas_lib.trees.validation import split, tuned

    found = {}
    for name in names:
        data = load_table(name)
        X, (train, test) = data.X.to_numpy(), split(data.y, seed, FOLDS)
        model = tuned(*contender(arm, seed, len(train)), X[train], data.y[train], seed, folds=2)
        found[name] = classifier_scores(model, X[test], data.y[test])
        if arm in (CART, DEEP):
            found[name]["leaves"] = model.get_n_leaves()
    return averaged(found)


def shapes(arm: str, seed: int) -> dict[str, Any]:
    """Known chances: how much oftener a model errs than the best answers do, and how far off it is.

    No luck of test labels is in either: the distance is the mean square from the true chance.
    """
    import numpy as np

    from ideas_lib.datasets.shapes import SHAPES, chance, sample_shape
    from ideas_lib.trees.validation import tuned

    error, distance = np.zeros((2, len(SHAPES), len(CELLS)))
    points, _ = sample_shape("line", 10_000, 10_000 + seed)
    for i, shape in enumerate(SHAPES):
        for j, (samples, noise) in enumerate(CELLS):
            X, y = sample_shape(shape, samples, seed, noise)
            model = tuned(*contender(arm, seed, samples), X, y, seed, folds=2)
            p, said = chance(shape, points, noise), model.predict_proba(points)[:, 1]
            error[i, j] = np.mean(((said > 0.5) != (p > 0.5)) * abs(2 * p - 1))
            distance[i, j] = np.mean((said - p) ** 2)
    report: dict[str, Any] = {"excess error": error.mean(), "distance": distance.mean()}
    for shape, *rows in zip(SHAPES, error.tolist(), distance.tolist(), strict=True):
        report |= {f"excess error, {shape}": rows[0], f"distance, {shape}": rows[1]}
    return report


def taught(arm: str, X: Any, y: Any, seed: int) -> Any:
    """Return what an arm's tree learns from instead of labels, or None."""
    import numpy as np
    from sklearn.model_selection import cross_val_predict
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import LabelBinarizer, StandardScaler

    network = make_pipeline(StandardScaler(), MLPClassifier((128,), max_iter=60, random_state=seed))
    if "out of fold" in arm:
        return cross_val_predict(network, X, y, cv=3, method="predict_proba")
    if arm == "network" or "distilled" in arm:
        return network.fit(X, y)
    if "smoothed" in arm:
        labels = LabelBinarizer().fit_transform(y)
        return 0.9 * labels + 0.1 * np.full(labels.shape, 1 / labels.shape[1])
    return None


def copies(arm: str, seed: int) -> dict[str, float]:
    """Distillation: one size of tree, fitted to labels, or to what a network says of them."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    from ideas_lib.datasets.tables import load_table
    from ideas_lib.trees.trial import averaged, classifier_scores
    from ideas_lib.trees.validation import split

    found = {}
    for name in COPIED:
        data = load_table(name)
        X, (train, test) = data.X.to_numpy(), split(data.y, seed, FOLDS)
        with warnings.catch_warnings():  # the network stops after so many epochs, and should
            warnings.simplefilter("ignore", ConvergenceWarning)
            teacher = model = taught(arm, X[train], data.y[train], seed)
        if arm != "network":
            model = readable(arm, seed, SETTINGS["copy_depth"], len(train))
            model.fit(X[train], data.y[train], teacher=teacher)
        found[name] = classifier_scores(model, X[test], data.y[test])
    return averaged(found)


def readable(arm: str, seed: int, depth: int, rows: int) -> Any:
    """Return an estimator of trees of one depth, not tuned."""
    from sklearn.tree import DecisionTreeClassifier

    if not arm.startswith("CART"):
        return soft(arm, seed, rows, depth=depth)
    most = 4 if arm == "CART, 4 leaves" else None
    return DecisionTreeClassifier(max_depth=depth, max_leaf_nodes=most, random_state=seed)


def explanations(arm: str, seed: int) -> dict[str, float]:
    """Do two trees fitted on disjoint halves of the training rows tell the test rows the same?"""
    import numpy as np

    from ideas_lib.datasets.tables import load_table
    from ideas_lib.trees import validation
    from ideas_lib.trees.trial import averaged

    def fitted(X: Any, y: Any, luck: int) -> Any:
        model = readable(arm, luck, SETTINGS["read_depth"], len(y)).fit(X, y)
        return model.harden() if hasattr(model, "harden") else model

    found: dict[str, dict[str, float]] = {}
    for name in READ:
        data = load_table(name)
        X, y, (train, test) = data.X.to_numpy(), data.y, validation.split(data.y, seed, FOLDS)
        halves = [train[part] for part in validation.halves(y[train], seed)]
        trees = [fitted(X[half], y[half], seed) for half in halves]
        luck = [fitted(X[train], y[train], 1000 * n + seed) for n in (1, 2)]
        found[name] = {"accuracy": np.mean([t.predict(X[test]) == y[test] for t in trees])}
        told = [len(np.unique(validation.explanations(t, X[test]))) for t in trees]
        found[name]["explanations"] = np.mean(told)
        for kind, pair in (("", trees), (", other luck", luck)):
            same = vars(validation.agreement(*pair, X[test]))
            found[name] |= {f"{k}{kind}": v for k, v in same.items() if v is not None}
    return averaged(found)


def numbers(arm: str, seed: int) -> dict[str, float]:
    """Regression on the diabetes table: the share of the target's variance that is explained."""
    from sklearn.linear_model import Ridge
    from sklearn.metrics import r2_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeRegressor

    from ideas_lib.datasets.tables import load_table
    from ideas_lib.trees.soft import SoftTreeRegressor
    from ideas_lib.trees.validation import split, tuned

    data = load_table("diabetes")
    X, (train, test) = data.X.to_numpy(), split(data.y, seed, FOLDS)
    how, both = dict(random_state=seed, **training(len(train))), ("depth", "temperature")
    cart, ridge = DecisionTreeRegressor(random_state=seed), make_pipeline(StandardScaler(), Ridge())
    estimator, candidates = {
        CART: (cart, crossed("max_depth", "min_samples_leaf", 5, 20)),
        AXIS: (SoftTreeRegressor(splits="axis", scale="standard", **how), crossed(*both, 0.3, 0.6)),
        OBLIQUE: (SoftTreeRegressor(scale="standard", **how), crossed(*both, 1.0, 3.0)),
        "ridge": (ridge, tuple({"ridge__alpha": alpha} for alpha in (1, 10, 30, 100))),
    }[arm]
    model = tuned(estimator, candidates, X[train], data.y[train], seed, folds=2)
    found = {"r2": model.score(X[test], data.y[test])}
    if hasattr(model, "harden"):
        found["hard r2"] = r2_score(data.y[test], model.harden().predict(X[test]))
    return found


def reader(arm: str, seed: int) -> dict[str, float]:
    """Score on one split of the three small tables, tuned as in the study."""
    return tables(arm, seed, SMALL)


STUDY = Study(
    slug="soft-trees",
    title="Soft trees",
    prediction=Prediction(
        claim="Over five tables, a tree with soft boundaries that asks about one feature a node is "
        "right at least 0.01 more often than CART, on average, both tuned alike.",
        outcome="accuracy",
        idea=AXIS,
        baseline=CART,
        margin=0.01,
        change_our_mind="An interval that stays below 0.01: then soft boundaries, learned by "
        "gradient, are not worth giving up a tree that is right or wrong for one reason.",
    ),
    experiments=(
        Experiment(
            "tables",
            (CART, SOFTENED, AXIS, OBLIQUE, DEEP, LOGISTIC, FOREST, BOOSTING, PEER),
            tables,
            SEEDS,
            seconds=14,
            overlap=OVERLAP,
        ),
        Experiment(
            "shapes", (CART, SOFTENED, AXIS, OBLIQUE, LOGISTIC), shapes, SEEDS[:8], seconds=16
        ),
        Experiment(
            "copies",
            ("network", AXIS, f"{AXIS}, distilled", *(OBLIQUE + how for how in TAUGHT)),
            copies,
            SEEDS,
            seconds=4,
            overlap=OVERLAP,
        ),
        Experiment(
            "explanations",
            (CART, "CART, 4 leaves", AXIS, OBLIQUE),
            explanations,
            SEEDS,
            seconds=5,
            overlap=OVERLAP,
        ),
        Experiment(
            "numbers", (CART, AXIS, OBLIQUE, "ridge"), numbers, SEEDS, seconds=2, overlap=OVERLAP
        ),
    ),
    reader=reader,
    tolerance=0.01,
)
