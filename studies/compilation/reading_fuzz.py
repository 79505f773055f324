"""Random programs, read by all that reads programs, beside Python: does every reading agree?"""

import os
import random
import select
import signal
from typing import Any

from ideas_lib.programs.compilation.fuzzing import compare_readings, sample_source

__all__ = ["EVERY", "WIDE", "fuzz_block", "programs_until_found"]

WIDE, EVERY = "32 bits", "all of 4 bits"
BLOCK = {WIDE: (15, 34), EVERY: (3, 256)}  # programs and pairs of arguments for each
SECONDS = 3.0  # for a program; what the solver cannot write down in that time is counted
EDGES = (0, 1, 2, 3, 7, -1, -2, 255, 0x55555555, 2**31 - 1, -(2**31), 2**31 - 2)
MANY = 200  # programs, and a bug has not been found
FEW = 4


def fuzz_block(arm: str, seed: int) -> dict[str, Any]:
    """Compare all readings on a block of programs and arguments."""
    programs, count = BLOCK[arm]
    width = 4 if arm == EVERY else 32
    report = {"pairs": 0, "answers": 0, "disagreements": 0, "given up": 0}
    for place in range(programs):
        rng = random.Random(f"{arm} {seed} {place}")
        source = sample_source(rng, plain=place % 2 == 0)
        rows = [(x, y) for x in range(-8, 8) for y in range(-8, 8)]
        if arm == WIDE:
            rows = [(_number(rng), _number(rng)) for _ in range(count)]
        found = _within(SECONDS, source, rows, width)
        if found is None:
            report["given up"] += 1
            continue
        report["pairs"] += len(rows)
        report["answers"] += found[0]
        report["disagreements"] += found[1]
    return report


def _number(rng: random.Random) -> int:
    return rng.choice(EDGES) if rng.random() < 0.5 else rng.randrange(-(2**31), 2**31)


def _within(
    seconds: float, source: str, rows: list[tuple[int, ...]], width: int
) -> tuple[int, int] | None:
    """Compare in a process of its own; return how many answers and disagreements, or None.

    It is killed after `seconds`: a solver that is interrupted is not to be trusted afterwards. What
    breaks counts as one disagreement.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answers, wrong = compare_readings(source, rows, width)
            os.write(write, f"{answers} {len(wrong)}".encode())
        except Exception:
            os.write(write, b"0 1")
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        ready, _, _ = select.select([pipe], [], [], seconds)
        told = pipe.read() if ready else b""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if not told:
        return None
    first, second = map(int, told.split())
    return first, second


def programs_until_found(bug: str, seed: int) -> dict[str, float]:
    """Plant a bug, and count the programs until it shows: a reading differs, or one breaks."""
    from studies.compilation.planting import planted

    with planted(bug):
        for place in range(MANY):
            rng = random.Random(f"planted {seed} {place}")
            source = sample_source(rng, plain=place % 2 == 0)
            rows = [(rng.randrange(-8, 8), rng.randrange(-8, 8)) for _ in range(FEW)]
            found = _within(SECONDS, source, rows, 4)
            if found is not None and found[1]:
                return {"found": 1.0, "programs": place + 1.0}
    return {"found": 0.0, "programs": float(MANY)}
