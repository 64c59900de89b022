"""The 15-minute walk to elderly care: from a city's streets to coverage, verdicts, a plan and a map.

The public functions in the order of the work: read -> network -> reach -> coverage -> assess -> site -> draw.
Tables come in and go out as GeoDataFrames; `run("project folder")` does all of it.

>>> import circle15 as c15
>>> town = c15.grid_town(5)  # streets 100 m apart
"""

from circle15.checked import Checked, checked
from circle15.city import City, read_city
from circle15.compliance import compliance, compliance_lines
from circle15.council import alternatives, council, front, scenario_table, scenarios, why
from circle15.doctor import examine
from circle15.edited import Evaluation, evaluate
from circle15.fault_list import write_fault_list
from circle15.outputs import write_outputs
from circle15.pack_list import pack_lines, rule_lines
from circle15.panel import panel, what_if
from circle15.project import Project
from circle15.project_file import load_project
from circle15.replay import replay
from circle15.run import comply, plan_sites, run, sheet
from circle15.sample import copy_sample, sample_folder
from circle15.sheets import write_sheets
from circle15.siting_outputs import write_siting
from circle15.start import start_project
from circle15.study import Study, study, with_siting
from circle15.summary import summary, summary_lines
from circle15.today import Today, today
from circle15.verify import verify
from gis.coverage import coverage, coverage_by_speed, coverage_by_unit, located
from gis.datum import from_wgs84, metre_crs, to_wgs84
from gis.errors import Finding, InputError, OutputError, PlanningError
from gis.features import read_features
from gis.graphs import to_networkx
from gis.homes import Homes, homes_from_buildings, homes_from_table
from gis.intake import Intake, read_table, write_template
from gis.isochrone import isochrones, reached_streets
from gis.network import WalkNetwork
from gis.pace import at_pace, tag_shares
from gis.places import barriers, care_places, ground, places
from gis.profiles import profile_speeds
from gis.reach import reach
from gis.snap import snap
from gis.streets import walk_network
from gis.tables import CANDIDATES, COMMUNITIES, FACILITIES, GATES, HOUSING, RESIDENTS
from gis.towns import cross_town, grid_town
from gis.units import complete, locate
from maps.annex import write_annex
from maps.atlas import Atlas
from maps.geopackage import write_geopackage
from maps.page import page_map, write_page
from maps.sheet.drawing import draw
from maps.siting_charts import front_chart, phases_chart
from optimise.allocation import Allocation
from optimise.capacitated import capacitated
from optimise.centre import p_centre
from optimise.explain import explain
from optimise.layout import layout
from optimise.layout_rules import Floor, LayoutRules, Milestone
from optimise.median import p_median
from optimise.options import Subsidy, options
from optimise.plan import Plan, PlanStatus
from optimise.rules import SitingRules
from optimise.site import lscp, mclp, site
from policy.assess import assess
from policy.changes import change_table, changes
from policy.evidence import Evidence
from policy.four_sync import check_housing
from policy.load import load_pack, packs
from policy.progress import progress_table
from policy.register import register_table
from policy.score import score_frame, score_sheet
from policy.table import verdict_counts, verdict_table
from policy.verdict import Status, Verdict

__all__ = [  # noqa: RUF022 - in the order of the work
    # the desk
    "run", "comply", "sheet", "load_project", "read_city", "checked", "write_fault_list", "today", "study",
    "with_siting", "what_if", "panel", "write_outputs", "verify", "replay",
    "summary", "summary_lines", "compliance", "compliance_lines", "pack_lines", "rule_lines",
    "copy_sample", "sample_folder", "start_project", "examine", "Project", "City", "Checked", "Study", "Today",
    # read
    "read_table", "write_template", "COMMUNITIES", "FACILITIES", "CANDIDATES", "HOUSING", "RESIDENTS", "GATES",
    "read_features", "places", "care_places", "ground", "barriers", "to_wgs84", "from_wgs84", "metre_crs", "Intake",
    # network
    "walk_network", "at_pace", "profile_speeds", "tag_shares", "to_networkx", "cross_town", "grid_town", "WalkNetwork",
    # homes and units
    "complete", "locate", "homes_from_table", "homes_from_buildings", "Homes",
    # reach and coverage
    "snap", "reach", "located", "coverage", "coverage_by_unit", "coverage_by_speed", "reached_streets", "isochrones",
    # assess
    "packs", "load_pack", "assess", "verdict_table", "verdict_counts", "Evidence", "Verdict", "Status",
    "check_housing", "register_table", "score_sheet", "score_frame", "progress_table", "changes", "change_table",
    # site
    "site", "mclp", "lscp", "explain", "SitingRules", "Plan", "PlanStatus",
    "options", "layout", "LayoutRules", "Milestone", "Floor", "Subsidy",
    "p_median", "p_centre", "capacitated", "Allocation",
    # what a council asks
    "plan_sites", "council", "front", "alternatives", "why", "evaluate", "scenarios", "scenario_table", "write_siting",
    "Evaluation", "front_chart", "phases_chart",
    # show
    "page_map", "write_page", "draw", "write_sheets", "write_annex", "write_geopackage", "Atlas",
    # what goes wrong
    "PlanningError", "InputError", "OutputError", "Finding",
]  # fmt: skip
