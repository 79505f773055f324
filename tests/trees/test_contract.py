"""Scikit-learn's contract, whole."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from ideas_lib.trees import SoftTreeClassifier, SoftTreeRegressor


@parametrize_with_checks(
    [
        SoftTreeClassifier(epochs=15),
        SoftTreeClassifier(splits="axis", temperature="learned", epochs=15),
        SoftTreeRegressor(epochs=15),
    ]
)
def test_scikit_learns_contract(estimator, check) -> None:
    check(estimator)
