"""Weights in 16 bits: the same numbers, written once, and never seen half-written."""

from collections import namedtuple
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as Kind

from ideas_lib.lm.serving import dequantise as module
from ideas_lib.lm.serving.dequantise import dequantised
from ideas_lib.lm.serving.weights import FetchFailed

WORDS = ["a", "b", "«é»"]
Usage = namedtuple("Usage", "total used free")


def write(path: Path, kind: Kind = Kind.Q8_0) -> dict[str, np.ndarray]:
    """Write a small file; return its tensors as they are read back, in 32 bits."""
    values = np.random.default_rng(3).normal(size=(4, 64)).astype(np.float32)
    stored = gguf.quantize(values, kind)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_token_list(WORDS)
    writer.add_float32("llama.rope.freq_base", 1e4)
    writer.add_tensor("blk.0.attn_q.weight", stored, raw_dtype=kind)
    writer.add_tensor("blk.0.attn_norm.weight", values[0])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return {
        "blk.0.attn_q.weight": gguf.dequantize(stored, kind),
        "blk.0.attn_norm.weight": values[0],
    }


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache/models"


@pytest.mark.parametrize("kind", [Kind.Q8_0, Kind.Q4_1, Kind.Q5_0])
@pytest.mark.parametrize("rows", [1, 1 << 22])
def test_the_numbers_are_the_same_in_16_bits(tmp_path, monkeypatch, kind, rows):
    monkeypatch.setattr(module, "ROWS", rows)
    expected = write(tmp_path / "tiny.gguf", kind)
    found = gguf.GGUFReader(dequantised(tmp_path / "tiny.gguf"))
    tensors = {tensor.name: tensor for tensor in found.tensors}
    assert list(tensors) == list(expected)
    matrix, norm = (tensors[name] for name in expected)
    assert (matrix.tensor_type, norm.tensor_type) == (Kind.F16, Kind.F32)
    assert np.array_equal(matrix.data, expected[matrix.name].astype(np.float16))
    assert np.array_equal(norm.data, expected[norm.name])
    assert found.fields["tokenizer.ggml.tokens"].contents() == WORDS
    assert found.fields["llama.rope.freq_base"].contents() == 1e4
    assert found.fields["general.file_type"].contents() == gguf.LlamaFileType.MOSTLY_F16


def test_it_is_written_once_and_named_by_its_content(tmp_path, cache, monkeypatch):
    write(tmp_path / "tiny.gguf")
    first = dequantised(tmp_path / "tiny.gguf")
    assert [path.suffix for path in sorted(cache.iterdir())] == [".gguf", ".lock"]
    monkeypatch.setattr(module, "_write", None)
    (tmp_path / "copy").mkdir()
    copy = (tmp_path / "tiny.gguf").rename(tmp_path / "copy/tiny.gguf")
    assert dequantised(copy) == first
    monkeypatch.undo()
    monkeypatch.setenv("IDEAS_CACHE", str(cache.parent))
    write(copy, Kind.Q4_1)
    assert dequantised(copy) != first


@pytest.mark.parametrize("largest", [0, 4 * 64 * 2])
def test_what_would_be_too_large_stays_as_it_is(tmp_path, cache, monkeypatch, largest):
    monkeypatch.setattr(module, "LARGEST", largest)
    write(tmp_path / "tiny.gguf")
    assert dequantised(tmp_path / "tiny.gguf") == tmp_path / "tiny.gguf"
    assert not cache.exists()


@pytest.mark.parametrize("kind", [Kind.F16, Kind.BF16])
def test_what_is_not_quantised_stays_as_it_is(tmp_path, cache, kind):
    write(tmp_path / "tiny.gguf", kind)
    assert dequantised(tmp_path / "tiny.gguf") == tmp_path / "tiny.gguf"
    assert not cache.exists()


def test_what_only_llama_cpp_reads_stays_as_it_is(tmp_path, monkeypatch):
    def unknown(*_):
        raise NotImplementedError

    write(tmp_path / "tiny.gguf")
    monkeypatch.setattr(gguf, "dequantize", unknown)
    assert dequantised(tmp_path / "tiny.gguf") == tmp_path / "tiny.gguf"


def test_nothing_is_left_of_what_failed(tmp_path, cache, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    write(tmp_path / "tiny.gguf")
    monkeypatch.setattr(gguf.GGUFWriter, "write_tensor_data", full)
    with pytest.raises(FetchFailed, match=r"no room for tiny-.*-f16.gguf .* set IDEAS_CACHE"):
        dequantised(tmp_path / "tiny.gguf")
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


def test_the_disk_is_asked_first(tmp_path, monkeypatch):
    write(tmp_path / "tiny.gguf")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: Usage(100, 99, 1))
    with pytest.raises(FetchFailed, match="no room for tiny"):
        dequantised(tmp_path / "tiny.gguf")
