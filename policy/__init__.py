"""What the policy documents demand: packs of rules, indicators and verdicts."""
