"""Goals: functions on integers as one would write them to be read. They are read, and never run.

Written before any model was asked. Some are old problems of bits, of which a model has seen clever
answers; some are the arithmetic of calendars, tills, boards and pictures, with rules of their own.
"""


def ones(n):
    """Count the bits that are set.

    pre: 0 <= n < 65536
    """
    return sum((n >> i) % 2 for i in range(16))


def odd_parity(n):
    """Say whether an odd number of bits is set.

    pre: 0 <= n < 65536
    """
    return sum((n >> i) % 2 for i in range(16)) % 2 == 1


def power_of_two(n):
    """Say whether a number is a power of two."""
    return any(n == 1 << i for i in range(31))


def next_power(n):
    """Return the smallest power of two that is not below a number.

    pre: 1 <= n <= 65536
    """
    power = 1
    while power < n:
        power = power * 2
    return power


def bits_needed(n):
    """Return how many binary digits a number has; 0 has none.

    pre: 0 <= n < 65536
    """
    digits = 0
    while n > 0:
        n = n // 2
        digits = digits + 1
    return digits


def trailing_zeros(n):
    """Return how often a number can be halved without a rest.

    pre: 0 < n < 65536
    """
    times = 0
    while n % 2 == 0:
        n = n // 2
        times = times + 1
    return times


def reversed_byte(n):
    """Write eight binary digits in the opposite order.

    pre: 0 <= n < 256
    """
    return sum(((n >> i) % 2) << (7 - i) for i in range(8))


def bits_apart(x, y):
    """Count the bits in which two numbers differ.

    pre: 0 <= x < 4096 and 0 <= y < 4096
    """
    return sum((x >> i) % 2 != (y >> i) % 2 for i in range(12))


def gray_code(n):
    """Return the Gray code of a number: each bit says whether it differs from the next higher one.

    pre: 0 <= n < 4096
    """
    return sum(((n >> i) % 2 != (n >> (i + 1)) % 2) << i for i in range(12))


def from_gray(n):
    """Return the number that has a Gray code.

    pre: 0 <= n < 256
    """
    found = 0
    while n > 0:
        found = found ^ n
        n = n >> 1
    return found


def interleaved(x, y):
    """Put the bits of y between those of x, which come first.

    pre: 0 <= x < 16 and 0 <= y < 16
    """
    return sum((((x >> i) % 2) << (2 * i)) + (((y >> i) % 2) << (2 * i + 1)) for i in range(4))


def lowest_bit(n):
    """Return the lowest bit that is set, as a number; 0 has none.

    pre: 0 <= n < 65536
    """
    for i in range(16):
        if (n >> i) % 2 == 1:
            return 1 << i
    return 0


def without_lowest(n):
    """Take the lowest bit that is set away; 0 stays.

    pre: 0 <= n < 4096
    """
    bit = 1
    while bit <= n and n % (bit * 2) == 0:
        bit = bit * 2
    return n - bit if n > 0 else 0


def rotated(n, k):
    """Turn eight bits to the left by k places.

    pre: 0 <= n < 256 and 0 <= k < 8
    """
    for _ in range(k):
        n = n * 2
        if n > 255:
            n = n - 255
    return n


def swapped_halves(n):
    """Swap the two bytes of a number of sixteen bits.

    pre: 0 <= n < 65536
    """
    return n % 256 * 256 + n // 256


def sign_of(x):
    """Return -1, 0 or 1."""
    if x > 0:
        return 1
    if x < 0:
        return -1
    return 0


def distance(x, y):
    """Return how far two numbers are apart."""
    return x - y if x > y else y - x


def mean_down(x, y):
    """Return the mean of two numbers, rounded down."""
    return (x + y) // 2


def mean_to_zero(x, y):
    """Return the mean of two numbers, rounded towards zero."""
    total = x + y
    return total // 2 if total >= 0 else -(-total // 2)


def divided_up(x, y):
    """Divide, and round up.

    pre: y > 0
    """
    return x // y if x % y == 0 else x // y + 1


def divided_nearest(x, y):
    """Divide, and round to the nearest number, halves away from zero.

    pre: 0 < y < 65536 and -65536 < x < 65536
    """
    half = y // 2
    return (x + half) // y if x >= 0 else -((-x + half) // y)


def up_to_multiple(n, k):
    """Return the smallest multiple of a power of two, 1 << k, that is not below n.

    pre: 0 <= n < 65536 and 0 <= k <= 8
    """
    step = 1 << k
    return n if n % step == 0 else n - n % step + step


