"""Whose code is read: packages, the organisation that wrote each, and the release.

An organisation is a group of authors, who may write alike; it is what is independent here. Those
below 100 are for pilots. The others were chosen by a count of lines that call some function of the
standard library or of numpy with a keyword: at least three, and one of a function with more than
three parameters left. Which keyword was not looked at, nor what any arm would show.
"""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

__all__ = ["ORGANISATIONS", "PACKAGES", "OtherRelease", "check_releases", "packages_of"]

# A package's folder: its organisation, its distribution, and the release that is read.
PACKAGES = {
    "_pytest": ("pytest", "pytest", "9.2.0"),
    "ablog": ("ablog", "ablog", "0.11.13"),
    "accelerate": ("hugging face", "accelerate", "1.15.0"),
    "alabaster": ("sphinx", "alabaster", "0.7.16"),
    "annotated_types": ("pydantic", "annotated-types", "0.8.0"),
    "anyio": ("anyio", "anyio", "4.16.0"),
    "build": ("pypa", "build", "1.6.1"),
    "cffi": ("cffi", "cffi", "2.1.1"),
    "cfgv": ("pre-commit", "cfgv", "3.5.0"),
    "charset_normalizer": ("charset-normalizer", "charset-normalizer", "3.5.2"),
    "click": ("pallets", "click", "8.5.1"),
    "comm": ("jupyter", "comm", "0.2.3"),
    "contourpy": ("matplotlib", "contourpy", "1.3.3"),
    "coverage": ("coverage", "coverage", "7.17.3"),
    "crosshair": ("crosshair", "crosshair-tool", "0.0.113"),
    "cycler": ("matplotlib", "cycler", "0.12.1"),
    "dask": ("dask", "dask", "2026.8.0"),
    "debugpy": ("microsoft", "debugpy", "1.8.22"),
    "distlib": ("pypa", "distlib", "0.4.4"),
    "distributed": ("dask", "distributed", "2026.8.0"),
    "docutils": ("docutils", "docutils", "0.21.2"),
    "execnet": ("pytest", "execnet", "2.1.2"),
    "faiss": ("faiss", "faiss-cpu", "1.15.1"),
    "filelock": ("tox", "filelock", "4.2.11"),
    "fire": ("fire", "fire", "0.7.1"),
    "flexcache": ("pint", "flexcache", "0.3"),
    "flexparser": ("pint", "flexparser", "0.4"),
    "fontTools": ("fonttools", "fonttools", "4.68.0"),
    "fsspec": ("fsspec", "fsspec", "2026.9.0"),
    "functorch": ("pytorch", "torch", "2.13.0"),
    "gguf": ("gguf", "gguf", "0.19.0"),
    "git": ("gitpython", "gitpython", "3.2.1"),
    "gitdb": ("gitpython", "gitdb", "4.0.12"),
    "griffe": ("griffe", "griffelib", "2.4.1"),
    "grimp": ("seddonym", "grimp", "3.19"),
    "h11": ("h11", "h11", "0.16.0"),
    "httpx2": ("httpx", "httpx2", "2.16.2"),
    "huggingface_hub": ("hugging face", "huggingface-hub", "2.4.0"),
    "hypothesis": ("hypothesis", "hypothesis", "6.170.15"),
    "identify": ("pre-commit", "identify", "2.6.20"),
    "importlinter": ("seddonym", "import-linter", "2.16"),
    "iniconfig": ("pytest", "iniconfig", "2.3.1"),
    "invoke": ("invoke", "invoke", "3.0.3"),
    "ipykernel": ("jupyter", "ipykernel", "7.4.0"),
    "IPython": ("jupyter", "ipython", "9.18.1"),
    "jedi": ("jedi", "jedi", "0.20.1"),
    "jinja2": ("pallets", "jinja2", "3.1.6"),
    "joblib": ("joblib", "joblib", "1.6.0"),
    "jsonschema": ("jsonschema", "jsonschema", "4.26.0"),
    "jupyter_book": ("executable books", "jupyter-book", "1.0.4.post1"),
    "jupyter_cache": ("executable books", "jupyter-cache", "1.0.1"),
    "jupyter_client": ("jupyter", "jupyter-client", "8.10.0"),
    "jupyter_core": ("jupyter", "jupyter-core", "5.9.1"),
    "jupyter_events": ("jupyter", "jupyter-events", "0.12.1"),
    "jupyter_server": ("jupyter", "jupyter-server", "2.21.1"),
    "lark": ("lark", "lark", "1.3.1"),
    "latexcodec": ("pybtex", "latexcodec", "3.0.1"),
    "libcst": ("libcst", "libcst", "1.9.0"),
    "llvmlite": ("numba", "llvmlite", "0.50.0"),
    "markdown_it": ("executable books", "markdown-it-py", "3.0.0"),
    "markupsafe": ("pallets", "markupsafe", "3.0.4"),
    "matplotlib": ("matplotlib", "matplotlib", "3.11.2"),
    "matplotlib_inline": ("jupyter", "matplotlib-inline", "0.2.2"),
    "mdit_py_plugins": ("executable books", "mdit-py-plugins", "0.7.0"),
    "mistune": ("mistune", "mistune", "3.4.0"),
    "mpl_toolkits": ("matplotlib", "matplotlib", "3.11.2"),
    "mpmath": ("sympy", "mpmath", "1.3.0"),
    "mypy": ("mypy", "mypy", "2.4.1"),
    "mypy_extensions": ("mypy", "mypy-extensions", "1.2.0"),
    "mypyc": ("mypy", "mypy", "2.4.1"),
    "myst_nb": ("executable books", "myst-nb", "1.4.0"),
    "myst_parser": ("executable books", "myst-parser", "3.0.1"),
    "narwhals": ("narwhals", "narwhals", "2.29.0"),
    "nbclient": ("jupyter", "nbclient", "0.11.0"),
    "nbconvert": ("jupyter", "nbconvert", "7.17.2"),
    "nbdime": ("jupyter", "nbdime", "4.0.4"),
    "nbformat": ("jupyter", "nbformat", "5.11.1"),
    "networkx": ("networkx", "networkx", "3.6.1"),
    "neural_trees": ("neural-trees", "neural-trees", "0.8.0"),
    "nodeenv": ("pre-commit", "nodeenv", "1.12.0"),
    "numba": ("numba", "numba", "0.68.1"),
    "numpy": ("numpy", "numpy", "2.4.6"),
    "openai": ("openai", "openai", "3.54.0"),
    "packaging": ("pypa", "packaging", "26.3"),
    "pandas": ("pandas", "pandas", "3.1.1"),
    "parso": ("jedi", "parso", "0.8.7"),
    "partd": ("dask", "partd", "1.4.2"),
    "pathspec": ("pathspec", "pathspec", "1.1.1"),
    "PIL": ("pillow", "pillow", "13.0.0"),
    "pint": ("pint", "pint", "0.25.3"),
    "pip": ("pypa", "pip", "23.2.1"),
    "platformdirs": ("tox", "platformdirs", "4.14.7"),
    "playwright": ("microsoft", "playwright", "1.65.2"),
    "pluggy": ("pytest", "pluggy", "1.7.0"),
    "pre_commit": ("pre-commit", "pre-commit", "4.7.0"),
    "prometheus_client": ("prometheus-client", "prometheus-client", "0.26.0"),
    "prompt_toolkit": ("prompt-toolkit", "prompt-toolkit", "3.0.53"),
    "psutil": ("psutil", "psutil", "7.2.2"),
    "pybtex": ("pybtex", "pybtex", "0.26.1"),
    "pybtex_docutils": ("pybtex", "pybtex-docutils", "1.0.3"),
    "pycparser": ("pycparser", "pycparser", "3.12"),
    "pydantic": ("pydantic", "pydantic", "2.14.3"),
    "pydantic_core": ("pydantic", "pydantic-core", "2.50.4"),
    "pygls": ("pygls", "pygls", "2.1.1"),
    "pygments": ("pygments", "pygments", "2.21.0"),
    "pynndescent": ("umap", "pynndescent", "0.7.0"),
    "pyparsing": ("pyparsing", "pyparsing", "3.3.3"),
    "pyproject_hooks": ("pypa", "pyproject-hooks", "1.3.3"),
    "pytest_timeout": ("pytest", "pytest-timeout", "2.4.0"),
    "python_discovery": ("tox", "python-discovery", "1.9.5"),
    "referencing": ("jsonschema", "referencing", "0.37.0"),
    "requests": ("requests", "requests", "2.34.2"),
    "rich": ("rich", "rich", "15.0.0"),
    "safetensors": ("hugging face", "safetensors", "0.8.0"),
    "scipy": ("scipy", "scipy", "1.17.1"),
    "setuptools": ("pypa", "setuptools", "84.2.1"),
    "sklearn": ("scikit-learn", "scikit-learn", "1.9.1"),
    "smmap": ("gitpython", "smmap", "5.0.3"),
    "sphinx": ("sphinx", "sphinx", "7.4.7"),
    "sphinx_book_theme": ("executable books", "sphinx-book-theme", "1.3.0"),
    "sphinx_copybutton": ("executable books", "sphinx-copybutton", "0.5.2"),
    "sphinx_design": ("executable books", "sphinx-design", "0.8.0"),
    "sphinx_external_toc": ("executable books", "sphinx-external-toc", "1.1.0"),
    "sphinx_thebe": ("executable books", "sphinx-thebe", "0.3.1"),
    "sphinx_togglebutton": ("executable books", "sphinx-togglebutton", "0.4.5"),
    "sqlalchemy": ("sqlalchemy", "sqlalchemy", "2.1.9"),
    "sympy": ("sympy", "sympy", "1.14.0"),
    "terminado": ("jupyter", "terminado", "0.18.1"),
    "threadpoolctl": ("joblib", "threadpoolctl", "3.8.0"),
    "tokenizers": ("hugging face", "tokenizers", "0.23.3"),
    "torch": ("pytorch", "torch", "2.13.0"),
    "torchgen": ("pytorch", "torch", "2.13.0"),
    "tornado": ("tornado", "tornado", "6.6.1"),
    "tqdm": ("tqdm", "tqdm", "4.70.1"),
    "traitlets": ("jupyter", "traitlets", "5.16.1"),
    "transformers": ("hugging face", "transformers", "5.23.0"),
    "typer": ("typer", "typer", "0.29.2"),
    "typing_extensions": ("mypy", "typing-extensions", "4.16.0"),
    "typing_inspect": ("mypy", "typing-inspect", "0.9.0"),
    "typing_inspection": ("pydantic", "typing-inspection", "0.4.5"),
    "umap": ("umap", "umap-learn", "0.5.12"),
    "virtualenv": ("pypa", "virtualenv", "21.15.8"),
    "watchdog": ("watchdog", "watchdog", "7.1.0"),
    "websocket": ("websocket", "websocket-client", "1.9.2"),
    "wheel": ("pypa", "wheel", "0.48.0"),
    "xdist": ("pytest", "pytest-xdist", "3.8.0"),
    "zict": ("dask", "zict", "3.0.0"),
}
PILOTS = ("fire", "pygls", "tqdm", "watchdog")
_OTHERS = sorted({organisation for organisation, *_ in PACKAGES.values()} - {*PILOTS})
ORGANISATIONS = dict(enumerate(PILOTS)) | dict(enumerate(_OTHERS, 100))


class OtherRelease(RuntimeError):
    """Raised where a package is missing, or is another release than the one that is measured."""


def packages_of(organisation: str) -> Iterator[str]:
    """Yield the packages of an organisation."""
    for package, (whose, *_) in PACKAGES.items():
        if whose == organisation:
            yield package


def check_releases() -> None:
    """Raise OtherRelease where what is installed is not what is measured."""
    for _, distribution, release in PACKAGES.values():
        try:
            there = version(distribution).partition("+")[0]
        except PackageNotFoundError:
            there = "no release"
        if there != release:
            raise OtherRelease(
                f"{there} of {distribution} is installed, and {release} is what is measured: pip "
                f"install {distribution}=={release}"
            )
