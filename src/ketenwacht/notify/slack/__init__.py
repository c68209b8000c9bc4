"""Slack: alerts in a channel, and acts on them from it. Import the modules: they need slack_sdk."""
