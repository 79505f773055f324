r"""Reference material for the call at hand, from the version that is installed.

    from ideas_lib.programs.reference import look_up
    print(look_up("import json\njson.dumps(", 2).parameters[0].why)

In a notebook, `%load_ext ideas_lib.programs.reference`, and then `%reference df.merge(`.
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "looking_up": ["NotResolved", "CallReference", "look_up", "look_up_file"],
        "reference_figure": ["plot_example"],
        "reference_magic": ["load_ipython_extension"],
        "reference_text": ["as_text"],
        "showing": ["ReferenceExample"],
    },
)
