"""The answers are told apart by every eye: by colour under each kind of colour vision, by sign and outline without."""

from itertools import combinations

import numpy as np
import pytest

from maps.sheet.themes_coverage import LACKING
from maps.status_style import SIGNS, STATUS_FILLS, housing_symbol, ink_on
from maps.style import KINDS, OTHER_KIND, SHAPES, SHARES, TRUST, UNKNOWN_SHARE
from policy.project_check import WORST_FIRST as OF_HOUSING
from policy.verdict import Status

# What is left of the colours (linear RGB) without one kind of cones: Machado, Oliveira & Fernandes 2009,
# doi:10.1109/TVCG.2009.113, severity 1.0.
EYES = {
    "all cones": np.eye(3),
    "no long": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no middle": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "no short": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = TO_XYZ.sum(axis=1)
APART = 20.0
"""CIE 1976 colour difference; 2.3 is the least an eye sees side by side, ten times that is told apart across a map."""


BESIDE, FROM_UNKNOWN, GREY = 10.0, 8.5, 4.0
"""The same for neighbours of a ramp, which have an order; for the grey of what is not known; without colour."""


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    t = TO_XYZ @ np.clip(light, 0, 1) / WHITE
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def luminance(colour: str) -> float:
    return float(TO_XYZ[1] @ linear(colour))


@pytest.mark.parametrize("eye", EYES)
def test_the_fills_keep_apart_for_every_kind_of_colour_vision(eye: str) -> None:
    seen = {status: lab(np.array(EYES[eye]) @ linear(fill)) for status, fill in STATUS_FILLS.items()}
    near = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in combinations(seen, 2)}
    assert {pair: apart for pair, apart in near.items() if apart < APART} == {}


def test_every_answer_has_a_fill_and_a_sign_of_its_own() -> None:
    assert set(STATUS_FILLS) == set(SIGNS) == set(Status)
    assert len(set(STATUS_FILLS.values())) == len(set(SIGNS.values())) == len(Status)


@pytest.mark.parametrize("status", Status)
def test_a_sign_is_read_on_its_fill(status: Status) -> None:
    """WCAG 2.1, 1.4.3: large bold text needs a contrast of 3 to 1."""
    light, dark = sorted((luminance(STATUS_FILLS[status]), luminance(ink_on(status))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_housing_has_an_outline_for_each_answer_of_the_four_synchronisations() -> None:
    outlines = {status: housing_symbol(status).shape for status in OF_HOUSING}
    assert len(set(outlines.values())) == len(OF_HOUSING)
    assert len({SHAPES[shape] for shape in outlines.values()}) == len(OF_HOUSING)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("ramp", [[c for _, c in SHARES], list(LACKING)], ids=["page", "sheet"])
def test_classes_of_coverage_keep_apart_for_every_kind_of_colour_vision(ramp: list[str], eye: str) -> None:
    seen = [lab(np.array(EYES[eye]) @ linear(colour)) for colour in ramp]
    for (first, one), (second, other) in combinations(enumerate(seen), 2):
        assert np.linalg.norm(one - other) >= BESIDE * (second - first) ** 0.5, (ramp[first], ramp[second])


@pytest.mark.parametrize("ramp", [[c for _, c in SHARES], list(LACKING[::-1])], ids=["page", "sheet"])
def test_classes_of_coverage_fall_in_lightness_so_that_a_grey_copy_reads(ramp: list[str]) -> None:
    light = [lab(linear(colour))[0] for colour in ramp]
    assert np.diff(light).max() <= -6


@pytest.mark.parametrize("eye", EYES)
def test_what_is_not_known_looks_like_no_class_of_coverage(eye: str) -> None:
    grey = lab(np.array(EYES[eye]) @ linear(UNKNOWN_SHARE))
    for _, colour in SHARES:
        assert np.linalg.norm(lab(np.array(EYES[eye]) @ linear(colour)) - grey) >= FROM_UNKNOWN, colour
        assert abs(lab(linear(colour))[0] - lab(linear(UNKNOWN_SHARE))[0]) >= GREY, colour


@pytest.mark.parametrize("eye", EYES)
def test_levels_of_trust_keep_apart_by_fill_and_by_hatching(eye: str) -> None:
    seen = [lab(np.array(EYES[eye]) @ linear(fill)) for fill, _ in TRUST.values()]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) >= BESIDE
    assert min(abs(one[0] - other[0]) for one, other in combinations(seen, 2)) >= BESIDE
    assert len({hatch for _, hatch in TRUST.values()}) == len(TRUST)


def test_kinds_of_facilities_differ_in_outline_whatever_an_eye_makes_of_their_colours() -> None:
    outlines = [KINDS[kind][0] for kind in KINDS] + [OTHER_KIND[0]]
    assert len({SHAPES[outline] for outline in outlines}) == len(outlines)


@pytest.mark.parametrize("colour", [colour for _, colour, _ in (*KINDS.values(), OTHER_KIND)])
def test_a_facility_stands_out_on_the_paper(colour: str) -> None:
    """WCAG 2.1, 1.4.11: what has to be seen needs a contrast of 3 to 1, here with its own white rim."""
    assert 1.05 / (luminance(colour) + 0.05) >= 3
