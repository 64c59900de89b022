"""The 15-minute walk to elderly care: from a city's streets to coverage, verdicts, a plan and a map."""
