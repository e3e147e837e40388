"""The proof that every rule can fail: mutants of the reference stack's templates, and who notices them."""
