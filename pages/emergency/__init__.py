"""Flood season: institutions, their rounds, and the hazards that are open."""
