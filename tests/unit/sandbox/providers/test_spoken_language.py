"""The stand-ins tell a language by common words."""

import pytest

from sandbox.providers.spoken_language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Quisiera hablar de mi jardín.", "es"),
        ("Je voudrais parler de mon jardin.", "fr"),
        ("Ich möchte über meinen Garten sprechen.", "de"),
        ("I would like to talk about my garden.", "en"),
        ("Xylophon", ""),
    ],
)
def test_common_words_tell(text: str, language: str) -> None:
    assert language_of(text) == language
