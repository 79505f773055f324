"""How many people a diary needs, so that a difference that is there is seen."""

import math

from scipy import stats

__all__ = ["people_needed"]

MOST = 100_000


def people_needed(
    effect: float, days: int, noise: float, spread: float, power: float = 0.8, level: float = 0.05
) -> int:
    """Return how many people see an `effect`, each in her own `days` with and `days` without.

    `effect` is the mean difference, in hours a day; `noise` the standard deviation of one person's
    days, `spread` that of people's own effects, both in hours. Exact for normal values: the power
    of the paired t test over people. Raises ValueError.
    """
    for name, value in (("effect", effect), ("noise", noise)):
        if not 0 < value < math.inf:
            raise ValueError(f"{name}={value} must be a finite number above 0")
    if days < 1 or not 0 <= spread < math.inf or not 0 < level < power < 1:
        raise ValueError(f"days={days}, spread={spread}, level={level}, power={power}: no design")
    size = effect / math.sqrt(spread**2 + 2 * noise**2 / days)

    def seen(people: int) -> float:
        bound, shift = stats.t.ppf(1 - level / 2, people - 1), size * math.sqrt(people)
        return float(
            stats.nct.sf(bound, people - 1, shift) + stats.nct.cdf(-bound, people - 1, shift)
        )

    low, high = 1, 2
    while seen(high) < power:
        low, high = high, 2 * high
        if high > MOST:
            raise ValueError(f"effect={effect} is too small: more than {MOST:,} people")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if seen(middle) < power else (low, middle)
    return high
