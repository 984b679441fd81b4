"""Decode output sequences: greedy and beam search, translation."""
