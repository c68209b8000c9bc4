"""A fictional feed with known defects, in the real format."""
