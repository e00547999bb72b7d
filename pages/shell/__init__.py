"""What every page stands in: the main script, the viewer, the look, and the one seam to storage."""
