"""The door: tables as a bureau has them come in, checked and named in full."""

from gis.intake.read import Intake, read_table
from gis.intake.template import write_template

__all__ = ["Intake", "read_table", "write_template"]
