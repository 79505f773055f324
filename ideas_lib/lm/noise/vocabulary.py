"""Words that noise is made of, written for this book: safe synonyms, and sentences about nothing.

A synonym stands for its key in most of its senses, and one way only: `difficult` may become
`hard`, and `hard` is left alone. Inflected forms are keys of their own.
"""

__all__ = ["ADJECTIVES", "OPENINGS", "PLACES", "SYNONYMS", "THINGS"]

OPENINGS = ("The", "Somebody's", "A neighbour's", "My", "Our", "Their")
ADJECTIVES = (
    *("green", "wooden", "dusty", "striped", "heavy", "polished", "rusty", "painted", "narrow"),
    *("woollen", "yellow", "folded", "empty", "shiny", "crooked", "plain", "velvet", "damp"),
)
THINGS = (
    *("kettle", "umbrella", "ladder", "basket", "lampshade", "bicycle", "curtain", "doormat"),
    *("teapot", "bucket", "blanket", "clock", "shelf", "scarf", "bench", "drawer", "vase", "rug"),
)
PLACES = (
    *("stood in the hallway", "was left in the garage", "lay near the window", "needed a wash"),
    *("had a small scratch", "came from a market", "was kept in the attic", "smelled of soap"),
    *("leaned against the wall", "was a present", "had been mended", "looked rather old"),
)

_GROUPS = """
difficult: hard
purchased: bought
purchasing: buying
bought: purchased
begin: start
begins: starts
began: started
beginning to: starting to
larger: bigger
largest: biggest
large: big
gift: present
road: street
roads: streets
huge: enormous
enormous: huge
tiny: very small
quickly: rapidly, swiftly
rapidly: quickly
often: frequently
frequently: often
perhaps: maybe
maybe: perhaps
almost: nearly
nearly: almost
usually: normally
sofa: couch
couch: sofa
movie: film
movies: films
automobile: car
automobiles: cars
physician: doctor
physicians: doctors
kid: child
kids: children
children: kids
garbage: trash
trash: garbage
replied: answered
shouted: yelled
yelled: shouted
assist: help
assists: helps
attempt to: try to
attempted to: tried to
tried to: attempted to
require: need
requires: needs
required: needed
obtain: get
obtains: gets
obtained: got
permitted: allowed
allowed: permitted
repaired: fixed
mended: repaired
wealthy: rich
intelligent: clever
clever: intelligent
beautiful: lovely
lovely: beautiful
unhappy: sad
glad: happy
furious: very angry
silent: quiet
quiet: silent
strange: odd
famous: well-known
well-known: famous
entire: whole
incorrect: wrong
errors: mistakes
mistakes: errors
important: significant
expensive: costly
costly: expensive
inexpensive: cheap
brave: courageous
courageous: brave
lady: woman
ladies: women
teacher: schoolteacher
teachers: schoolteachers
author: writer
authors: writers
writer: author
writers: authors
lawyer: attorney
lawyers: attorneys
attorney: lawyer
colleague: co-worker
colleagues: co-workers
pupil: student
pupils: students
near the: close to the
near a: close to a
close to the: near the
next to the: beside the
next to a: beside a
beside the: next to the
beside a: next to a
in order to: to
because of: due to
although: though
though: although
until: till
regarding: about
approximately: about, roughly
roughly: approximately
everyone: everybody
everybody: everyone
someone: somebody
somebody: someone
anyone: anybody
each day: every day
every day: each day
at night: during the night
photograph: photo
photographs: photos
photo: photograph
photos: photographs
television: TV
telephone: phone
telephones: phones
phone: telephone
airplane: plane
airplanes: planes
bike: bicycle
bikes: bicycles
bicycle: bike
bicycles: bikes
supper: dinner
dinner: supper
"""
SYNONYMS: dict[str, tuple[str, ...]] = {
    key: tuple(words.split(", "))
    for key, words in (line.split(": ") for line in _GROUPS.split("\n") if line)
}
