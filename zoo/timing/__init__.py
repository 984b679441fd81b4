"""Timing of layers in interleaved runs."""
