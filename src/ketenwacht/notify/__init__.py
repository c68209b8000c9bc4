"""Messages to people: one neutral message, one formatter a medium, one file a transport."""
