"""Evidence in the words of NIST's Open Security Controls Assessment Language (OSCAL)."""
