"""Diagnosis of recurrent layers: gradients over time, Jacobians of the state, gates, clipping."""

PLOTS = ("gradients", "gates", "clipping", "loss")  # pictures of a diagnosis
