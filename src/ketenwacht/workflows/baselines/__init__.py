"""Thresholds that people propose, look at and approve."""
