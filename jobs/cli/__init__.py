"""The command line: `anlan <command>`; one module for the commands of one kind."""
