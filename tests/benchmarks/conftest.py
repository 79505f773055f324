"""Scripts run here, where torch and transformers have been imported."""

import runpy
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def as_script(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Run a script as `python SCRIPT ARGS` does, but in this process; return what it prints.

    That a process of its own does the same, the benchmark of the sandbox shows.
    """

    def run(script: Path, *args: str) -> str:
        monkeypatch.setattr(sys, "argv", [str(script), *args])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # which end no script
            with pytest.raises(SystemExit) as end:
                runpy.run_path(str(script), run_name="__main__")
        assert not end.value.code
        return capsys.readouterr().out

    return run
