"""What questions are drawn from: sentences in two wordings, written by hand, and pairs of phrases.

Of two lines, the second says what the first one says, in other words. A context is an opening, a
background and a stem that breaks off before the phrase; {name}, {job} and {thing} are filled in.
"""

__all__ = ["BACKGROUNDS", "KINDS", "OPENINGS", "WORDS"]


Wordings = tuple[tuple[str, str], ...]


def _twice(lines: str) -> Wordings:
    first, second = lines.strip().splitlines()[::2], lines.strip().splitlines()[1::2]
    return tuple(zip(first, second, strict=True))


def _kinds(text: str) -> dict[str, tuple[Wordings, Wordings]]:
    found = {}
    for block in text.strip().split("\n\n"):
        head, stems = block.split("\n", 1)
        name, *pairs = head.split()
        found[name] = _twice("\n".join(pairs).replace("/", "\n")), _twice(stems)
    return found


WORDS = {
    "name": (
        *("Anna", "Ben", "Clara", "David", "Emma", "Frank", "Hannah", "Ivan"),
        *("Julia", "Karim", "Laura", "Maria", "Noah", "Olga", "Peter", "Sam"),
    ),
    "job": (
        *("nurse", "driver", "baker", "lawyer", "teacher", "farmer", "doctor", "guard"),
        *("plumber", "singer", "waiter", "clerk", "pilot", "cleaner", "painter", "judge"),
    ),
    "thing": (
        *("boxes", "cars", "letters", "houses", "windows", "tickets", "flowers", "tables"),
        *("shops", "horses", "rooms", "books", "boats", "gardens", "songs", "coats"),
    ),
}
OPENINGS = _twice("""
The street was almost dark.
There was hardly any light left in the street.
A large market filled the square.
The square was full, for the market was a large one.
The roads were covered with snow.
Snow lay on all the roads.
Somebody was playing the piano.
One could hear a piano being played.
The village was quiet and nearly empty.
Hardly anybody could be seen or heard in the village.
A strange smell hung in the air.
The air had something strange in it, a smell.
The town was often full of tourists.
On many days tourists filled the town.
The entire street was without power.
No house in the street had electricity.
The river near the house was high.
There was much water in the river by the house.
A huge storm had passed in the night.
In the night there had been a huge storm.
The children were on holiday.
School was out for the children.
The sky was beautiful in the evening light.
How beautiful the sky was that evening!
The road to the station was closed.
Nobody could take the road to the station.
The woods behind the house were silent.
No sound came from the woods behind the house.
The telephone in the hall was ringing.
In the hall one could hear the telephone.
The old photographs lay on the table.
On the table were the old photographs.
""")
BACKGROUNDS = _twice("""
{name} had slept badly.
The night had not been a good one for {name}.
{name} was in a hurry.
There was little time, and {name} knew it.
{name} had eaten nothing since breakfast.
Since breakfast there had been no food for {name}.
{name} lived alone in a small flat.
The small flat was home to {name} and nobody else.
{name} was visiting an old aunt.
An old aunt had {name} as a guest.
{name} had just finished work.
The working day of {name} was over.
{name} had lost a glove.
One glove of {name} was missing.
{name} was celebrating a birthday.
The day was the birthday of {name}.
{name} did not like crowds.
Crowds were nothing for {name}.
{name} was new in the neighbourhood.
Nobody in the neighbourhood knew {name} yet.
{name} had been travelling for days.
For days {name} had been on the road.
{name} was reading a newspaper.
There was a newspaper in the hands of {name}.
{name} had a bad cold.
A bad cold was troubling {name}.
{name} wanted to save money.
Money was something that {name} hoped to save.
{name} had forgotten the umbrella.
The umbrella of {name} was still at home.
{name} was looking for a quiet place.
A quiet place was what {name} needed.
""")
# A name, its pairs of phrases (those of nonce are made up when they are drawn), and its stems.
KINDS = _kinds("""
drink coffee/tea milk/water wine/beer juice/coffee
At lunch {name} asked for a cup of
Lunch was served, and {name} wanted a cup of
At the table {name} drank a glass of
{name} sat at the table with a glass of
The waiter came and {name} ordered some
When the waiter came, {name} asked him for some
On the balcony {name} had a little
{name} sat on the balcony with a little

weekday Monday/Friday Sunday/Saturday Tuesday/Thursday Wednesday/Monday
{name} said the meeting would be on
The meeting, said {name}, was to take place on
The library is closed every
The library does not open its doors on any
The letter had arrived on
The postman had brought the letter on
{name} promised to call back on
The promise of {name} was to call again on

direction left/right north/south east/west west/south
At the crossing the bus turned to the
The bus came to the crossing and went to the
From the church one walks to the
Whoever leaves the church must go to the
The wind in the evening came from the
In the evening there was a wind from the
{name} pointed to the
The hand of {name} showed the way to the

colour red/blue black/white green/yellow brown/grey
The new car of the neighbours was
The neighbours had a new car, and its colour was
{name} had painted the front door
The front door, thanks to {name}, was now painted
The coat behind the door was
Behind the door hung a coat that was
The shoes in the window were
In the window stood shoes that were

opinion good/bad long/short boring/exciting sad/funny
{name} thought the film was very
In the opinion of {name} the film was very
Everybody said the concert had been rather
The concert, people said, had been rather
The book turned out to be quite
When it was read to the end, the book seemed quite
The play at the school seemed a little
People found the play at the school a little

pronoun he/she he/they she/they she/it
The {job} stopped working when
Work came to an end for the {job} when
The {job} was late, and nobody knew where
Nobody had seen the late {job}, or could say where
{name} thought of the {job}, and of what
The thoughts of {name} were of the {job}, and of what
{name} asked the {job} whether
The question of {name} to the {job} was whether

agreement is/are was/were has/have seems/seem
The big box with the {thing}
The big box that holds the {thing}
The list of the {thing}
The list that names the {thing}
The picture of the {thing} on the wall
On the wall, the picture of the {thing}
The road past the {thing}
The road that goes past the {thing}

plan leave/stay wait/go sleep/work write/call
In the end {name} decided to
The decision of {name}, in the end, was to
The doctor told {name} to
What the doctor said was that {name} had to
Nobody was of any help, and {name} had to
As nobody helped, it was for {name} to
The sun went down, and {name} wanted to
At sunset {name} hoped to

number many/few two/three five/ten several/some
In the kitchen stood
The kitchen had in it
On the way home {name} counted
{name} walked home and on the way saw
The family across the street has
Across the street lives a family with
{name} came back with
When {name} returned, it was with

animal dog/cat horse/cow bird/fish mouse/rat
In the garden {name} saw a
What {name} saw in the garden was a
The children were playing with a
The children had a game with a
On the kitchen floor lay a small
There was, on the kitchen floor, a small
{name} dreamt of a big
In a dream there came to {name} a big

time week/month summer/winter year/week spring/autumn
{name} was away for the whole
Nobody had seen {name} for the whole
Everybody hoped for a quiet
What everybody wanted was a quiet
The work on the bridge took one
To build the bridge took one
{name} had been ill for most of the
Illness kept {name} at home for much of the

place in/on under/behind near/behind on/under
{name} found the keys
The keys were found by {name}
The cat was asleep
The cat lay sleeping
Somebody had left a parcel
A parcel had been left by somebody
The children hid the money
The money had been hidden by the children

food bread/rice apples/oranges fish/meat cake/soup
For dinner {name} bought some
To have something for dinner, {name} got some
The whole house smelled of
All over the house there was a smell of
The market in the square sold mostly
What one could buy at the market in the square was mostly
{name} does not eat
Something that {name} never eats is

feeling happy/sad angry/afraid tired/hungry sure/alone
When the news came, {name} was
The news came, and it made {name} feel
By the end of the day everybody felt
When the day ended, all of them felt
{name} did not look
To look at {name}, one would not have said they were
On the phone {name} sounded very
The voice of {name} on the phone was that of somebody very

transport train/bus car/bike boat/plane taxi/bus
{name} came to the city by
The way {name} travelled to the city was by
In the heavy rain {name} took the
As it rained so much, {name} went with the
{name} was alone in the
Nobody but {name} was sitting in the
{name} was waiting for the
What {name} waited for was the

people mother/father sister/brother teacher/doctor friend/neighbour
{name} had a question for the girl's
There was something {name} wanted to ask the girl's
At the station {name} met the boy's
{name} went to the station to meet the boy's
The letter was written by the girl's
The one who wrote the letter was the girl's
Nobody had told the boy's
One person had not been told: the boy's

nonce
In the forest {name} saw a
What {name} saw in the forest was a
The children were looking for a
What the children looked for was a
At the market {name} bought a
What {name} bought at the market was a
Nobody knew how to use a
How to use it, nobody knew: a
""")
