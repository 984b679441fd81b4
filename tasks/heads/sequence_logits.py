"""Logits for a whole sequence."""

from tasks.head import classification_head
from tasks.heads import heads

heads.register("sequence_logits", arrangements=("many_to_one",), decodings=("classes",))(
    classification_head(sequences=False)
)
