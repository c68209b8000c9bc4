"""The service: one process works unattended, others stand by."""
