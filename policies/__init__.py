"""The policies: pure functions over CloudFormation templates, one rule a scenario of the spec."""
