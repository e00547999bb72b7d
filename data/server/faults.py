"""What can go wrong with the embedded server; each message is one sentence that a keeper can act on."""


class ServerError(Exception):
    """The database server cannot be used; the message says why and what to do."""


class PostgisMissingError(ServerError):
    """No PostgreSQL with PostGIS is installed."""


class DiskFullError(ServerError):
    """Too little room is left for the database."""


class StartError(ServerError):
    """The server was started and did not come up."""
