"""The service: one process works unattended, others wait to take over."""
