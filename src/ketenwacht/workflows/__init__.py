"""One module for each command. Only this layer has a clock, ids, sleep and the environment."""
