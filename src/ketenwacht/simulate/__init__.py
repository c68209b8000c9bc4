"""A fictional feed with known defects: deliveries, the sender's register, outside evidence, and the truth."""

from .run import simulate
from .scenarios import SCENARIOS, Scenario
from .truth import Defect, Planted, Totals, Truth

__all__ = ["SCENARIOS", "Defect", "Planted", "Scenario", "Totals", "Truth", "simulate"]
