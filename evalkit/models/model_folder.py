"""Find a model on this machine, compute its fingerprint, and read its weights without running code from it."""

import hashlib
import importlib.util
import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from evalkit.errors import InputError, SettingError
from evalkit.files import errors_of
from evalkit.models.batching import is_out_of_memory
from evalkit.models.runtime import Runtime
from evalkit.version import install_hint

PACKAGES = ("torch", "transformers", "safetensors")

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
#: Files that decide what a model computes: weights, configuration, tokenizer.
_DECISIVE = {".safetensors", ".bin", ".ckpt", ".pt", ".json", ".yaml", ".yml", ".model", ".txt", ".spm"}
_TRAINING = re.compile(r"(optimizer|scheduler|rng_state|training_args|trainer_state|events\.)", re.IGNORECASE)
#: The first bytes of a file that is a pointer to the storage of Git LFS.
_POINTER = b"version https://git-lfs"
#: Other formats of the same weights, which are neither read nor downloaded.
OTHER_FORMATS = ("*.h5", "*.msgpack", "*.onnx", "*.gguf", "*.ot", "onnx/*", "openvino/*", "*.tflite", "coreml/*")
#: Models whose license forbids commercial use, by a part of their names.
_NON_COMMERCIAL = re.compile(r"cometkiwi|xcomet", re.IGNORECASE)


def missing_packages(extra: str) -> list[str]:
    """Return the packages of the extra ``neural`` or ``judge`` that are not installed."""
    wanted = PACKAGES if extra == "neural" else ("httpx2",)
    return [name for name in wanted if importlib.util.find_spec(name) is None]


def check_packages(metric: str) -> None:
    """Refuse a metric that needs a package that is not installed."""
    missing = missing_packages("neural")
    if missing:
        raise SettingError(f"{metric} needs {', '.join(missing)}: {install_hint('neural')}")


@dataclass(frozen=True)
class ModelFolder:
    """A model on this machine.

    :param name: the requested name: a name on the hub, or a folder.
    :param fingerprint: ``commit:`` and the hub's commit, or ``sha256:`` over weights, configuration and tokenizer.
    """

    name: str
    path: Path
    fingerprint: str


