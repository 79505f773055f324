"""Read the C and the WebAssembly in a certificate back, and compare them with the last form.

Texts that are the same tree of operations mean the same, one phrase for one. That a compiler makes
of C what C says, and a machine of WebAssembly, is not for this to say: it is tested.
"""

import ast
import re
from typing import Any

from ideas_lib.programs.compilation.preludes import PRELUDE, WASM_PRELUDE

__all__ = ["check_printed", "read_c", "read_wasm", "tree_of"]

Tree = Any  # a name, a number, or a tuple of a word and trees
WORDS = {
    **{"Add": "+", "Sub": "-", "Mult": "*", "BitAnd": "&", "BitOr": "|", "BitXor": "^"},
    **{"Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">="},
    **{"LShift": "<<", "RShift": ">>", "FloorDiv": "//", "Mod": "%"},
}
INFIX = ("+", "-", "*", "&", "|", "^", "==", "!=", "<", "<=", ">", ">=")
C_CALLS = {"py_floordiv": "//", "py_mod": "%", "py_shl": "<<", "py_shr": ">>"}
WASM = {
    **{"i32.add": "+", "i32.sub": "-", "i32.mul": "*", "i32.and": "&", "i32.or": "|"},
    **{"i32.xor": "^", "i32.shl": "<<", "i32.shr_s": ">>", "i32.eq": "==", "i32.ne": "!="},
    **{"i32.lt_s": "<", "i32.le_s": "<=", "i32.gt_s": ">", "i32.ge_s": ">="},
}


def check_printed(text: str, to: str, form: str) -> None:
    """Raise ValueError unless a text, "c" or "wasm", is a form of 32 bits, phrase for phrase."""
    trees = [tree_of(node) for node in ast.parse(form).body]
    head = PRELUDE if to == "c" else WASM_PRELUDE
    if not text.startswith(head):
        raise ValueError("its head is another")
    rest = text[len(head) :]
    if to == "c":
        found = read_c(rest)
    else:
        if not rest.endswith(")\n"):
            raise ValueError("it has no end")
        found, name = read_wasm(rest[:-2]), trees[-1][0]
        if found.pop() != ("export", f'"{name}"', f"${name}"):
            raise ValueError("what it exports is another")
        trees = _as_choices(trees)
    if found != trees:
        raise ValueError("it is not the form that was certified")


def _as_choices(tree: Tree) -> Tree:
    """Say `and` and `or` as WebAssembly does."""
    if isinstance(tree, list):
        return [_as_choices(each) for each in tree]
    match tree:
        case ("and", left, right):
            return ("?", _as_choices(left), _as_choices(right), 0)
        case ("or", left, right):
            return ("?", _as_choices(left), 1, _as_choices(right))
        case tuple():
            return tuple(map(_as_choices, tree))
    return tree


def tree_of(node: Any, in_test: bool = False) -> Tree:
    """Return a function's, statement's or expression's tree; ValueError for others.

    Both languages have `-x` and `~x` as differences. `and` and `or` stand in a test alone: what
    they give elsewhere is one number in Python, and another in C.
    """
    match node:
        case list():
            return [tree_of(each) for each in node if not isinstance(each, ast.Pass)]
        case ast.FunctionDef(name=name, args=args, body=body):
            return (name, [arg.arg for arg in args.args], tree_of(body))
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return ("set", name, tree_of(value))
        case ast.Return(value=ast.expr() as value):
            return ("return", tree_of(value))
        case ast.Break() | ast.Continue():
            return (type(node).__name__.lower(),)
        case ast.While(test=test, body=body, orelse=[]):
            return ("while", tree_of(test, True), tree_of(body))
        case ast.If(test=test, body=body, orelse=orelse):
            return ("if", tree_of(test, True), tree_of(body), tree_of(orelse))
        case ast.Constant(value=int() as value):
            return value
        case ast.Name(id=name):
            return name
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return ("-", 0, tree_of(inner))
        case ast.UnaryOp(op=ast.Invert(), operand=inner):
            return ("^", tree_of(inner), -1)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return ("==", tree_of(inner, True), 0)
        case ast.BinOp(left=left, op=op, right=right):
            return (WORDS[type(op).__name__], tree_of(left), tree_of(right))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return (WORDS[type(op).__name__], tree_of(left), tree_of(right))
        case ast.BoolOp(op=op, values=[left, right]) if in_test:
            return (type(op).__name__.lower(), tree_of(left, True), tree_of(right, True))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return ("?", tree_of(test, True), tree_of(body), tree_of(orelse))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return ("call", name, *map(tree_of, args))
    raise ValueError(f"{type(node).__name__} is in no form of 32 bits")


def read_c(text: str) -> list[Tree]:
    """Return the trees of the functions in C text, without what stands before the first."""
    tokens = re.findall(r"\w+|&&|\|\||<<|>>|[=!<>]=|\S", text)
    place = 0

    def take(*expected: str) -> str:
        nonlocal place
        if place >= len(tokens) or (expected and tokens[place] not in expected):
            raise ValueError(f"C has {tokens[place : place + 3]}, not {' or '.join(expected)}")
        place += 1
        return tokens[place - 1]

    def name() -> str:
        word = take()
        if not (word.endswith("_") and word[:-1].isidentifier()):
            raise ValueError(f"C has {word} for a variable")
        return word[:-1]

    def value() -> Tree:
        if tokens[place] == "(":
            take("(")
            if tokens[place] in ("-", "~", "!"):
                sign, inner = take(), value()
                take(")")
                made = {"-": ("-", 0, inner), "~": ("^", inner, -1), "!": ("==", inner, 0)}[sign]
                return -inner if sign == "-" and isinstance(inner, int) else made
            left, sign = value(), take("?", "&&", "||", *INFIX)
            right = value()
            if sign == "?":
                take(":")
                whole: Tree = ("?", left, right, value())
            elif sign in ("&&", "||"):
                whole = ("and" if sign == "&&" else "or", left, right)
            else:
                whole = (sign, left, right)
            take(")")
            return whole
        if tokens[place].isdigit():
            return int(take())
        if place + 1 < len(tokens) and tokens[place + 1] == "(":
            called, args = take(), []
            take("(")
            while tokens[place] != ")":
                args.append(value())
                if tokens[place] != ")":
                    take(",")
            take(")")
            return (C_CALLS[called], *args) if called in C_CALLS else ("call", called, *args)
        return name()

    def block() -> list[Tree]:
        made: list[Tree] = []
        while tokens[place] != "}":
            if tokens[place] in ("return", "break", "continue", ";"):
                word = take()
                if word != ";":
                    made.append((word, value()) if word == "return" else (word,))
                    take(";")
            elif tokens[place] in ("while", "if"):
                word = take()
                take("(")
                test = value()
                take(")"), take("{")
                first = block()
                if word == "while":
                    made.append(("while", test, first))
                    continue
                second: list[Tree] = []
                if place < len(tokens) and tokens[place] == "else":
                    take("else"), take("{")
                    second = block()
                made.append(("if", test, first, second))
            else:
                target = name()
                take("=")
                made.append(("set", target, value()))
                take(";")
        take("}")
        return made

    found = []
    while place < len(tokens):
        take("int32_t")
        function, given = take(), []
        take("(")
        while tokens[place] != ")":
            if take("int32_t", "void", ",") == "int32_t":
                given.append(name())
        take(")"), take("{")
        while tokens[place] == "int32_t":  # a variable anew in a loop would be another one
            take(), name(), take("="), take("0"), take(";")
        found.append((function, given, block()))
    return found


def read_wasm(text: str) -> list[Tree]:
    """Return the trees of the functions in WebAssembly's text, and of what it exports."""
    stack: list[Any] = [[]]
    for token in re.findall(r"[()]|[^\s()]+", text):
        if token == "(":
            stack.append([])
        elif token == ")" and stack[1:]:
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    return [_function(each) for each in stack[0]]


def _function(node: Any) -> Tree:
    match node:
        case ["export", name, ["func", function]]:
            return ("export", name, function)
        case ["func", function, *parts, "unreachable"]:
            given = [p[1][1:] for p in parts if p[0] == "param"]
            if any(p[2:] != ["i32"] for p in parts if p[0] in ("param", "local")):
                raise ValueError(f"WebAssembly has another type in {function}")
            body = [p for p in parts if p[0] not in ("param", "local", "result")]
            return (function[1:], given, _statements(body))
    raise ValueError(f"WebAssembly has {str(node)[:60]}")


def _statements(nodes: Any) -> list[Tree]:
    made: list[Tree] = []
    for node in nodes:
        match node:
            case ["local.set", name, value]:
                made.append(("set", name[1:], _wasm(value)))
            case ["return", value]:
                made.append(("return", _wasm(value)))
            case ["br", "$out"]:
                made.append(("break",))
            case ["br", "$again"]:
                made.append(("continue",))
            case ["nop"]:
                pass
            case ["block", "$out", ["loop", "$again", *inner, ["br", "$again"]]]:
                match inner:
                    case [["br_if", "$out", ["i32.eqz", test]], *body]:
                        made.append(("while", _wasm(test), _statements(body)))
                    case _:
                        raise ValueError("WebAssembly has an odd loop")
            case ["if", test, ["then", *yes], *rest]:
                no = rest[0][1:] if rest and rest[0][0] == "else" else []
                made.append(("if", _wasm(test), _statements(yes), _statements(no)))
            case _:
                raise ValueError(f"WebAssembly has {str(node)[:60]}")
    return made


def _wasm(node: Any) -> Tree:
    match node:
        case ["i32.const", number]:
            return int(number)
        case ["local.get", name]:
            return name[1:]
        case ["i32.eqz", inner]:
            return ("==", _wasm(inner), 0)
        case ["call", "$py_floordiv" | "$py_mod" as name, left, right]:
            return (C_CALLS[name[1:]], _wasm(left), _wasm(right))
        case ["call", name, *args]:
            return ("call", name[1:], *map(_wasm, args))
        case ["if", ["result", "i32"], test, ["then", yes], ["else", no]]:
            return ("?", _wasm(test), _wasm(yes), _wasm(no))
        case [word, left, right] if word in WASM:
            return (WASM[word], _wasm(left), _wasm(right))
    raise ValueError(f"WebAssembly has {str(node)[:60]}")
