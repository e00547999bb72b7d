"""The screen where files come in: upload, preview, confirm, receipt, history and undoing."""
