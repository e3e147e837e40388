"""The reference stack and all that synthesises it: the only part, with the nag adapter, that knows the CDK."""
