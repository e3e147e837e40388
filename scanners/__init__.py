"""Other scanners: what they say of our templates, read from SARIF, and whether they have read them at all."""
