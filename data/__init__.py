"""Everything that is stored: schema, migrations, rights, storage, importers, the sample prefecture, the embedded server."""  # noqa: E501 - the sentence of docs/architecture.md
