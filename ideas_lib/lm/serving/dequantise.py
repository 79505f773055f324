"""Writes a quantised GGUF file with its weights in 16 bits, so that scores come out exact.

llama.cpp multiplies quantised weights by activations that it rounds to 8 bits: that, and not the
weights, moves a token's log-probability by about 0.1 nats, and now and then by more than one. By
16-bit weights it multiplies activations as they are: the same model, without the rounding.
"""

import contextlib
import errno
import functools
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Kind
from tqdm import tqdm

from ideas_lib.caching import cache_folder
from ideas_lib.lm.serving.weights import FetchFailed, alone

__all__ = ["LARGEST", "dequantised"]

LARGEST = 4_000_000_000  # bytes in 16 bits: about two billion weights
ROWS = 1 << 22  # weights at a time
PLAIN = {Kind.F32, Kind.F16, Kind.BF16, Kind.F64, Kind.I8, Kind.I16, Kind.I32, Kind.I64}
MOST_IN_F16 = np.finfo(np.float16).max


def dequantised(path: Path) -> Path:
    """Return a GGUF file with the weights of `path` in 16 bits, written once into the cache.

    The file itself, where its weights are not quantised, would take more than LARGEST bytes in 16
    bits, or are quantised in a way that only llama.cpp reads. Written under the name of its
    content's SHA-256, by one process at a time, and never seen half-written. Raises FetchFailed
    where the disk has no room.
    """
    stat = path.stat()
    version = (path, stat.st_size, stat.st_mtime_ns)
    key = _key(*version)
    target = cache_folder() / "models" / f"{path.stem.removesuffix(f'-{key}')}-{key}-f16.gguf"
    if target.is_file():
        return target
    room = _room(*version)
    if not 0 < room <= LARGEST:
        return path
    target.parent.mkdir(parents=True, exist_ok=True)
    with alone(target, "writes"):
        if not target.is_file():  # another process may have written it meanwhile
            _write(path, target, room)
    return target


@functools.cache
def _key(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


@functools.cache
def _room(path: Path, size: int, changed: int) -> int:
    """Bytes that the tensors take in 16 bits, or 0 where they are so already or unreadable."""
    tensors = gguf.GGUFReader(path).tensors
    kinds = {tensor.tensor_type: tensor for tensor in tensors if tensor.tensor_type not in PLAIN}
    for kind, tensor in kinds.items():
        try:
            gguf.dequantize(tensor.data.reshape(-1, tensor.data.shape[-1])[:1], kind)
        except NotImplementedError:
            return 0
    return sum(map(_size, tensors)) if kinds else 0


def _size(tensor: gguf.ReaderTensor) -> int:
    return int(tensor.n_bytes if tensor.tensor_type in PLAIN else 2 * tensor.n_elements)


def _write(path: Path, target: Path, room: int) -> None:
    if shutil.disk_usage(target.parent).free < 1.1 * room:
        raise _full(target, room)
    source, part = gguf.GGUFReader(path), target.with_suffix(".part")
    try:
        name = source.fields["general.architecture"].contents()
        with contextlib.closing(gguf.GGUFWriter(part, name)) as writer:
            _describe(writer, source)
            _fill(writer, source, target.stem, room)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _full(target, room) from error
        raise
    finally:
        part.unlink(missing_ok=True)


def _full(target: Path, room: int) -> FetchFailed:
    return FetchFailed(
        f"no room for {target.name} ({room / 1e6:.0f} MB), the weights in 16 bits, in "
        f"{target.parent}: free some, or set IDEAS_CACHE to a folder on another disk"
    )


def _describe(writer: gguf.GGUFWriter, source: gguf.GGUFReader) -> None:
    for name, field in source.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue  # the writer's own
        kind, value = field.types[0], field.contents()
        if name == "general.alignment":
            writer.add_custom_alignment(value)
        elif name == "general.file_type":
            writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
        else:
            array = kind is gguf.GGUFValueType.ARRAY
            writer.add_key_value(name, value, kind, field.types[-1] if array else None)


def _fill(writer: gguf.GGUFWriter, source: gguf.GGUFReader, name: str, room: int) -> None:
    for tensor in source.tensors:
        shape = [int(each) for each in reversed(tensor.shape)]
        kind = tensor.tensor_type if tensor.tensor_type in PLAIN else Kind.F16
        writer.add_tensor_info(
            tensor.name, shape, np.dtype(np.float16), _size(tensor), raw_dtype=kind
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    with tqdm(total=room, desc=name, unit="B", unit_scale=True, delay=2, leave=False) as bar:
        for tensor in source.tensors:
            plain = tensor.tensor_type in PLAIN
            values = tensor.data if plain else np.concatenate([*_halves(tensor)])
            writer.write_tensor_data(np.ascontiguousarray(values))
            bar.update(_size(tensor))


def _halves(tensor: gguf.ReaderTensor) -> Iterator[np.ndarray]:
    """The tensor's values in 16 bits, some rows at a time: in 32 they may take gigabytes."""
    rows = tensor.data.reshape(-1, tensor.data.shape[-1])
    step = max(1, ROWS // int(tensor.shape[0]))
    for start in range(0, len(rows), step):
        values = gguf.dequantize(rows[start : start + step], tensor.tensor_type)
        # No trained weight is near this; one beyond it would become infinite.
        yield values.clip(-MOST_IN_F16, MOST_IN_F16).astype(np.float16)
