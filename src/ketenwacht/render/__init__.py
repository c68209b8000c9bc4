"""What people look back at: the HTML report, the terminal, JSON, Markdown and JUnit; view models laid out."""
