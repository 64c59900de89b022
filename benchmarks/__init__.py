"""Measurements of circle15 beside its peers: the same answers first, then the times. See README.md."""
