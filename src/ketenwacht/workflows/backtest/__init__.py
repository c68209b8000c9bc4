"""Backtests: plant losses in counts, and see how soon each is found and which stay unseen."""
