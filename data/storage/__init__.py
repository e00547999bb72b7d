"""Reads and writes, one module a noun: each takes a connection, never commits, and returns frames in EPSG:4490."""
