"""Subjects of which the verb must agree with the first noun, and attractors that stand between.

"The keys to the cabinet" wants "are", and "cabinet" pulls towards "is": an attractor is a noun of
the other number between the subject's head and its verb (Linzen, Dupoux and Goldberg, 1611.01368).
All sentences are put together from the lists here; all nouns take a plain -s.
"""

from dataclasses import dataclass

import numpy as np

from ideas_lib.datasets.draws import sample_fresh

__all__ = ["PHRASES", "Subject", "sample_subjects"]

PHRASES = (" is", " are")

# Head, preposition, nouns that may follow.
HEADS = """
key to cabinet drawer closet
picture of castle farmer bridge
letter from teacher lawyer neighbor
road to village farm island
gate of cottage barn office
report on accident school river
tale about dragon sailor robot
label on bottle jar crate
toy in basket bag carton
book about planet painter emperor
sign above shop entrance counter
path through forest garden orchard
note from doctor manager student
map of island valley trail
ticket for concert museum castle
window of tower kitchen bedroom
review of restaurant movie album
lock on locker suitcase shed
plan for building airport canal
photo of singer lion waterfall
roof of temple hotel cabin
answer to question riddle letter
handle of bucket drawer pan
cover of magazine notebook journal
song about soldier train sister
bridge over river canal highway
recipe for cake soup pancake
rule for player visitor driver
poster of actor band spaceship
button on shirt jacket uniform
statue of king horse poet
wheel of cart tractor wagon
film about detective whale desert
gift for guest cousin nurse
code for alarm printer elevator
painting of lake mountain dancer
message from captain customer driver
light above table stage mirror
fence around field pool castle
chair beside bed desk fireplace
lamp behind sofa curtain piano
train to suburb airport resort
cup on tray desk counter
flag on ship tower rooftop
stain on carpet curtain pillow
poem about rose tree shadow
article about glacier senator singer
email from student client tenant
tool in truck workshop garage
price of ticket computer diamond
color of wall flower roof
name of town author horse
owner of boat dog hotel
friend of singer pilot waiter
nurse beside patient doctor bed
guard near gate prisoner tower
driver of truck taxi tractor
author of novel report poem
"""
FARTHER = (  # near the ..., behind the ...
    *("fountain", "market", "station", "hill", "statue"),
    *("lake", "mill", "wall", "harbor", "tent"),
)


@dataclass(frozen=True)
class Subject:
    """A head, a preposition, and three nouns that come between head and verb when asked for."""

    head: str
    preposition: str
    nouns: tuple[str, str, str]

    def context(self, plural: bool, between: int, attract: bool) -> str:
        """Return a sentence up to its verb.

        `between` is how many nouns come between, 0 to 3; they have the head's number, or the
        other where they `attract`.
        """
        words = ["The", self.head + "s" * plural]
        prepositions = (self.preposition, "near", "behind")
        for preposition, noun in list(zip(prepositions, self.nouns, strict=True))[:between]:
            words += [preposition, "the", noun + "s" * (plural != attract)]
        return " ".join(words)


def sample_subjects(seed: int, size: int) -> list[Subject]:
    """Return three subjects for each of `size` heads that no other seed gets.

    The second and third nouns are drawn at random, and other seeds may have them too.
    Raises as `draws.fresh`.
    """
    rng = np.random.default_rng(seed)
    found = []
    for line in sample_fresh(HEADS.strip().splitlines(), seed, size):
        head, preposition, *nouns = line.split()
        for noun in nouns:
            second, third = (str(word) for word in rng.choice(FARTHER, 2, replace=False))
            found.append(Subject(head, preposition, (noun, second, third)))
    return found
