"""The door: the gate before everything, sign-in, and the routes that hand out files."""
