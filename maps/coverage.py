"""Coverage in the annex: by community, by street, by county and area, and by walking speed."""

from collections.abc import Sequence
from fractions import Fraction

import pandas as pd

from maps.atlas import Atlas
from maps.columns import column, count_cell, level_words, share_cell, sheet
from maps.figures import exact, key_figures, shown_speeds, units_of
from maps.labels import cell
from maps.workbook import PERCENT, WHOLE, Sheet, Value


def coverage_sheet(atlas: Atlas, key: str, levels: Sequence[str], *, total: bool) -> Sheet:
    """Return the units of some levels: people, and those covered within each walk, today and after the plan."""
    units = pd.concat([units_of(atlas, level) for level in levels])
    columns = [column("annex.unit_id", atlas), column("annex.unit", atlas), column("annex.level", atlas)]
    numbers: list[tuple[str, str | None]] = []
    for name in ("residents", "elders", "elders_unknown"):
        if name in units:
            numbers.append((name, None))
            columns.append(column(f"annex.{name}", atlas, WHOLE, summed=True))
    for minutes in sorted(atlas.minutes):
        for suffix in ("", "_after"):
            name = f"elders_covered_{minutes}{suffix}"
            if name in units:
                numbers += [(name, None), (name, "elders")]
                columns.append(column(f"annex.covered{suffix}", atlas, WHOLE, summed=True, minutes=minutes))
                columns.append(column(f"annex.share{suffix}", atlas, PERCENT, minutes=minutes))
    rows = [
        [
            cell(code),
            cell(unit["name"]),
            level_words(unit["level"], atlas),
            *(count_cell(unit[name]) if of is None else share_cell(unit[name], unit[of]) for name, of in numbers),
        ]
        for code, unit in units.iterrows()
    ]
    return sheet(key, atlas, columns, rows, total=total)


def speed_sheet(atlas: Atlas) -> Sheet:
    """Return what the longest walk covers at each walking speed compared."""
    longest = max(atlas.minutes)
    columns = [
        column("annex.speed_m_s", atlas, "0.0#"),
        column("annex.distance_m", atlas, WHOLE, minutes=longest),
        column("annex.covered", atlas, WHOLE, minutes=longest),
        column("annex.share", atlas, PERCENT, minutes=longest),
    ]
    found = key_figures(atlas)
    rows: list[list[Value]] = []
    for _, row in shown_speeds(atlas).iterrows():
        speed = exact(row["speed_m_s"]) or Fraction(0)
        share = None if found is None else share_cell(row["elders_covered"], found.elders)
        rows.append([speed, speed * longest * 60, count_cell(row["elders_covered"]), share])
    return sheet("speeds", atlas, columns, rows)
