"""The service: one process that works unattended, another that stands by."""
