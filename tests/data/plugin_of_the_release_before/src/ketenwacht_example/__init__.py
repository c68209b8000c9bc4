"""Plug-ins for Ketenwacht, one module each."""
