"""Tags of languages, the order in which they are looked up, directions of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInputError
from core.languages import MAX_TAG, canonical, direction_fault, looked_up


@pytest.mark.parametrize(
    ("tag", "spelled"),
    [
        ("de", "de"),
        ("DE_at", "de-AT"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("iw", "he"),
        ("sr-latn", "sr-Latn"),
        ("es-419", "es-419"),
        ("ca-valencia", "ca-valencia"),
    ],
)
def test_a_tag_has_one_spelling(tag: str, spelled: str) -> None:
    assert canonical(tag, field="locale") == spelled
    assert canonical(spelled, field="locale") == spelled


@pytest.mark.parametrize(
    "tag",
    [
        *("", "*", "d", "german", "de-", "-de", "de--AT", "de AT", "d\u00e9", "de\n"),
        *("1a", "de-" + "a" * 9, "de-AT-AT-AT-AT-AT-AT", "x-private", "de'; --"),
        "de\u0661",
    ],
)
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^locale: must be a language such as"):
        canonical(tag, field="locale")


@given(st.text(max_size=2 * MAX_TAG) | st.from_regex("[a-z]{2,3}(-[a-z0-9]{1,8})*"))
def test_whatever_is_accepted_stays_as_it_is(text: str) -> None:
    try:
        tag = canonical(text, field="locale")
    except InvalidInputError:
        return
    assert canonical(tag, field="locale") == tag


@pytest.mark.parametrize(
    ("preferred", "order"),
    [
        ([], ()),
        (["de"], ("de",)),
        (["de-AT"], ("de-AT", "de")),
        (["zh-Hant-TW", "en"], ("zh-Hant-TW", "zh-Hant", "zh", "en")),
        (["de-AT", "de-CH", "fr"], ("de-AT", "de", "de-CH", "fr")),
        (["zh-a-ext"], ("zh-a-ext", "zh")),
    ],
)
def test_what_is_more_general_follows(
    preferred: list[str], order: tuple[str, ...]
) -> None:
    assert looked_up(preferred) == order


@pytest.mark.parametrize(
    "text",
    [
        "Free coffee",
        "\u0642\u0647\u0648\u0629 \u0645\u062c\u0627\u0646\u064a\u0629",
        "\u05e7\u05e4\u05d4 50 %\u200e",
        "mixed \u2068\u0642\u0647\u0648\u0629\u2069 text",
        "\u2066a\u2067b\u2069\u2069",
    ],
)
def test_text_of_either_direction_is_fine(text: str) -> None:
    assert direction_fault(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("gift\u202eexe.card", "embeddings"),
        ("\u202aa\u202c", "embeddings"),
        ("open \u2067 only", "isolate"),
        ("\u2069 closed \u2068", "isolate"),
        ("a\u2068b\u2069\u2069", "isolate"),
    ],
)
def test_text_that_turns_what_follows_is_told(text: str, fault: str) -> None:
    assert fault in (direction_fault(text) or "")
