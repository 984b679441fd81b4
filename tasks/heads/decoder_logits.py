"""Logits of the next target token at every timestep of a decoder."""

from tasks.head import classification_head
from tasks.heads import heads

heads.register("decoder_logits", arrangements=("encoder_decoder",), decodings=("translation",))(
    classification_head(sequences=True)
)
