"""Writes all-MiniLM-L6-v2 as GGUF, which is what llama.cpp reads.

The model is a BERT of six layers (sentence-transformers/all-MiniLM-L6-v2): its tensors keep their
values in 32 bits, and get llama.cpp's names. Sentence vectors are means over tokens.
"""

from pathlib import Path

import gguf
import numpy as np
from gguf.utility import SafetensorsLocal

__all__ = ["write_gguf"]

HEADS, POSITIONS, EPSILON = 12, 512, 1e-12
OUTER = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
}
INNER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}
# No part of a sentence vector: the pooler is another head's, the ids are 0, 1, 2, ...
UNUSED = ("pooler.dense.weight", "pooler.dense.bias", "embeddings.position_ids")


def write_gguf(folder: Path, target: Path) -> None:
    """Write `model.safetensors` and `vocab.txt` of a folder as one GGUF file."""
    with SafetensorsLocal(folder / "model.safetensors") as stored:
        tensors = {
            _renamed(name): np.frombuffer(tensor.mmap_bytes(), np.float32).reshape(tensor.shape)
            for name, tensor in stored.items()
            if name not in UNUSED
        }
    writer = gguf.GGUFWriter(target, "bert")
    _describe(writer, tensors)
    _add_vocabulary(writer, (folder / "vocab.txt").read_text(encoding="utf-8").splitlines())
    for name, values in tensors.items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _renamed(name: str) -> str:
    """`encoder.layer.3.output.dense.bias` -> `blk.3.ffn_down.bias`."""
    stem, _, kind = name.rpartition(".")
    layer, _, inner = stem.removeprefix("encoder.layer.").partition(".")
    return f"blk.{layer}.{INNER[inner]}.{kind}" if layer.isdigit() else f"{OUTER[stem]}.{kind}"


def _describe(writer: gguf.GGUFWriter, tensors: dict[str, np.ndarray]) -> None:
    inner, width = tensors["blk.0.ffn_up.weight"].shape
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_license("apache-2.0")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(inner)
    writer.add_block_count(sum(name.endswith("ffn_up.weight") for name in tensors))
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(EPSILON)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)


def _add_vocabulary(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    special = [token.startswith("[") and token.endswith("]") for token in tokens]
    writer.add_tokenizer_model("bert")
    # llama.cpp marks the start of a word, where WordPiece marks what is none (##).
    writer.add_token_list(
        [
            token if control else token[2:] if token.startswith("##") else f"▁{token}"
            for token, control in zip(tokens, special, strict=True)
        ]
    )
    kinds = (gguf.TokenType.NORMAL, gguf.TokenType.CONTROL)
    writer.add_token_types([kinds[control] for control in special])
    writer.add_token_type_count(2)
    writer.add_unk_token_id(tokens.index("[UNK]"))
    writer.add_pad_token_id(tokens.index("[PAD]"))
    writer.add_mask_token_id(tokens.index("[MASK]"))
    writer.add_bos_token_id(tokens.index("[CLS]"))
    writer.add_eos_token_id(tokens.index("[SEP]"))
    writer.add_sep_token_id(tokens.index("[SEP]"))
