"""Random programs, read by all that reads programs, beside Python: does every reading agree?"""

import random
import signal
import threading
from typing import Any

import z3

from ideas_lib.programs.compilation.fuzzing import Disagreement, compare_readings, sample_source

__all__ = ["EVERY", "WIDE", "fuzz_block", "programs_until_found"]

WIDE, EVERY = "32 bits", "all of 4 bits"
BLOCK = {WIDE: (15, 34), EVERY: (2, 256)}  # programs and pairs of arguments for each
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
        try:
            answers, wrong = _within(SECONDS, source, rows, width)
        except (z3.Z3Exception, _GivenUp):
            report["given up"] += 1
            continue
        report["pairs"] += len(rows)
        report["answers"] += answers
        report["disagreements"] += len(wrong)
    return report


def _number(rng: random.Random) -> int:
    return rng.choice(EDGES) if rng.random() < 0.5 else rng.randrange(-(2**31), 2**31)


class _GivenUp(Exception):
    pass


def _within(
    seconds: float, source: str, rows: list[tuple[int, ...]], width: int
) -> tuple[int, list[Disagreement]]:
    """Compare, and give up after `seconds`: raises _GivenUp, or Z3Exception, then.

    A signal ends what Python does, once the solver has been interrupted in what it does.
    """
    stop = threading.Event()

    def interrupt() -> None:
        while not stop.wait(1.0):
            z3.main_ctx().interrupt()

    def give_up(signum: int, frame: Any) -> None:
        raise _GivenUp

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    timer.start()
    try:
        return compare_readings(source, rows, width)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        stop.set()
        timer.cancel()


def programs_until_found(bug: str, seed: int) -> dict[str, float]:
    """Plant a bug, and count the programs until it shows: a reading differs, or one breaks."""
    from studies.compilation.planting import planted

    with planted(bug):
        for place in range(MANY):
            rng = random.Random(f"planted {seed} {place}")
            source = sample_source(rng, plain=place % 2 == 0)
            rows = [(rng.randrange(-8, 8), rng.randrange(-8, 8)) for _ in range(FEW)]
            try:
                if _within(SECONDS, source, rows, 4)[1]:
                    return {"found": 1.0, "programs": place + 1.0}
            except _GivenUp:
                continue
            except (z3.Z3Exception, AssertionError) as error:
                if "cancel" in str(error) or "interrupt" in str(error):
                    continue
                return {"found": 1.0, "programs": place + 1.0}  # it is noticed, too
    return {"found": 0.0, "programs": float(MANY)}
