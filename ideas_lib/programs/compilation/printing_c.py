"""Print the form of 32 bits as C, one phrase for each of its words; nothing is decided here.

Every operation is in parentheses, so that no precedence counts. What C leaves undefined, or does
otherwise than Python, is in four functions at the top. The checker reads the text back.
"""

import ast
import re
from collections.abc import Sequence

from ideas_lib.programs.compilation.preludes import PRELUDE
from ideas_lib.programs.compilation.subset import Outside

__all__ = ["check_c_names", "print_c"]

SIGNS: dict[type, str] = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*"},
    **{ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^"},
    **{ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="},
    **{ast.USub: "-", ast.Invert: "~", ast.Not: "!", ast.And: "&&", ast.Or: "||"},
}
FUNCTIONS: dict[type, str] = {
    **{ast.FloorDiv: "py_floordiv", ast.Mod: "py_mod"},
    **{ast.LShift: "py_shl", ast.RShift: "py_shr"},
}
WORDS = (
    " auto break case char const continue default do double else enum extern float for goto if "
    "inline int long main register restrict return short signed sizeof static struct switch "
    "typedef union unsigned void volatile while asm typeof "
)


def check_c_names(source: str) -> None:
    """Raise Outside for names that no other language takes: words of C, or other alphabets.

    Variables get an underscore behind, so that words of C are none of them.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            name, odd = node.name, re.match(r"__|_[A-Z]|py_", node.name)
            bad = bool(odd) or f" {name} " in WORDS
        else:
            name = getattr(node, "id", "a")
            bad = name.startswith("__")
        if bad or not name.isascii():
            raise Outside(f"{name} cannot be a name in C: give it another")


def print_c(source: str) -> str:
    """Return C for functions in the form of 32 bits; variables get an underscore behind."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return PRELUDE + "".join(f"\n{_function(each)}" for each in functions)


def _function(node: ast.FunctionDef) -> str:
    given = [arg.arg for arg in node.args.args]
    parameters = ", ".join(f"int32_t {name}_" for name in given) or "void"
    lines = [f"int32_t {node.name}({parameters}) {{"]
    stored = [
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    ]
    for name in sorted(set(stored) - set(given)):
        lines.append(f"    int32_t {name}_ = 0;")
    lines += _block(node.body, "    ")
    return "\n".join([*lines, "}"]) + "\n"


def _block(body: Sequence[ast.stmt], indent: str) -> list[str]:
    lines: list[str] = []
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                lines.append(f"{indent}{name}_ = {_value(value)};")
            case ast.Return(value=ast.expr() as value):
                lines.append(f"{indent}return {_value(value)};")
            case ast.Break():
                lines.append(f"{indent}break;")
            case ast.Continue():
                lines.append(f"{indent}continue;")
            case ast.Pass():
                lines.append(f"{indent};")
            case ast.While(test=test, body=inner):
                lines.append(f"{indent}while ({_value(test)}) {{")
                lines += [*_block(inner, indent + "    "), f"{indent}}}"]
            case ast.If(test=test, body=inner, orelse=orelse):
                lines.append(f"{indent}if ({_value(test)}) {{")
                lines += _block(inner, indent + "    ")
                if orelse:
                    lines += [f"{indent}}} else {{", *_block(orelse, indent + "    ")]
                lines.append(f"{indent}}}")
            case _:
                raise AssertionError(ast.dump(node))
    return lines


def _value(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.Name(id=name):
            return f"{name}_"
        case ast.UnaryOp(op=op, operand=inner):
            return f"({SIGNS[type(op)]}{_value(inner)})"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in FUNCTIONS:
            return f"{FUNCTIONS[type(op)]}({_value(left)}, {_value(right)})"
        case ast.BinOp(left=left, op=op, right=right):
            return f"({_value(left)} {SIGNS[type(op)]} {_value(right)})"
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return f"({_value(left)} {SIGNS[type(op)]} {_value(right)})"
        case ast.BoolOp(op=op, values=[left, right]):
            return f"({_value(left)} {SIGNS[type(op)]} {_value(right)})"
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return f"({_value(test)} ? {_value(body)} : {_value(orelse)})"
        case ast.Call(func=ast.Name(id=name), args=args):
            return f"{name}({', '.join(map(_value, args))})"
    raise AssertionError(ast.dump(node))
