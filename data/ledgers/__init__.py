"""Ledgers that go out in a bureau's own layout and come back edited: layouts, cells, comparison, writing."""
