"""Parameters with their sources, the state of the data, imports and people."""
