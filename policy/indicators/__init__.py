"""The vocabulary of the packs: what a rule can measure in a unit, each as a function of the unit.

A measure is never one number but two: the least and the most that the data allow. What is not known (a date, a status,
an area, the walk of some elders) lies between them, and `missing` names it. The evaluator says UNKNOWN only where the
two lead to different answers.
"""

from collections.abc import Callable, Mapping

from policy.counting import Counting
from policy.indicators.areas import (
    floor_area,
    floor_area_per_10k_residents,
    floor_area_per_100_households,
    joint_floor_area,
    land_per_person,
    old_estate_shortfall,
    room_class,
)
from policy.indicators.beds import bed_share, beds, beds_per_1000_elders
from policy.indicators.coverage import elders_near_centre, elders_within_walk, units_with_facility, units_within_walk
from policy.indicators.facilities import (
    dates_by,
    facilities_flagged,
    facilities_without,
    facility_count,
    services_offered,
    share_social_operator,
)
from policy.indicators.figures import figure, figure_gap, figure_share, figure_sum
from policy.indicators.people import eligible_persons, groups_share
from policy.indicators.progress import contracts, unit_count, units_finished, units_stated
from policy.indicators.projects import projects_in_sync
from policy.indicators.ranks import rank
from policy.measure import Measured
from policy.units import Unit

Indicator = Callable[[Unit, Counting], Measured]

_KIND = frozenset({"kinds", "statuses"})
_WALK = frozenset({"walk_kinds", "walk_statuses"})
_MORE = frozenset(
    {"dated_by", "since", "in_year", "improved", "least_m2", "least_day_care_m2", "facility_level", "having"}
)
_VOCABULARY: tuple[tuple[Indicator, frozenset[str], frozenset[str]], ...] = (
    (facility_count, _KIND, _MORE),
    (units_with_facility, _KIND, _MORE | {"conditional_only", "main_urban_only"}),
    (units_within_walk, frozenset({"minutes", "reached"}), _WALK),
    (elders_within_walk, frozenset({"minutes"}), _WALK),
    (elders_near_centre, frozenset({"minutes"}), frozenset()),
    (share_social_operator, _KIND | {"operator_types"}, _MORE),
    (facilities_without, _KIND | {"services"}, _MORE),
    (services_offered, _KIND | {"services"}, _MORE),
    (facilities_flagged, _KIND | {"column", "value"}, _MORE | {"or_stated"}),
    (dates_by, _KIND | {"columns"}, _MORE),
    (floor_area, _KIND, _MORE),
    (floor_area_per_10k_residents, _KIND, _MORE),
    (floor_area_per_100_households, _KIND, _MORE),
    (land_per_person, _KIND, _MORE | {"whole"}),
    (joint_floor_area, _KIND, _MORE | {"least_point_m2", "neighbour_centre_minutes", "reached"}),
    (room_class, _KIND, _MORE | {"exact_sizes"}),
    (old_estate_shortfall, frozenset(), frozenset()),
    (beds, _KIND, _MORE),
    (beds_per_1000_elders, _KIND, _MORE),
    (bed_share, _KIND | {"of"}, _MORE),
    (unit_count, frozenset(), frozenset()),
    (units_finished, frozenset(), frozenset({"conditional_only", "without_date"})),
    (contracts, frozenset(), frozenset()),
    (units_stated, frozenset({"column"}), frozenset()),
    (figure, frozenset({"name"}), frozenset({"year"})),
    (figure_sum, frozenset({"names"}), frozenset({"year"})),
    (figure_gap, frozenset({"name", "other"}), frozenset({"year"})),
    (figure_share, frozenset({"part", "whole"}), frozenset({"year"})),
    (rank, frozenset({"part"}), frozenset({"whole", "highest_first", "of_units", "units", "year"})),
    (eligible_persons, frozenset({"benefit"}), frozenset()),
    (groups_share, frozenset({"column"}), frozenset()),
    (projects_in_sync, frozenset(), frozenset({"stage"})),
)

INDICATORS: Mapping[str, Indicator] = {f.__name__: f for f, _, _ in _VOCABULARY}
"""Every indicator a pack may name."""
ARGUMENTS: Mapping[str, frozenset[str]] = {f.__name__: needed | more for f, needed, more in _VOCABULARY}
"""What each of them takes."""
NEEDED: Mapping[str, frozenset[str]] = {f.__name__: needed for f, needed, _ in _VOCABULARY}
"""What each of them must be given."""
