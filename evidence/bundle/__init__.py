"""The bundle of evidence: one file that a stranger can verify."""
