"""One delivery's rows become measurements; persons do not leave this package."""
