"""What people look back at: the HTML report and the terminal."""
