"""Who saw, took out and changed what: one's own acts, those of a bureau, all of them."""
