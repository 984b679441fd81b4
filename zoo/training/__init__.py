"""Training of a configuration: session, truncated BPTT, losses."""
