"""Shortened words in full, shouting in small letters, and nothing acted out."""

import pytest

from media.engines.normalization.abbreviations import in_full, without_stage_directions


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("tools, e.g. a saw", "tools, for example, a saw"),
        ("the end, i.e. now", "the end, that is, now"),
        ("No. 5", "number 5"),
        ("approx. 20", "approximately 20"),
        ("6 in. long", "6 inches long"),
        ("5 ft. 6 in. tall.", "5 feet 6 inches tall."),
        ("5'10\"", "5 feet 10 inches"),
        ("2 tbsp of oil, 1 tsp. of salt", "2 tablespoons of oil, 1 teaspoon of salt"),
        ("200 g at 350F", "200 grams at 350 degrees Fahrenheit"),
        ("I weigh 6 lbs. Then", "I weigh 6 pounds. Then"),
        ("I have 6 in total", "I have 6 in total"),
        ("The a/c, c/o Ann, w/ ice", "The A C, care of Ann, with ice"),
        ("$3bn, 3x a day, a 2x4", "$3 billion, 3 times a day, a 2x4"),
        ("v2.10.3 or v. 4.1", "version 2 point 10 point 3 or version 4 point 1"),
        (
            "2 Tbsp. oil, 1.2M users, 2x faster",
            "2 tablespoons oil, 1.2 million users, 2 times faster",
        ),
        ('10" x 12", 1/4 tsp., pp. 2', "10 by 12 inches, 1/4 teaspoon, pages 2"),
        ("202-555-0104 x12", "202-555-0104 extension 12"),
        ("Rte. 9, 10k steps, ca. 1900", "Route 9, 10 thousand steps, about 1900"),
        ("2h 30m, 1h30m, 10 m/s", "2 hours 30 minutes, 1 hour 30 minutes, 10 meters per second"),
        ("Nos. 7 and 8, 40 dB, 5 sq. ft.", "numbers 7 and 8, 40 decibels, 5 square feet"),
        ("Roe v. Wade, 8.3M users, 3M", "Roe versus Wade, 8.3 million users, 3M"),
        ("1 hr 45 min by car, 9.8 m/s²", "1 hour 45 minutes by car, 9.8 meters per second²"),
        ("Oak Ave. N.W., seat 14C, Gen Z", "Oak Avenue Northwest, seat 14C, Gen-Z"),
        ("40°42′46″N, 74° W", "40 degrees 42 minutes 46 seconds North, 74 degrees West"),
        ("6' tall, 6 ft 2 in", "6 feet tall, 6 feet 2 inches"),
        ('a 27" TV is 27" wide', "a 27 inch TV is 27 inches wide"),
        ('I said "27" twice, 2 c. of it', 'I said "27" twice, 2 cups of it'),
        ("Dial *67 for C# and CO2", "Dial star 67 for C sharp and C O 2"),
        ("Press * or #, then the # key.", "Press star or pound, then the pound key."),
    ],
)
def test_short_forms_are_said_in_full(written: str, said: str) -> None:
    assert in_full(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Elm Dr.", "Elm Drive."),
        ("I saw Dr. Elm on Elm Dr. today", "I saw Dr. Elm on Elm Drive today"),
        ("I live on Elm Dr. It is nice.", "I live on Elm Drive. It is nice."),
        ("9 N. Fox St.", "9 North Fox Street."),
        ("9 Fox Ave NW, Apt 4B", "9 Fox Avenue Northwest, apartment 4B"),
        ("Main St. is near St. Paul", "Main Street is near St. Paul"),
    ],
)
def test_a_drive_is_no_doctor_and_a_street_no_saint(written: str, said: str) -> None:
    assert in_full(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("IT IS", "it is"),
        ("THE FBI IS HERE, I SAY", "the FBI is here, I say"),
        ("the IT department", "the IT department"),
        ("NASA TV", "NASA TV"),
    ],
)
def test_shouted_words_are_said_as_words(written: str, said: str) -> None:
    assert in_full(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("*sighs* Well.", "Well."),
        ("(laughs softly) Yes", "Yes"),
        ("Hm [pause] no", "Hm no"),
        ("*takes a deep breath* *smiles warmly at you* Hi", "Hi"),
        ("_clears throat_ Hi", "Hi"),
        ("That is *really* good (for now) [sic].", "That is *really* good (for now) [sic]."),
    ],
)
def test_stage_directions_are_not_said(written: str, said: str) -> None:
    assert " ".join(without_stage_directions(written).split()) == said
