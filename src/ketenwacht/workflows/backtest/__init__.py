"""Losses planted in counts: which are found how soon, and which would go unseen."""