def root_down(n):
    """Return the whole part of a square root.

    pre: 0 <= n < 256
    """
    root = 0
    while (root + 1) * (root + 1) <= n:
        root = root + 1
    return root


def is_square(n):
    """Say whether a number is a square.

    pre: 0 <= n < 400
    """
    return any(k * k == n for k in range(20))


def triangle_number(n):
    """Add the numbers from 1 to n.

    pre: 0 <= n <= 100
    """
    return sum(k for k in range(n + 1))


def sum_of_squares(n):
    """Add the squares of the numbers from 1 to n.

    pre: 0 <= n <= 40
    """
    return sum(k * k for k in range(n + 1))


def sum_between(a, b):
    """Add the numbers from a to b, both with them; 0 where a is above b.

    pre: -20 <= a <= 20 and -20 <= b <= 20
    """
    total = 0
    for k in range(a, b + 1):
        total = total + k
    return total


def threes_and_fives(n):
    """Add the numbers below n that 3 or 5 divides.

    pre: 0 <= n <= 64
    """
    return sum(k for k in range(n) if k % 3 == 0 or k % 5 == 0)


def decimal_digits(n):
    """Return how many decimal digits a number has; 0 has one.

    pre: 0 <= n < 1000000
    """
    digits = 1
    while n > 9:
        n = n // 10
        digits = digits + 1
    return digits


def digit_sum(n):
    """Add the decimal digits.

    pre: 0 <= n < 10000
    """
    total = 0
    while n > 0:
        total = total + n % 10
        n = n // 10
    return total


def digital_root(n):
    """Add the decimal digits until one is left.

    pre: 0 <= n < 10000
    """
    while n > 9:
        n = n // 1000 + n // 100 % 10 + n // 10 % 10 + n % 10
    return n


def packed_decimal(n):
    """Write a number of two decimal digits with four bits for each digit.

    pre: 0 <= n < 100
    """
    return n // 10 * 16 + n % 10


def leap_year(year):
    """Say whether a year has a 29th of February.

    pre: 1583 <= year <= 9999
    """
    if year % 400 == 0:
        return True
    if year % 100 == 0:
        return False
    return year % 4 == 0


def days_in_month(month, leap):
    """Return how many days a month has; leap is 1 in a leap year, and 0 else.

    pre: 1 <= month <= 12 and 0 <= leap <= 1
    """
    if month == 2:
        return 28 + leap
    if month == 4 or month == 6 or month == 9 or month == 11:
        return 30
    return 31


def seconds_until(hour, minute):
    """Return how many seconds are left of a day.

    pre: 0 <= hour < 24 and 0 <= minute < 60
    """
    return (23 - hour) * 3600 + (59 - minute) * 60 + 60


def day_after(day, days):
    """Return the day of the week some days later or earlier; both are 0 for Monday.

    pre: 0 <= day < 7 and -366 <= days <= 366
    """
    while days > 0:
        day = 0 if day == 6 else day + 1
        days = days - 1
    while days < 0:
        day = 6 if day == 0 else day - 1
        days = days + 1
    return day


def coins_needed(cents):
    """Return the fewest coins of 25, 10, 5 and 1 that make an amount.

    pre: 0 <= cents < 200
    """
    coins = 0
    while cents >= 25:
        cents = cents - 25
        coins = coins + 1
    while cents >= 10:
        cents = cents - 10
        coins = coins + 1
    while cents >= 5:
        cents = cents - 5
        coins = coins + 1
    return coins + cents


def parcel_price(grams):
    """Return the price of a parcel: 4 up to 500 grams, then 1 more for each 250 begun.

    pre: 0 < grams <= 5000
    """
    price = 4
    weight = 500
    while weight < grams:
        weight = weight + 250
        price = price + 1
    return price


def tax_due(income):
    """Return the tax: nothing up to 1000, a tenth up to 5000, and a quarter above.

    pre: 0 <= income < 100000
    """
    if income <= 1000:
        return 0
    if income <= 5000:
        return (income - 1000) // 10
    return 400 + (income - 5000) // 4


def kept_within(x, low, high):
    """Return the number between low and high that is nearest to x.

    pre: low <= high
    """
    if x < low:
        return low
    if x > high:
        return high
    return x


def middle_of(x, y, z):
    """Return the number in the middle of three."""
    if x <= y <= z or z <= y <= x:
        return y
    if y <= x <= z or z <= x <= y:
        return x
    return z