def find_model(name: str, runtime: Runtime, *, weights: bool = True) -> ModelFolder:
    """A folder, or a model of the hub that is in the cache; downloaded only if ``runtime.download`` says so.

    :param weights: whether more than the configuration and the tokenizer is needed.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        folder = ModelFolder(name, path, _folder_fingerprint(path, name))
    elif path.exists():
        raise InputError(f"{name}: this is a file; name the folder of a model")
    elif name.startswith(("/", ".", "~")) or "\\" in name or not _HUB_NAME.fullmatch(name):
        raise InputError(f"{name}: neither a folder nor the name of a model on the hub")
    else:
        cached = _in_cache(name)
        if cached is None and not runtime.download:
            raise InputError(
                f"the model {name} is not on this machine; download it with --download (in Python: "
                "runtime=Runtime(download=True)), or give the path of a folder"
            )
        path = _download(name, runtime, weights, cached) if runtime.download else cached  # type: ignore[assignment]
        commit = path.name if _COMMIT.fullmatch(path.name) else None
        folder = ModelFolder(name, path, f"commit:{commit}" if commit else _folder_fingerprint(path, name))
    if weights and (license := _license(folder)):
        runtime.tell(license)
    return folder


def _in_cache(name: str) -> Path | None:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except Exception:  # the kinds of error changed with the versions of the package; all mean that it is not there
        return None


def _download(name: str, runtime: Runtime, weights: bool, cached: Path | None) -> Path:
    """Download what is missing of a model, after saying how large it is and under which license."""
    from huggingface_hub import HfApi, snapshot_download

    try:
        info = HfApi().model_info(name, files_metadata=True)
        files = [file.rfilename for file in info.siblings or []]
        left_out = list(OTHER_FORMATS)
        if not weights:
            left_out += ["*.safetensors", "*.bin", "*.ckpt", "*.pt"]
        elif any(file.endswith(".safetensors") for file in files):
            left_out.append("*.bin")
        wanted = [file for file in info.siblings or [] if not any(Path(file.rfilename).match(p) for p in left_out)]
        size = sum(file.size or 0 for file in wanted)
        card: Mapping[str, Any] = info.card_data.to_dict() if info.card_data else {}
        license = card.get("license_name") or card.get("license") or "not stated"
        runtime.tell(f"downloading {name}: {size / 1e9:,.2f} GB, license {license}")
        return Path(snapshot_download(name, revision=info.sha, ignore_patterns=left_out))
    except Exception as error:
        if cached is not None:
            runtime.tell(f"{name}: the hub cannot be reached ({first_line(error)}); the model in the cache is used")
            return cached
        raise InputError(f"{name}: cannot be downloaded: {first_line(error)}") from None


def _license(folder: ModelFolder) -> str | None:
    """A sentence on a license that forbids commercial use."""
    stated = ""
    readme = folder.path / "README.md"
    if readme.is_file():
        text = readme.read_text(encoding="utf-8", errors="replace")[:5000]
        match = re.search(r"^license(?:_name)?:\s*(\S+)", text, re.MULTILINE)
        stated = match[1] if match else ""
    short_name = folder.name.rstrip("/").rsplit("/", 1)[-1]
    if re.search(r"(?<![a-z])nc(?![a-z])", stated, re.IGNORECASE) or (
        not stated and _NON_COMMERCIAL.search(short_name)
    ):
        return f"{folder.name}: its license ({stated or 'CC BY-NC-SA 4.0'}) allows no commercial use"
    return None


def _folder_fingerprint(path: Path, name: str) -> str:
    files = [
        f
        for f in sorted(path.rglob("*"))
        if f.suffix in _DECISIVE and f.is_file() and not _TRAINING.search(f.name) and ".git" not in f.parts
    ]
    if any(f.suffix == ".safetensors" for f in files):  # other weights are not read
        files = [f for f in files if f.suffix not in (".bin", ".ckpt", ".pt")]
    if not files:
        raise InputError(f"{name}: this folder contains no model (no weights and no configuration)")
    with errors_of("read", name):
        return _hash_files(path, tuple((str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files))


@lru_cache(maxsize=16)
def _hash_files(folder: Path, state: tuple[tuple[str, int, int], ...]) -> str:
    """SHA-256 of names and contents; it is computed again if a size or a time in ``state`` changes."""
    total = hashlib.sha256()
    for name, _, _ in state:
        digest = hashlib.sha256()
        with Path(name).open("rb") as file:
            while piece := file.read(1 << 22):
                digest.update(piece)
        total.update(f"{Path(name).relative_to(folder).as_posix()}\n{digest.hexdigest()}\n".encode())
    return f"sha256:{total.hexdigest()}"


def read_config(path: Path, *, what: str) -> dict[str, Any]:
    """A JSON or YAML file with one mapping, such as ``hparams.yaml`` of the model that ``what`` names in messages."""
    import yaml

    if not path.is_file():
        raise InputError(f"{path.parent}: not {what}: it has no {path.name}")
    with _refused(f"{path}: damaged"):
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    if not isinstance(content, dict):
        raise InputError(f"{path}: damaged: not a mapping of settings")
    return content


def read_weights(folder: Path, names: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tensors and stored settings of the first of these files that exists; no code of a checkpoint is run."""
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        raise InputError(f"{folder}: no weights: none of {', '.join(names)} exists")
    with path.open("rb") as file:
        pointer = file.read(len(_POINTER)) == _POINTER
    if pointer:
        raise InputError(f"{path}: a pointer of Git LFS instead of the weights; fetch them with git lfs pull")
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        with _refused(f"{path}: damaged"):
            return dict(load_file(path)), {}
    import torch

    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        if "weights_only" in str(error) or "Unsupported" in str(error):
            raise InputError(
                f"{path}: holds more than tensors and plain values, or is damaged, and is not read, since that could run "
                "code; save its state_dict as checkpoints/model.safetensors"
            ) from None
        raise InputError(f"{path}: damaged: {first_line(error)}") from None
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not all(isinstance(t, torch.Tensor) for t in state.values()):
        raise InputError(f"{path}: damaged: no tensors by name")
    settings = content.get("hyper_parameters")
    return state, dict(settings) if isinstance(settings, dict) else {}


@contextmanager
def model_errors(name: str, what: str) -> Iterator[None]:
    """Convert errors while a model is read to one sentence, because torch and transformers raise almost anything."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    except (InputError, SettingError):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise InputError(
                f"{name}: not enough memory to load the model; use --dtype bfloat16, a smaller model or another --device"
            ) from None
        reason = first_line(error)
        if "trust_remote_code" in str(error) or "custom code" in str(error):
            reason = "it needs custom code, which evalkit never runs"
        if "ignore_mismatched_sizes" in str(error):
            reason = "the weights do not have the sizes that config.json states"
        raise InputError(f"{name}: not {what}, or damaged: {reason}") from None


@contextmanager
def _refused(problem: str) -> Iterator[None]:
    """Convert any error of a block to one sentence that begins with the problem."""
    try:
        yield
    except Exception as error:
        raise InputError(f"{problem}: {first_line(error)}") from None


def single_tokenizer(path: Path) -> Any:
    """The ``tokenizers.Tokenizer`` of a folder, without truncation and padding."""
    file = path / "tokenizer.json"
    if file.is_file():
        from tokenizers import Tokenizer

        with _refused(f"{file}: damaged"):
            tokenizer = Tokenizer.from_file(str(file))
    elif not any(vocabulary for pattern in ("*.model", "vocab.*") for vocabulary in path.glob(pattern)):
        # transformers 5 would create an empty tokenizer.
        raise InputError(f"{path}: no tokenizer: none of tokenizer.json, vocab.* and *.model exists")
    else:
        from transformers import AutoTokenizer

        with _refused(f"{path}: no tokenizer that can be read"):
            loaded = AutoTokenizer.from_pretrained(str(path), local_files_only=True, trust_remote_code=False)
            tokenizer = loaded.backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def first_line(error: BaseException) -> str:
    """What an error says, on one line."""
    return textwrap.shorten(str(error), 200, placeholder=" …") or type(error).__name__
