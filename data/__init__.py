"""Everything that is stored: schema, migrations, rights, storage, importers, the sample prefecture, the embedded server."""
