"""Figures read by what the words around them say."""

import pytest

from media.engines.normalization.numbers import read_numbers


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Your PIN is 0042.", "Your PIN is 0 0 4 2."),
        ("Your code is 904713", "Your code is 9 0 4 7 1 3"),
        ("904713 is your code", "9 0 4 7 1 3 is your code"),
        ("zip code 02139, or CA 90210", "zip code 0 2 1 3 9, or CA 9 0 2 1 0"),
        ("Dial 911 or 9-1-1.", "Dial 9 1 1 or 9 1 1."),
        ("extension 0815, ext. 12", "extension 0 8 1 5, extension 1 2"),
        ("order #00123 and #1", "order number 0 0 1 2 3 and #1"),
        ("flight BA2490", "flight B A 2 4 9 0"),
        ("card ending in 4242", "card ending in 4 2 4 2"),
        ("flight UA 1234, text STOP to 12345", "flight U A, 1 2 3 4, text STOP to 1 2 3 4 5"),
        ("card 4111 1111 1111 1111", "card 4 1 1 1, 1 1 1 1, 1 1 1 1, 1 1 1 1"),
        ("the code is 100 lines long", "the code is 100 lines long"),
        ("call 100 people", "call 100 people"),
        ("at 06:30 on 07/04/2024 for $0.99", "at 06:30 on 07/04/2024 for $0.99"),
    ],
)
def test_a_code_is_read_digit_by_digit_and_an_amount_is_not(written: str, said: str) -> None:
    assert read_numbers(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1000000", "1,000,000"),
        ("1500000 dollars", "1,500,000 dollars"),
        ("1234567 people", "1,234,567 people"),
        ("8005550000", "8005550000"),
        ("2025550199", "2025550199"),
    ],
)
def test_a_large_round_number_is_none_to_be_dialled(written: str, said: str) -> None:
    assert read_numbers(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("8am-5pm", "8 a.m. to 5pm"),
        ("9 a.m.-5 p.m.", "9 a.m. to 5 p.m."),
        ("10:30–noon", "10:30 to noon"),
        ("Mon-Fri", "Monday to Friday"),
        ("Jan. 5-Mar. 3", "January 5 to March 3"),
        ("5-10 %", "5 to 10 %"),
        ("$5-$10", "$5 to $10"),
        ("10-12 people", "10 to 12 people"),
        ("1.5-2.5", "1.5 to 2.5"),
        ("A-Z", "A to Z"),
        ("2024-10-12, 555-0199, COVID-19", "2024-10-12, 5 5 5, 0 1 9 9, COVID-19"),
        ("5 - 3 = 2", "5 minus 3 = 2"),
        ("500-1000 people, 1990s-2000s, 24-7", "500 to 1000 people, 1990s to 2000s, 24 7"),
        ("between 1914-1918, 50-50", "between 1914 and 1918, 50 50"),
        (
            "M-F, Tue/Thu, Sept. 5th - Oct. 1st",
            "Monday to Friday, Tuesday, Thursday, September 5th to October 1st",
        ),
    ],
)
def test_a_range_is_said_with_to(written: str, said: str) -> None:
    assert read_numbers(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("5 > 3", "5 is greater than 3"),
        ("5 < 3", "5 is less than 3"),
        ("> 90 %", " greater than 90 %"),
        ("24/7", "24 7"),
        ("50/50", "50 50"),
        ("3/4 cup", "3/4 cup"),
        ("wait 0:30", "wait 30 seconds"),
        ("at 0:30", "at 12:30 a.m."),
        ("$20/month", "$20 per month"),
        ("odds of 2:1", "odds of 2 to 1"),
        ("$12/mo. or 40 hrs/wk", "$12 per month or 40 hrs per week"),
        ("iOS 17.4.1 on 3/4, not 3.12.2026", "iOS 17 point 4 point 1 on March 4, not 2026-12-3"),
        ("2026-11-30T14:30:00Z", "2026-11-30 at 14:30 U T C"),
        (
            "2 1/2 hours, 8/10, 6 * 7, 10^6",
            "2 and 1/2 hours, 8 out of 10, 6 times 7, 10 to the power of 6",
        ),
        (
            "5 != 6, √16, 10^-3",
            "5 is not equal to 6,  the square root of 16, 10 to the power of -3",
        ),
        ("7:00:30 or 00:00", "7:00:30 or midnight"),
        ("1 000 000 for -$1.234,56", "1,000,000 for minus $1,234.56"),
        ("30-Nov-2026 or 2026/11/30", "November 30, 2026 or 2026-11-30"),
        ("Call 020 7946 0958, 20500-0003", "Call 0 2 0, 7 9 4 6, 0 9 5 8, 2 0 5 0 0, 0 0 0 3"),
        ("1½ cups", "1 and a half cups"),
        ("From -10 to -5, 3 × 4 = 12", "From minus 10 to minus 5, 3 times 4 = 12"),
        (
            "€5,50, 1,000.05 €, 1.500 €, US$20, 20 EUR",
            "€5.50, €1,000.05, €1,500, 20 U S dollars, 20 euros",
        ),
        ("10 cm x 5 cm", "10 cm by 5 cm"),
        ("on 5/1, on 7/4, on 12/31", "on May 1, on July 4, on December 31"),
        ("$2.50/lb, €3/kg", "$2.50 per pound, €3 per kilogram"),
        (
            "Oct 2026, Jan 5, on Wed, Fri, Jan 7",
            "October 2026, January 5, on Wednesday, Friday, January 7",
        ),
        ("65+", "65 plus"),
        ("20 grams/day, 5 mg/mL, day/night", "20 grams per day, 5 mg per milliliter, day/night"),
        ("120/80, x == 5, Psalm 23:1-4", "120 over 80, x equals 5, Psalm 23:1 to 4"),
        ("SW1A 1AA, IBAN GB29 NWBK 6016", "S W 1 A, 1 A A, IBAN G B 2 9, N W B K, 6 0 1 6"),
        ("See you on Sat.", "See you on Saturday."),
        ("Jan. 5 and Sat. at five", "January 5 and Saturday at five"),
    ],
)
def test_signs_and_short_forms_are_read_as_a_person_would(written: str, said: str) -> None:
    assert read_numbers(written) == said
