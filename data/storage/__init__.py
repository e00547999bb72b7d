"""Reads and writes, one module a noun: each takes a connection and never commits; frames in EPSG:4490."""
