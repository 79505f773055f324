"""A compilation whose every step carries its proof, and a second program that checks it again.

from ideas_lib.programs.compilation import certify
certify("def f(x): return x * 2", "def g(x): return x << 1").ok
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "certifying": ["Certificate", "certify"],
        "certificate_checker": ["BadCertificate", "check_certificate"],
        "compiling": ["Compiled", "CompileStep", "NotCertified", "compile_goal"],
        "program": ["IntegerProgram", "read_integer_program"],
        "steps_figure": ["plot_forms"],
        "subset": ["Outside"],
    },
)
