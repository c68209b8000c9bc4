"""Render view models: HTML report, terminal, JSON, Markdown, JUnit, charts. Layout only."""
