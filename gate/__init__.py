"""The storage-compliance command: leads stack and policies together and tells the result."""
