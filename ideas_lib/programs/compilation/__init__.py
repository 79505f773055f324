"""A compilation whose every step carries its proof, and a second program that checks it again.

from ideas_lib.programs.compilation import certify
certify("def f(x): return x * 2", "def g(x): return x << 1").ok
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "certifying": ["Certificate", "certify"],
        "checker": ["check_certificate"],
        "checker_terms": ["BadCertificate"],
        "compiling": ["Compiled", "NotCertified", "Step", "compile_goal"],
        "program": ["Program", "read_program"],
        "subset": ["Outside"],
    },
)
