"""Texts of strangers, made such that every format can hold them."""

from __future__ import annotations

LENGTH = 4_000  # characters of a message: a compiler's and a traceback's worth
_CUT = "\n... (cut)"


def plain(text: str, length: int = LENGTH) -> str:
    """Give a text without control characters and halves of surrogate pairs, and not too long.

    Parameters
    ----------
    text : str
        Anything, such as what a submission raised.
    length : int
        Characters at most.

    Returns
    -------
    str
        What UTF-8, JSON and XML 1.0 can hold.
    """
    clean = "".join(each if _is_plain(each) else "�" for each in text[: length + 1])
    return clean if len(clean) <= length else clean[: length - len(_CUT)] + _CUT


def _is_plain(character: str) -> bool:
    code = ord(character)
    if code < 0x20:
        return character in "\n\t"
    return not (0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF))