def overlap_of(a, b, c, d):
    """Return how long two stretches, from a to b and from c to d, run together.

    pre: a <= b and c <= d
    """
    first = max(a, c)
    last = min(b, d)
    return last - first if last > first else 0


def is_triangle(a, b, c):
    """Say whether three lengths make a triangle that has an area."""
    return a > 0 and b > 0 and c > 0 and a + b > c and a + c > b and b + c > a


def knight_moves(x, y):
    """Say whether a knight of chess goes x files and y ranks in one move."""
    return (abs(x) == 1 and abs(y) == 2) or (abs(x) == 2 and abs(y) == 1)


def king_moves(x, y):
    """Return how many moves a king of chess needs to go x files and y ranks.

    pre: -8 < x < 8 and -8 < y < 8
    """
    moves = 0
    while x != 0 or y != 0:
        x = x - 1 if x > 0 else (x + 1 if x < 0 else 0)
        y = y - 1 if y > 0 else (y + 1 if y < 0 else 0)
        moves = moves + 1
    return moves


def around_circle(degrees):
    """Return the same direction from 0 up to 359.

    pre: -3600 <= degrees <= 3600
    """
    while degrees < 0:
        degrees = degrees + 360
    while degrees >= 360:
        degrees = degrees - 360
    return degrees


def packed_colour(r, g, b):
    """Put a colour of three bytes into sixteen bits: five for red, six for green, five for blue.

    pre: 0 <= r < 256 and 0 <= g < 256 and 0 <= b < 256
    """
    return r // 8 * 2048 + g // 4 * 32 + b // 8


def blended(x, y, share):
    """Mix two bytes, with share of 255 parts of the first, rounded to the nearest.

    pre: 0 <= x < 256 and 0 <= y < 256 and 0 <= share < 256
    """
    return (x * share + y * (255 - share) + 127) // 255


def added_to_byte(x, y):
    """Add two bytes; what is above 255 is 255.

    pre: 0 <= x < 256 and 0 <= y < 256
    """
    return 255 if x + y > 255 else x + y


def luhn_digit(n):
    """Return the check digit of four digits: every second one, from the last, counts double.

    pre: 0 <= n < 10000
    """
    total = 0
    double = 1
    for _ in range(4):
        digit = n % 10
        n = n // 10
        if double == 1:
            digit = digit * 2
            if digit > 9:
                digit = digit - 9
        total = total + digit
        double = 1 - double
    return 0 if total % 10 == 0 else 10 - total % 10


# The first fifty gave too few steps, so thirty shorter goals came after the model had been asked
# for those, and before anything had been certified.


def largest_of(x, y, z):
    """Return the largest of three numbers."""
    if x >= y and x >= z:
        return x
    if y >= x and y >= z:
        return y
    return z


def same_sign(x, y):
    """Say whether two numbers are both below zero, or neither is."""
    if x < 0:
        return y < 0
    return y >= 0


def any_between(x, low, high):
    """Say whether a number is from low up to, and without, high.

    pre: -50 <= low and high <= 50
    """
    return any(x == k for k in range(low, high))


def twelve_times(n):
    """Add a number twelve times."""
    return sum(n for _ in range(12))


def rectangle(width, height):
    """Count the squares of a rectangle, row by row.

    pre: 0 <= width <= 12 and 0 <= height <= 12
    """
    squares = 0
    for _ in range(height):
        for _ in range(width):
            squares = squares + 1
    return squares


def cube_of(n):
    """Multiply a number by itself, twice.

    pre: -100 <= n <= 100
    """
    cube = 1
    for _ in range(3):
        cube = cube * n
    return cube


def evens_up_to(n):
    """Count the even numbers from 1 to n.

    pre: 0 <= n <= 60
    """
    return sum(1 for k in range(1, n + 1) if k % 2 == 0)


def odds_added(n):
    """Add the first n odd numbers.

    pre: 0 <= n <= 40
    """
    return sum(2 * k + 1 for k in range(n))


def bit_at(n, k):
    """Return the bit at a place, 0 or 1.

    pre: 0 <= n < 65536 and 0 <= k < 16
    """
    for _ in range(k):
        n = n // 2
    return n % 2


def with_bit(n, k):
    """Set the bit at a place.

    pre: 0 <= n < 65536 and 0 <= k < 16
    """
    place = 1
    for _ in range(k):
        place = place * 2
    return n if n // place % 2 == 1 else n + place


