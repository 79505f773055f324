"""The tasks: expressions that strangers wrote with four modules, told in words.

A family is an expression of the half of the packages that no language is learned from, with other
numbers or texts in it: three tasks each. The words were written from the expressions, before any
language had been learned or any model asked. Each task has five inputs that no prompt shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["DOMAINS", "EXAMPLES", "FAMILIES", "Family", "Task", "tasks_of"]

DOMAINS = ("os", "math", "datetime", "itertools")


@dataclass(frozen=True)
class Task:
    """What is asked for: its names, in words, and an expression that is right."""

    family: str
    domain: str
    names: tuple[str, ...]
    words: str
    right: str
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Family:
    """Tasks that differ in `values`, which stand as {0!r}, {1!r} in words and expression.

    `inputs` are what a task is tried on: each a tuple in Python, one value a name.
    """

    domain: str
    names: str
    words: str
    right: str
    values: tuple[tuple[object, ...], ...]
    inputs: tuple[str, ...]


PATHS = ('"a/b/c.txt"', '"/tmp/x.tar.gz"', '"notes"', '"/home/me/.profile"', '"a/b/"')
NUMBERS = ("1.0", "37.5", "1000.0", "12.25", "255.0")
ROWS = ("[1, 2, 3, 4]", "[5]", "[]", "['a', 'b', 'c']", "[3, 1, 2, 9, 9, 4]")
PAIRS = ("([1, 2, 3], ['a'])", "([], [])", "([1], [2, 3])", "('ab', 'cde')", "([None], [0])")
WHEN = (
    *("datetime.datetime(2024, 2, 29, 12, 30)", "datetime.datetime(1999, 12, 31, 23, 59, 59)"),
    *("datetime.datetime(2000, 2, 3)", "datetime.datetime(2011, 7, 4, 1, 2, 3)"),
    "datetime.datetime(1970, 1, 1)",
)


def _each(inputs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"({one},)" for one in inputs)


FAMILIES = {
    "beside": Family(
        "os",
        "path",
        "the path of the file {0!r} in the same folder as the file `path`",
        "os.path.join(os.path.dirname(path), {0!r})",
        (("setup.py",), ("data",), ("notes.txt",)),
        _each(PATHS),
    ),
    "extension": Family(
        "os",
        "path",
        "`path` with {0!r} in place of its extension",
        "os.path.splitext(path)[0] + {0!r}",
        ((".json",), (".bak",), ("",)),
        _each(PATHS),
    ),
    "below": Family(
        "os",
        "folder",
        "the path of {1!r} within {0!r} within `folder`",
        "os.path.join(folder, {0!r}, {1!r})",
        (("ffi", "functions.cu"), ("etc", "dask"), ("src", "main.c")),
        _each(PATHS),
    ),
    "called": Family(
        "os",
        "path",
        "whether the last part of `path` is {0!r}",
        "os.path.split(path)[1] == {0!r}",
        (("c.txt",), ("notes",), (".profile",)),
        _each(PATHS),
    ),
    "above": Family(
        "os",
        "path",
        "the path of {0!r} in the folder that holds the folder of `path`",
        "os.path.join(os.path.dirname(os.path.dirname(path)), {0!r})",
        (("templates",), ("LICENSE",), ("lib",)),
        _each(PATHS),
    ),
    "text of": Family(
        "os",
        "folder",
        "the path of {0!r} within `folder` as a text, which may be no text yet",
        "os.path.join(str(folder), {0!r})",
        (("*",), ("myfile.csv",), ("part.0",)),
        ('(pathlib.PurePosixPath("a/b"),)', *_each(PATHS[:4])),
    ),
    "multiple up": Family(
        "math",
        "x",
        "`x` rounded up to a multiple of {0!r}",
        "math.ceil(x / {0!r}) * {0!r}",
        ((8,), (288,), (15,)),
        _each(NUMBERS),
    ),
    "multiple down": Family(
        "math",
        "x",
        "`x` rounded down to a multiple of {0!r}, but {0!r} at least",
        "max({0!r}, math.floor(x / {0!r}) * {0!r})",
        ((8,), (3,), (28,)),
        _each(NUMBERS),
    ),
    "root": Family(
        "math",
        "a, b",
        "the square root of `a` times `b` divided by {0!r}",
        "math.sqrt(a * b / {0!r})",
        ((2,), (1000,), (7,)),
        ("(2, 8)", "(1.5, 2)", "(0, 3)", "(10, 1000)", "(7, 7)"),
    ),
    "power": Family(
        "math",
        "n",
        "two to the power of the whole part of the binary logarithm of `n` divided by {0!r}",
        "2 ** int(math.log2(n / {0!r}))",
        ((3,), (2,), (10,)),
        _each(("10", "100", "1024", "77.5", "31")),
    ),
    "depth": Family(
        "math",
        "n",
        "one less than the base-2 logarithm of `n` divided by {0!r} without rest, rounded up",
        "math.ceil(math.log(n // {0!r}, 2)) - 1",
        ((3,), (2,), (5,)),
        _each(("768", "100", "33", "15", "4097")),
    ),
    "along": Family(
        "math",
        "x, angle",
        "`x` plus {0!r} times the cosine of `angle`, which is in degrees",
        "x + {0!r} * math.cos(math.radians(angle))",
        ((10,), (0.5,), (3,)),
        ("(0, 60)", "(1.5, 30)", "(-2, 180)", "(10, 45)", "(0, 0)"),
    ),
    "earlier": Family(
        "datetime",
        "when",
        "the time {0!r} minutes before `when`",
        "when - datetime.timedelta(minutes={0!r})",
        ((90,), (5,), (1440,)),
        _each(WHEN),
    ),
    "later": Family(
        "datetime",
        "when, steps",
        "the time `steps` times {0!r} days after `when`",
        "when + steps * datetime.timedelta(days={0!r})",
        ((1,), (7,), (30,)),
        tuple(f"({one}, {steps})" for steps, one in enumerate(WHEN, 1)),
    ),
    "read": Family(
        "datetime",
        "text",
        "the time that `text` says in the format {0!r}",
        "datetime.datetime.strptime(text, {0!r})",
        (("%Y-%m-%d",), ("%Y-%d-%m",), ("%Y-%H-%M",)),
        _each(('"2024-02-03"', '"1999-12-11"', '"2000-01-01"', '"2011-07-04"', '"1970-05-06"')),
    ),
    "written": Family(
        "datetime",
        "when",
        "`when` as a text in the format {0!r}",
        "when.strftime({0!r})",
        (("%d.%m.%Y",), ("%H:%M",), ("%j/%y",)),
        _each(WHEN),
    ),
    "before": Family(
        "datetime",
        "text",
        "whether the time `text`, in ISO format, is before the start of month {1!r} of {0!r}",
        "datetime.datetime.fromisoformat(text) < datetime.datetime({0!r}, {1!r}, 1)",
        ((2000, 2), (2011, 7), (1970, 1)),
        _each(('"2024-02-03"', '"1999-12-11"', '"2000-01-31"', '"2005-07-01"', '"1969-05-06"')),
    ),
    "since": Family(
        "datetime",
        "when",
        "the seconds from the start of {0!r} to `when`",
        "(when - datetime.datetime({0!r}, 1, 1)).total_seconds()",
        ((2000,), (1970,), (1999,)),
        _each(WHEN),
    ),
    "first": Family(
        "itertools",
        "values",
        "a list of the first {0!r} of `values`",
        "list(itertools.islice(values, {0!r}))",
        ((2,), (1,), (4,)),
        _each(ROWS),
    ),
    "then": Family(
        "itertools",
        "values",
        "a list of {0!r} and then all of `values`",
        "list(itertools.chain([{0!r}], values))",
        ((0,), ("start",), (-1,)),
        _each(ROWS),
    ),
    "sums": Family(
        "itertools",
        "values",
        "a list of the running sums of `values`, without the first {0!r}",
        "list(itertools.accumulate(values))[{0!r}:]",
        ((1,), (2,), (3,)),
        _each(ROWS),
    ),
    "choose": Family(
        "itertools",
        "values",
        "a list of all combinations of {0!r} of `values`",
        "list(itertools.combinations(values, {0!r}))",
        ((2,), (3,), (1,)),
        _each(ROWS),
    ),
    "longest": Family(
        "itertools",
        "left, right",
        "a list of pairs of `left` and `right`, with {0!r} where one is shorter",
        "list(itertools.zip_longest(left, right, fillvalue={0!r}))",
        ((0,), ("",), (None,)),
        PAIRS,
    ),
    "grid": Family(
        "itertools",
        "values",
        "a list of all pairs of one of `values` and a number below {0!r}",
        "list(itertools.product(values, range({0!r})))",
        ((3,), (2,), (1,)),
        _each(ROWS),
    ),
}
# What prompts show, from the half that is learned from; no family's expression is among them.
EXAMPLES = {
    "os": (
        ("path", "the folder of `path`", "os.path.dirname(path)"),
        ("root, name", "the path of `name` within `root`", "os.path.join(root, name)"),
        ("path", "whether `path` is absolute", "os.path.isabs(path)"),
        ("path", "the extension of `path`", "os.path.splitext(path)[1]"),
    ),
    "math": (
        ("x", "`x` rounded down", "math.floor(x)"),
        ("n", "one more than the square root of `n`", "math.sqrt(n) + 1"),
        ("x", "whether `x` is not a number", "math.isnan(x)"),
        ("x", "the logarithm of `x` to base 2", "math.log(x, 2)"),
    ),
    "datetime": (
        ("n", "a duration of `n` seconds", "datetime.timedelta(seconds=n)"),
        ("year", "the second of January of `year`", "datetime.date(year, 1, 2)"),
        ("when", "`when` in ISO format", "when.isoformat()"),
        ("span", "the seconds in the duration `span`", "span.total_seconds()"),
    ),
    "itertools": (
        ("a, b", "a list of all of `a` and then all of `b`", "list(itertools.chain(a, b))"),
        ("n", "a list of the numbers below `n`", "list(range(n))"),
        ("rows", "a list of all in the lists `rows`", "list(itertools.chain.from_iterable(rows))"),
        ("a", "the second of `a`", "a[1]"),
    ),
}


def tasks_of(name: str) -> Iterator[Task]:
    """Yield a family's tasks."""
    family = FAMILIES[name]
    for values in family.values:
        yield Task(
            name,
            family.domain,
            tuple(family.names.split(", ")),
            family.words.format(*values),
            family.right.format(*values),
            family.inputs,
        )
