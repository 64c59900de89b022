"""Words of the four synchronisations: phrases in both languages, areas and days as text."""

from collections.abc import Callable
from fractions import Fraction

from gis.words import say

Pair = tuple[str, str]
_PLACES = 4


def both(phrase: Callable[[str], str]) -> Pair:
    """Return a phrase in both languages."""
    return phrase("zh"), phrase("en")


def words(key: str, /, **fields: object) -> Pair:
    """Return a phrase of the catalogue in both languages; a field given as a pair is said in each language."""

    def said(language: str) -> str:
        at = 0 if language == "zh" else 1
        told = {name: field[at] if isinstance(field, tuple) else field for name, field in fields.items()}
        return say(f"four_sync.{key}", language, **told)

    return both(said)


def area_text(area_m2: Fraction) -> str:
    """Return an area in square metres with at most four places, cut and never rounded; what is left never shows as 0.

    >>> area_text(Fraction(322)), area_text(Fraction(1000, 3)), area_text(Fraction(1, 100000))
    ('322', '333.3333…', '<0.0001')
    """
    scaled = abs(area_m2) * 10**_PLACES
    if 0 < scaled < 1:
        return f"<{10**-_PLACES:.4f}"
    whole, parts = divmod(int(scaled), 10**_PLACES)
    text = f"{whole:,}.{parts:04d}".rstrip("0").rstrip(".")
    return ("-" if area_m2 < 0 else "") + text + ("" if scaled.denominator == 1 else "…")


def joined(pairs: list[Pair]) -> Pair:
    """Return several sentences as one text in each language."""
    return "；".join(zh for zh, _ in pairs), "; ".join(en for _, en in pairs)
