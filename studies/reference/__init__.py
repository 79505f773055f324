"""Reference: which parameters does a call need next? And do examples survive other names?

A seed is an organisation. Its packages' calls of other people's functions are cut off before the
first keyword, and each arm shows three of the parameters that are still open: in the order of the
signature, by how many calls of other organisations name them, or as the tool does, which also
looks at the names in scope. A call counts by how many of the parameters that it goes on to name
are among the three; then functions count alike, and so do organisations.

Then the examples in the documentation of six libraries, as documented and in other names.

Then whether an example in the caller's names makes a small language model find the rest of the call
more probable: more than the same example with other names in scope, which is the comparison that
counts, than in its documentation's names, than none. `helping` has the scores made. Expected before
any was made, at odds of three to two: it does, by less than a tenth of a nat a token. Organisations
are those with a call of a function whose example takes a name of the caller's.
"""

import pickle
import random
from functools import partial
from pathlib import Path
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study, shared_file

SETTINGS = dict(
    shown=3,  # parameters
    most=20,  # calls of a function, of one organisation, that popularity is learned from
    tried=4,  # calls of a function, of one organisation, that are tried
    functions=30,  # of one organisation
)

SIGNATURE, POPULARITY, NAMES = "signature order", "popularity", "names in scope"
CONTEXT, NEIGHBOURS = "in context", "popularity nearby"
ARMS = (SIGNATURE, NAMES, POPULARITY, CONTEXT, NEIGHBOURS)
LEAST = 3  # organisations that call a function, this one among them, for it to be tried
LIBRARIES = ("numpy", "scipy", "pandas", "sklearn", "networkx", "sympy")
# h11 and pathspec name parameters, but in no call that could be tried: left out when their runs
# failed, before any recall had been read.
SEEDS = tuple(seed for seed in range(100, 166) if seed not in (115, 138))
BATCHES = tuple(range(100, 105))
OWN, PERMUTED = "caller's names", "other names in scope"
DOCUMENTED, NONE = "documentation's names", "no example"
HELPED = (106, 108, 109, 112, 117, 118, 123, 126, 130, 131, 132, 133, 137, 152, 155, 156, 164)


def measure(arm: str, seed: int, scanned: int = 0) -> dict[str, Any]:
    """Try one organisation's calls; of so many files a package, among pilots, or of all."""
    from studies.reference.packages import ORGANISATIONS

    calls = shared_file(STUDY, f"calls-{scanned}.pickle", partial(gather, scanned=scanned))
    make = partial(place, seed=seed, calls=calls, least=LEAST if not scanned else 2)
    path = shared_file(STUDY, f"places-{scanned}-{seed}.pickle", make)
    return try_calls(arm, ORGANISATIONS[seed], calls, path)


def gather(path: Path, scanned: int = 0) -> None:
    """Write down the calls of all organisations, or of a few files of the pilots' packages."""
    from studies.reference.calls import SCANNED, callers_by_symbol, read_organisation
    from studies.reference.packages import ORGANISATIONS, check_releases

    if not scanned:
        check_releases()
    wanted = [name for seed, name in ORGANISATIONS.items() if not scanned or seed < 100]
    found = {name: read_organisation(name, scanned or SCANNED) for name in wanted}
    path.write_bytes(pickle.dumps(callers_by_symbol(found, SETTINGS["most"])))


