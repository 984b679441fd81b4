"""Logits at every timestep."""

from tasks.head import classification_head
from tasks.heads import heads

heads.register(
    "token_logits", arrangements=("aligned", "next_step"), decodings=("tags", "continuation")
)(classification_head(sequences=True))
