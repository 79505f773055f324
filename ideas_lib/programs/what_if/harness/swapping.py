"""Exchange the bodies of functions in a process that has imported their module."""

import gc
import os
import sys
import types

from ideas_lib.programs.what_if.harness.code_pairs import CannotSwap, compile_module, pair_codes

__all__ = ["swap_functions"]


def swap_functions(path: str, before: bytes, after: bytes) -> None:
    """Have every function of a file that was imported do what it does in the new source.

    Raises CannotSwap, after which this process may be half of each.
    """
    pairs = {pair.old: pair.new for pair in pair_codes(before, after, path)}
    codes = _all_codes(compile_module(before, path))
    known = set(codes)
    if len(known) < len(codes):
        raise CannotSwap("two of its functions cannot be told apart")
    same = _SamePath(path)
    found: set[types.CodeType] = set()
    functions = [each for each in gc.get_objects() if type(each) is types.FunctionType]
    for function in functions:
        code = function.__code__
        if not same[code.co_filename]:
            continue
        if code not in known:
            raise CannotSwap(f"{code.co_qualname} was made from its code, and is not in the file")
        if code in pairs:
            found.add(code)
            function.__code__ = pairs[code]
    # What still holds an old code beside the codes around it is a call that has begun: a generator.
    running = [frame.f_code for frame in sys._current_frames().values()]
    for code in found:
        for holder in gc.get_referrers(code):
            if type(holder) in (types.GeneratorType, types.CoroutineType, types.FrameType):
                raise CannotSwap(f"a call of {code.co_qualname} has begun")
            if type(holder) is types.AsyncGeneratorType:
                raise CannotSwap(f"a call of {code.co_qualname} has begun")
    if any(same[code.co_filename] for code in running):
        raise CannotSwap(f"{os.path.basename(path)} is running")


class _SamePath(dict[str, bool]):
    """Says of a file's name whether it is that of a path, by whatever way."""

    def __init__(self, path: str) -> None:
        self.real = os.path.realpath(path)

    def __missing__(self, name: str) -> bool:
        self[name] = os.path.realpath(name) == self.real
        return self[name]


def _all_codes(code: types.CodeType) -> list[types.CodeType]:
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return [code, *(found for each in inner for found in _all_codes(each))]
