"""The conformance suite: the properties that every cell must have. `zoo.check` runs it."""
