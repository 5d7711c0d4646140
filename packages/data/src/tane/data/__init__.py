"""Datasets, samplers and loaders, in PyTorch's spelling; ``tane.utils.data`` is the same module."""

from __future__ import annotations

from tane.data.collate import default_collate, default_convert
from tane.data.combined import ChainDataset, ConcatDataset, StackDataset
from tane.data.dataloader import DataLoader
from tane.data.dataset import Dataset, IterableDataset, TensorDataset
from tane.data.distributed import DistributedSampler
from tane.data.sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler, SubsetRandomSampler, WeightedRandomSampler
from tane.data.subset import Subset, random_split
from tane.data.worker import get_worker_info

__all__ = [
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "DistributedSampler",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "default_collate",
    "default_convert",
    "get_worker_info",
    "random_split",
]