def place(path: Path, seed: int, calls: Path, least: int) -> None:
    """Write down some of an organisation's calls as the tool sees them, and the functions."""
    from studies.reference.calls import ask_symbols, place_calls
    from studies.reference.packages import ORGANISATIONS
    from studies.reference.ranking import open_parameters

    whose, of = ORGANISATIONS[seed], pickle.loads(calls.read_bytes())
    known = [symbol for symbol, some in of.items() if whose in some and len(some) >= least]
    rng = random.Random(seed)
    known = rng.sample(sorted(known), min(SETTINGS["functions"], len(known)))
    told = ask_symbols(known)
    looked = 2 * SETTINGS["tried"]  # some are of other functions, or have too little open
    all_ = [call for symbol in told for call in of[symbol][whose][:looked]]
    placed = place_calls(all_)
    tried: dict[str, list[Any]] = {}
    for call in placed:
        free = open_parameters(call, told[call.found.symbol])
        some = tried.setdefault(call.found.symbol, [])
        if len(free) > SETTINGS["shown"] and len(some) < SETTINGS["tried"]:
            if {*call.found.named} <= {*free}:
                some.append(call)
    tried = {name: some for name, some in tried.items() if some}
    path.write_bytes(pickle.dumps((told, tried, (len(all_), len(all_) - len(placed)))))


def try_calls(arm: str, whose: str, calls: Path, places: Path) -> dict[str, Any]:
    """Return the mean recall of one arm: over calls of a function, then over functions."""
    from studies.reference.ranking import recall

    of = pickle.loads(calls.read_bytes())
    told, tried, (looked, lost) = pickle.loads(places.read_bytes())
    if not tried:
        raise LookupError(f"{whose} has no call to try: read more of its files")
    means = []
    for symbol, some in tried.items():
        others = {name: seen for name, seen in of[symbol].items() if name != whose}
        orders = [(call, order_of(arm, call, told[symbol], others)) for call in some]
        found = [recall(order[: SETTINGS["shown"]], call.found.named) for call, order in orders]
        means.append(sum(found) / len(found))
    report: dict[str, Any] = {"recall": sum(means) / len(means), "functions": len(means)}
    report |= {"calls": sum(map(len, tried.values()))}
    return report | {"looked": looked, "lost": lost}


def order_of(arm: str, call: Any, told: Any, others: Any) -> list[str]:
    """Return the open parameters of a call in an arm's order."""
    from ideas_lib.programs.reference.parameter_fits import Callers
    from studies.reference.ranking import in_tool_order, nearby, open_parameters, popular

    if arm == SIGNATURE:
        return open_parameters(call, told)
    callers = Callers() if arm == NAMES else popular(others)
    if arm == NEIGHBOURS:
        callers = nearby(call.found, others)
    return in_tool_order(call, told, callers, scope=arm in (NAMES, CONTEXT))


def measure_examples(library: str, seed: int) -> dict[str, Any]:
    """Run some docstrings of a library, as documented and in other names."""
    from studies.reference.examples import try_batch

    return try_batch(library, seed)


def measure_help(arm: str, seed: int) -> dict[str, Any]:
    """Return how probable a model found an organisation's calls with one kind of example."""
    from studies.reference.helping import kept_scores

    scores = kept_scores()[seed]
    return {"nats a token": sum(each[arm] for each in scores) / len(scores), "calls": len(scores)}


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Try a pilot's calls, with what the others do as all that is known."""
    return measure(arm, seed, scanned=40)


STUDY = Study(
    slug="reference",
    title="Reference in context",
    prediction=Prediction(
        claim="Of three parameters shown before a caller names any, those chosen with the names "
        "in scope cover more of what is then named than those that most other callers name: at "
        "least 0.02 of it.",
        outcome="recall",
        idea=CONTEXT,
        baseline=POPULARITY,
        margin=0.02,
        confidence=0.3,
        change_our_mind="An interval below 0.02: then the tool should go by what callers name, "
        "and use the names in scope to say what fits, not to choose.",
    ),
    experiments=(
        Experiment("calls", ARMS, measure, SEEDS, seconds=3.0),
        Experiment("examples", LIBRARIES, measure_examples, BATCHES, seconds=30.0),
        Experiment("help", (OWN, PERMUTED, DOCUMENTED, NONE), measure_help, HELPED, seconds=0.1),
    ),
    reader=reader,
    reader_seeds=(0, 1, 2, 3),
    tolerance=0.01,
)
