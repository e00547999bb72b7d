"""Which places are dangerous, and why: pure functions from frames to findings."""
