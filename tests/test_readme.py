"""The README's Python runs as it stands."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", BLOCKS)
def test_python_in_the_readme_runs(code, capsys):
    pytest.importorskip("torch")
    pytest.importorskip("xllamacpp")
    datasets = pytest.importorskip("sklearn.datasets")
    X, y = datasets.load_iris(return_X_y=True, as_frame=True)
    exec(compile(code, "README.md", "exec"), {"X": X, "y": y})
    assert code.count("print(") == 0 or capsys.readouterr().out


def test_the_readme_has_python():
    assert len(BLOCKS) >= 2
