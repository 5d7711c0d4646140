"""What tane-data offers: datasets made of datasets, and the loader."""

from __future__ import annotations

from collections.abc import Mapping

from tane.plugins import hookimpl

tane_api_version = 1

DATASETS = {
    "ChainDataset": "combined",
    "ConcatDataset": "combined",
    "StackDataset": "combined",
    "Subset": "subset",
    "TensorDataset": "dataset",
}


@hookimpl
def tane_datasets() -> Mapping[str, object]:
    return {name: f"tane.data.{module}:{name}" for name, module in DATASETS.items()}


@hookimpl
def tane_loaders() -> Mapping[str, object]:
    return {"DataLoader": "tane.data.dataloader:DataLoader"}
