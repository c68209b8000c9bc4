"""The report of a feed: what it is made from, and what it says. A renderer lays it out."""
