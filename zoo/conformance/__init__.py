"""The conformance suite: what every cell of the zoo must be, as a library; `zoo.conformance.suite.check` runs it."""
