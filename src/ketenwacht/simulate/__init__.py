"""A fictional feed with known defects: deliveries, the sender's register, outside evidence, and the truth."""

from .run import simulate
from .scenarios import SCENARIOS, Scenario
from .truth import PlantedPersons, Totals, Truth, TruthDefect

__all__ = ["SCENARIOS", "PlantedPersons", "Scenario", "Totals", "Truth", "TruthDefect", "simulate"]
