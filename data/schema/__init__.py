"""What each table is: SQLAlchemy Core tables on one metadata, one module a noun."""
