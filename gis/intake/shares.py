"""Shares of elders beside their counts: held against the counts, never used for counting; written in two ways."""

from collections.abc import Sequence
from fractions import Fraction

from gis.errors import Finding
from gis.intake.cells import blank, plain, read_text
from gis.intake.columns import Values
from gis.intake.headers import Header
from gis.intake.rows import numbers
from gis.intake.sheets import Row

HEADINGS = ("老龄化率", "老年人口占比", "60岁及以上占比", "60岁以上占比", "老龄化程度", "elder_share")
TOLERANCE = Fraction(1, 200)
"""Half a percentage point, as shares are rounded."""


def share_doubts(rows: Sequence[Row], header: Header, values: Values, place: str) -> list[Finding]:
    """Return warnings where a column of shares mixes fractions and percent, or a share is not that of the counts.

    A value up to 1 without a sign is a fraction, any other percent. `values` holds `elders` and `residents`.
    """
    words = [plain(name).strip("%()") for name in header.headings]
    if not set(words) & set(HEADINGS):
        return []
    nth = next(i for i, word in enumerate(words) if word in HEADINGS)
    field, index = header.headings[nth], header.at[nth]
    read = [(row, i, _share(row.cells[index] if index < len(row.cells) else None)) for i, row in enumerate(rows)]
    given = [(row, i, *share) for row, i, share in read if share]
    counted = [values.get(name, [None] * len(rows)) for name in ("elders", "residents")]
    off = [
        (row, share, Fraction(elders, many))
        for row, i, share, _ in given
        if (elders := counted[0][i]) is not None
        and (many := counted[1][i])
        and abs(share - Fraction(elders, many)) > TOLERANCE
    ]
    findings = []
    if len({way for *_, way in given}) > 1:
        told = "; ".join(
            f"{word}: {numbers(row.number for row, *_, way in given if way == sort)}"
            for sort, word in (("fraction", "0.2"), ("percent", "20 / 20%"))
        )
        findings.append(Finding("SHARE_MIXED", "warn", f"{place}:{given[0][0].number}/{field}", told, len(given)))
    findings += [
        Finding("SHARE_DIFFERS", "warn", f"{place}:{row.number}/{field}", f"{_said(share)} ≠ {_said(true)}")
        for row, share, true in off
    ]
    return findings


def _share(cell: object) -> tuple[Fraction, str] | None:
    """Return a share and how it is written, None where it is none."""
    if blank(cell) or isinstance(cell, bool):
        return None
    text = plain(read_text(cell) if not isinstance(cell, float) else repr(cell))
    try:
        number = Fraction(text.removesuffix("%"))
    except (ValueError, ZeroDivisionError):
        return None
    percent = text.endswith("%") or number > 1
    return (number / 100, "percent") if percent else (number, "fraction")


def _said(share: Fraction) -> str:
    return f"{float(100 * share):.4g}%"
