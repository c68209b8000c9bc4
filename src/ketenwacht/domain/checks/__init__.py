"""The kinds of check over the stream of deliveries. A new kind is one file here and one line below."""