def without_bit(n, k):
    """Clear the bit at a place.

    pre: 0 <= n < 65536 and 0 <= k < 16
    """
    place = 1
    for _ in range(k):
        place = place * 2
    return n - place if n // place % 2 == 1 else n


def low_bits(n, k):
    """Keep the k lowest bits.

    pre: 0 <= n < 65536 and 0 <= k <= 16
    """
    return sum((n >> i) % 2 << i for i in range(k))


def all_bits(n):
    """Say whether the eight lowest bits are all set.

    pre: 0 <= n < 65536
    """
    return all((n >> i) % 2 == 1 for i in range(8))


def high_half(n):
    """Return the upper four of eight bits.

    pre: 0 <= n < 256
    """
    half = 0
    while n >= 16:
        n = n - 16
        half = half + 1
    return half


def last_digit(n):
    """Return the last decimal digit.

    pre: 0 <= n < 500
    """
    while n >= 10:
        n = n - 10
    return n


def mirrored(n):
    """Say whether three decimal digits read the same from both ends.

    pre: 100 <= n <= 999
    """
    last = n
    while last >= 10:
        last = last - 10
    return n // 100 == last


def digits_swapped(n):
    """Swap two decimal digits.

    pre: 0 <= n < 100
    """
    tens = 0
    while n >= 10:
        n = n - 10
        tens = tens + 1
    return n * 10 + tens


def clock_minutes(hours, minutes):
    """Return the minutes since midnight.

    pre: 0 <= hours < 24 and 0 <= minutes < 60
    """
    total = minutes
    for _ in range(hours):
        total = total + 60
    return total


def clock_hour(minutes):
    """Return the hour of the day, of minutes since midnight.

    pre: 0 <= minutes < 1440
    """
    hour = 0
    while minutes >= 60:
        minutes = minutes - 60
        hour = hour + 1
    return hour


def twelve_hour(hour):
    """Return the hour on a clock with twelve of them; midnight is 12.

    pre: 0 <= hour < 24
    """
    if hour == 0 or hour == 12:
        return 12
    if hour > 12:
        return hour - 12
    return hour


def quarter_of(month):
    """Return the quarter of a month, 1 to 4.

    pre: 1 <= month <= 12
    """
    if month <= 3:
        return 1
    if month <= 6:
        return 2
    if month <= 9:
        return 3
    return 4


def ticket_price(age):
    """Return the price of a ticket: 0 below 6, 5 below 18 and from 65 on, and 10 for all others.

    pre: 0 <= age < 150
    """
    if age < 6:
        return 0
    if age < 18:
        return 5
    if age < 65:
        return 10
    return 5


def mark_of(points):
    """Return a mark from 1 to 5: one more for each 20 points that are missing to 100.

    pre: 0 <= points <= 100
    """
    if points > 80:
        return 1
    if points > 60:
        return 2
    if points > 40:
        return 3
    if points > 20:
        return 4
    return 5


def boxes_needed(eggs):
    """Return how many boxes of six eggs are needed.

    pre: 0 <= eggs <= 120
    """
    boxes = 0
    while eggs > 0:
        eggs = eggs - 6
        boxes = boxes + 1
    return boxes


def bishop_moves(x, y):
    """Say whether a bishop of chess goes x files and y ranks in one move."""
    return x != 0 and (x == y or x == -y)


def rook_moves(x, y):
    """Say whether a rook of chess goes x files and y ranks in one move."""
    return (x == 0 and y != 0) or (x != 0 and y == 0)


def dark_square(file, rank):
    """Say whether a square of a board is dark, as the first one is.

    pre: 0 <= file < 8 and 0 <= rank < 8
    """
    dark = True
    for _ in range(file + rank):
        dark = not dark
    return dark


def city_blocks(x, y):
    """Return how many blocks one walks to go x to the side and y ahead."""
    side = x if x >= 0 else -x
    ahead = y if y >= 0 else -y
    return side + ahead


def both_or_neither(x, y):
    """Say whether two numbers are both even, or both odd."""
    if x % 2 == 0:
        return y % 2 == 0
    return y % 2 == 1


def taken_from_byte(x, y):
    """Subtract one byte from another; what is below 0 is 0.

    pre: 0 <= x < 256 and 0 <= y < 256
    """
    while y > 0 and x > 0:
        x = x - 1
        y = y - 1
    return x
