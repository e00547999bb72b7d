"""The embedded PostGIS server that the program itself owns, and the logins and migrations of any server."""
