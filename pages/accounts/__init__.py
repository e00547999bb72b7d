"""Accounts, grants and who sees what: for administrators, civil affairs and auditors."""
