"""What can be shown of the spec: each scenario traced to its rule, its tests and its results."""
