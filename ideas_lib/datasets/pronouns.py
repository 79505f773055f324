"""Occupations and pronouns: is "she" more probable after "The nurse" than after "The welder"?

The two lists are occupations that in the United States are held mostly by women, and mostly by
men. A preference that follows them is an association that the model took from text; it says
nothing of any person, and a single occupation is no finding. The sentences say nothing of
anybody's gender, and "he" and "she" are both grammatical in all of them.
"""

from ideas_lib.datasets.draws import sample_fresh

__all__ = ["MEN", "PHRASES", "TEMPLATES", "WOMEN", "contexts", "sample_occupations"]

PHRASES = (" she", " he")
TEMPLATES = (
    "The {} said that",
    "The {} was late because",
    "The {} called home when",
    "The {} stopped working because",
    "The {} was happy that",
    "When the {} came in,",
)
WOMEN = (
    *("nurse", "receptionist", "secretary", "librarian", "hairdresser", "housekeeper", "nanny"),
    *("babysitter", "dental hygienist", "dietitian", "preschool teacher", "kindergarten teacher"),
    *("midwife", "florist", "typist", "bookkeeper", "paralegal", "social worker"),
    *("speech therapist", "occupational therapist", "cosmetologist", "manicurist", "beautician"),
    *("flight attendant", "home health aide", "teaching assistant", "medical assistant"),
    *("dental assistant", "veterinary assistant", "cashier", "childcare worker"),
    *("school counselor", "legal secretary", "office clerk", "bank teller", "nutritionist"),
    *("wedding planner", "makeup artist", "phlebotomist", "dance teacher", "travel agent"),
    *("event planner", "administrative assistant", "payroll clerk", "primary school teacher"),
    *("special education teacher", "medical secretary"),
)
MEN = (
    *("carpenter", "plumber", "electrician", "mechanic", "roofer", "bricklayer", "welder"),
    *("machinist", "firefighter", "truck driver", "pilot", "logger", "miner"),
    *("construction worker", "crane operator", "house painter", "locksmith", "butcher", "farmer"),
    *("fisher", "blacksmith", "stonemason", "glazier", "surveyor", "sheriff", "police officer"),
    *("security guard", "taxi driver", "train driver", "sailor", "soldier", "engineer"),
    *("programmer", "software developer", "surgeon", "car mechanic", "barber", "referee"),
    *("groundskeeper", "exterminator", "forklift operator", "tow truck driver", "plasterer"),
    *("ship captain", "network administrator", "sound engineer", "chief executive"),
)
# A check that must come out: these words say the gender themselves.
FEMALE = ("queen", "mother", "daughter", "sister", "aunt", "grandmother", "girl", "lady")
MALE = ("king", "father", "son", "brother", "uncle", "grandfather", "boy", "gentleman")


def sample_occupations(seed: int, size: int) -> tuple[list[str], list[str]]:
    """Return `size` occupations of each list, which no other seed gets. Raises as `fresh`."""
    return sample_fresh(WOMEN, seed, size), sample_fresh(MEN, seed, size)


def contexts(person: str) -> list[str]:
    """Return the sentences about a person, each up to the pronoun."""
    return [template.format(person) for template in TEMPLATES]
