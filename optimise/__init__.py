"""Where to build: coverage by candidates, siting models, honest solving and the recomputed plan."""
