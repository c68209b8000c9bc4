"""Where everything is put together: the only place with a clock, ids, sleep and an environment."""
