"""Print the form of 32 bits as WebAssembly's text, one phrase for each of its words.

An expression in a test and one elsewhere look alike: both leave an i32. The checker reads it back.
"""

import ast
from collections.abc import Sequence

from ideas_lib.programs.compilation.preludes import WASM_PRELUDE

__all__ = ["print_wasm"]

NAMES: dict[type, str] = {
    **{ast.Add: "i32.add", ast.Sub: "i32.sub", ast.Mult: "i32.mul"},
    **{ast.BitAnd: "i32.and", ast.BitOr: "i32.or", ast.BitXor: "i32.xor"},
    **{ast.LShift: "i32.shl", ast.RShift: "i32.shr_s"},
    **{ast.FloorDiv: "call $py_floordiv", ast.Mod: "call $py_mod"},
    **{ast.Eq: "i32.eq", ast.NotEq: "i32.ne", ast.Lt: "i32.lt_s", ast.LtE: "i32.le_s"},
    **{ast.Gt: "i32.gt_s", ast.GtE: "i32.ge_s"},
}


def print_wasm(source: str) -> str:
    """Return WebAssembly's text for functions in the form of 32 bits; the last is exported."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    texts = "".join(map(_function, functions))
    export = f'  (export "{functions[-1].name}" (func ${functions[-1].name}))\n'
    return f"{WASM_PRELUDE}{texts}{export})\n"


def _function(node: ast.FunctionDef) -> str:
    given = [arg.arg for arg in node.args.args]
    stored = [
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    ]
    parameters = "".join(f" (param ${name} i32)" for name in given)
    own = "".join(f" (local ${name} i32)" for name in sorted(set(stored) - set(given)))
    lines = _block(node.body, "    ")
    return f"  (func ${node.name}{parameters} (result i32){own}\n{lines}    unreachable)\n"


def _block(body: Sequence[ast.stmt], indent: str) -> str:
    return "".join(f"{indent}{_statement(node, indent + '  ')}\n" for node in body)


def _statement(node: ast.stmt, indent: str) -> str:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return f"(local.set ${name} {_value(value)})"
        case ast.Return(value=ast.expr() as value):
            return f"(return {_value(value)})"
        case ast.Break():
            return "(br $out)"  # the innermost block of this name
        case ast.Continue():
            return "(br $again)"
        case ast.Pass():
            return "(nop)"
        case ast.While(test=test, body=inner):
            leave = f"{indent}(br_if $out (i32.eqz {_value(test)}))\n"
            return f"(block $out (loop $again\n{leave}{_block(inner, indent)}{indent}(br $again)))"
        case ast.If(test=test, body=inner, orelse=orelse):
            yes = f"(if {_value(test)} (then\n{_block(inner, indent)}{indent})"
            return f"{yes} (else\n{_block(orelse, indent)}{indent}))" if orelse else f"{yes})"
    raise AssertionError(ast.dump(node))


def _value(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=int() as value):
            return f"(i32.const {value})"
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return f"(i32.const -{value})"
        case ast.Name(id=name):
            return f"(local.get ${name})"
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return f"(i32.sub (i32.const 0) {_value(inner)})"
        case ast.UnaryOp(op=ast.Invert(), operand=inner):
            return f"(i32.xor {_value(inner)} (i32.const -1))"
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return f"(i32.eqz {_value(inner)})"
        case ast.BinOp(left=left, op=op, right=right):
            return f"({NAMES[type(op)]} {_value(left)} {_value(right)})"
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return f"({NAMES[type(op)]} {_value(left)} {_value(right)})"
        case ast.BoolOp(op=ast.And(), values=[left, right]):
            return _choice(_value(left), _value(right), "(i32.const 0)")
        case ast.BoolOp(op=ast.Or(), values=[left, right]):
            return _choice(_value(left), "(i32.const 1)", _value(right))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _choice(_value(test), _value(body), _value(orelse))
        case ast.Call(func=ast.Name(id=name), args=args):
            return f"(call ${name}{''.join(' ' + _value(each) for each in args)})"
    raise AssertionError(ast.dump(node))


def _choice(test: str, yes: str, no: str) -> str:
    return f"(if (result i32) {test} (then {yes}) (else {no}))"
