"""Long things that are read out or told, with pauses between the sentences: turns as data.

Held out as a whole: rules for long turns were made on the long prompts of `turn_texts` alone. The
names are of recorded prompts that are in no other part of the set.
"""

# ruff: noqa: E501 - what somebody says is one line

_READ = "Could you read it to me, please?"
_TELL = "Tell me all about it."

RECORDED = (
    "demo-congrats", "conf-adminmenu-18", "conf-adminmenu-menu8", "confbridge-mute-extended",
    "confbridge-lock-extended", "demo-enterkeywords", "basic-pbx-ivr-main",
)  # fmt: skip

TEXTS = (
    (
        _READ,
        "Dear customer, thank you for your letter of the third of March.",
        "We have looked at your complaint with great care.",
        "The machine was checked by our workshop before it left the house.",
        "We can therefore not refund the price, but we offer you a repair without charge.",
    ),
    (
        _READ,
        "It says that the building will be closed from Monday until Wednesday of next week.",
        "All tenants have to move their cars out of the yard by Sunday evening.",
        "The lift will not work on these days, either.",
    ),
    (
        _READ,
        "Preheat the oven and line the tray with paper.",
        "Whisk the eggs with the sugar until they are light and thick.",
        "Fold in the flour, the cocoa and a pinch of salt.",
        "Bake it for half an hour and let it cool before you cut it.",
    ),
    (
        _TELL,
        "We had booked a room with a view of the lake for our anniversary.",
        "When we arrived nobody knew anything about it and the hotel was full.",
        "They sent us to another place outside of the town.",
        "There was no breakfast and the heating did not work.",
    ),
    (
        _TELL,
        "My grandmother grew up on a farm close to the border.",
        "She was the youngest of nine children and had to look after the geese.",
        "When she was twelve they sold the farm and moved to the city.",
        "She never forgot the smell of the hay, she used to say.",
    ),
    (
        _READ,
        "The first paragraph is about the notice period, which is three months to the end of a quarter.",
        "The second one says who pays for repairs, and that is the landlord unless it is a small thing.",
        "Then there is one about pets that I do not understand.",
    ),
    (
        _TELL,
        "The car started to make a noise when I turned to the left.",
        "At first I thought that it was the road.",
        "Then a red lamp came on and the steering got very heavy.",
        "I stopped at the next petrol station and called you.",
    ),
    (
        _READ,
        "Take one tablet in the morning and one in the evening after a meal.",
        "Do not drink milk for an hour afterwards.",
        "If you forget one, do not take two the next time.",
        "Ask your doctor before you drive a car.",
    ),
    (
        _TELL,
        "There are four of us in the band and we have played together since school.",
        "I play the bass and write most of the songs.",
        "We would like to record an album in the spring.",
        "But we have no idea what a studio costs.",
    ),
    (
        _READ,
        "Meeting point is the main entrance of the museum at a quarter to nine.",
        "Please bring something to eat and a bottle of water.",
        "The bus goes back at five and will not wait for anybody.",
        "Parents who want to come along should tell us by Friday.",
    ),
    (
        _TELL,
        "I ordered the blue curtains in the large size two weeks ago.",
        "Yesterday a parcel came with green ones in it that are far too short.",
        "I have taken some pictures and can send them to you.",
        "What I want is the right ones before my guests come.",
    ),
    (
        _READ,
        "Once upon a time there was a miller who had three sons and a cat.",
        "When he died the eldest got the mill and the second the donkey.",
        "For the youngest there was only the cat.",
        "Do not worry, said the cat, just give me a pair of boots.",
    ),
)
