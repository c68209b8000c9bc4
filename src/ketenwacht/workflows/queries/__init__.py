"""Looking back at what was judged, without changing anything."""
