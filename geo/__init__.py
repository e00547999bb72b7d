"""Coordinates, distances, banks and the shapes of the tables that travel between folders."""
