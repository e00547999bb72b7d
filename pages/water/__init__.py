"""Waters: the gaps, the stations, and the logging of a station."""
