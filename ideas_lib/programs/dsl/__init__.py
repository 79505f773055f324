"""Make a small language from snippets of Python: its words, its grammar, and all that is of them.

    ideas dsl snippets/ --name shop --out shop-language

`runtime` is what the languages are made of; it is copied into each one's package.
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "checking": ["CallComparison", "check_calls"],
        "corpus": ["BadCorpus", "Corpus", "read_corpus", "read_texts"],
        "language_figure": ["plot_constructs", "plot_rewriting"],
        "language_making": ["Language", "Settings", "make_language"],
        "learning": ["NothingRepeats", "compress", "learn"],
        "package": ["package_files", "write_package"],
    },
)
