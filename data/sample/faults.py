"""What the keeper of a deployment can act on."""


class SampleError(Exception):
    """The sample cannot be made or loaded; the message says what is missing and how to go on."""
