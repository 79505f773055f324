r"""What a function's text leaves open: in bits, where, and the question worth most.

    from ideas_lib.programs.ambiguity import ask_about
    asked = ask_about(text, "rank", programs={"a.py": "...", "b.py": "..."})
    asked.state.bits, asked.state.questions[0].call

Programs for one text are run in the sandbox on inputs made for it; those that do the same are
together. An answer becomes an example or a precondition, and rules programs out. In a notebook,
`%load_ext ideas_lib.programs.ambiguity`, and then `%%ambiguity` above a function.
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "ambiguity_magic": ["load_ipython_extension"],
        "asking": ["Asked", "ask_about"],
        "narrowing": ["Narrowed", "Narrowing", "Pass"],
        "narrowing_figure": ["plot_narrowing"],
        "outcomes": ["Outcome", "read_outcome"],
        "rulings": ["Contradiction", "Ruling", "read_answers", "read_ruling"],
        "splitting": ["OpenQuestion", "clustered", "entropy_bits", "open_questions"],
        "stages": ["STAGES", "CannotWrite"],
        "traits": ["Trait", "traits_of"],
    },
)
