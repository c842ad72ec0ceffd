"""What is remembered of documents is bounded in number and in bytes."""

from gateway.document_cache import DocumentCache


def test_the_oldest_goes_first() -> None:
    cache: DocumentCache[int] = DocumentCache(2, 1_000_000)
    made: list[str] = []

    def make(text: str) -> int:
        made.append(text)
        return len(text)

    for text in ("a", "bb", "a", "ccc", "a", "bb"):
        assert cache.get(text, make) == len(text)

    assert made == ["a", "bb", "ccc", "bb"]
    assert len(cache) == 2


def test_bytes_are_bounded_too() -> None:
    cache: DocumentCache[int] = DocumentCache(1_000, 10_000)
    for number in range(100):
        cache.get(f"{number:1000}", len)

    assert len(cache) == 6  # each of 1000, and 512 beside


def test_what_is_larger_than_all_is_not_kept() -> None:
    cache: DocumentCache[int] = DocumentCache(1_000, 1_000)

    assert cache.get("x" * 2_000, len) == 2_000
    assert len(cache) == 0
