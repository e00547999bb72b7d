"""What comes in: files read row by row, checked, and stored in one transaction with their provenance."""
