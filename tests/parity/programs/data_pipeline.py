"""Data sets, samplers, collate functions, transforms and workers as training scripts write them."""

import random
from collections import Counter

import numpy as np
import torch
from torch.utils.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    get_worker_info,
    random_split,
)


class Compose:
    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, x):
        for t in self.transforms:
            x = t(x)
        return x


class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = torch.tensor(mean).view(-1, 1, 1), torch.tensor(std).view(-1, 1, 1)

    def __call__(self, x):
        return (x - self.mean) / self.std


class RandomFlip:
    def __call__(self, x):
        return torch.flip(x, dims=[-1]) if torch.rand(1) < 0.5 else x


class Pictures(Dataset):
    def __init__(self, n, transform=None, target_transform=None):
        rng = np.random.RandomState(0)
        self.images = rng.randint(0, 256, (n, 4, 4, 3)).astype(np.uint8)
        self.labels = rng.choice(3, n, p=[0.7, 0.2, 0.1])
        self.transform, self.target_transform = transform, target_transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, idx):
        if torch.is_tensor(idx):
            idx = idx.tolist()
        image = torch.from_numpy(self.images[idx].transpose(2, 0, 1)).float().div(255)
        if self.transform:
            image = self.transform(image)
        label = int(self.labels[idx])
        if self.target_transform:
            label = self.target_transform(label)
        return image, label


class LengthSampler(Sampler):
    def __init__(self, lengths):
        self.lengths = lengths

    def __iter__(self):
        return iter(sorted(range(len(self.lengths)), key=lambda i: -self.lengths[i]))

    def __len__(self):
        return len(self.lengths)


class Stream(IterableDataset):
    def __init__(self, start, end):
        self.start, self.end = start, end

    def __iter__(self):
        info = get_worker_info()
        if info is None:
            return iter(range(self.start, self.end))
        per = (self.end - self.start) // info.num_workers
        return iter(range(self.start + info.id * per, self.start + (info.id + 1) * per))


def pad_collate(batch):
    sequences, labels = zip(*batch)
    lengths = torch.tensor([len(s) for s in sequences])
    padded = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True, padding_value=-1)
    return padded, lengths, torch.stack(labels)


def seed_worker(worker_id):
    worker_seed = torch.initial_seed() % 2**32
    np.random.seed(worker_seed)
    random.seed(worker_seed)


torch.manual_seed(0)
transform = Compose([RandomFlip(), Normalize([0.5, 0.5, 0.5], [0.25, 0.25, 0.25])])
data = Pictures(40, transform=transform, target_transform=lambda y: y * 10)
image, label = data[torch.tensor(3)]
print(len(data), image.shape, image.dtype, label, f"{image.mean():.4f}")

train, val, test = random_split(data, [24, 8, 8], generator=torch.Generator().manual_seed(42))
print(len(train), val.indices, type(train).__name__)
print([len(s) for s in random_split(range(11), [0.5, 0.3, 0.2])])
for images, labels in DataLoader(train, batch_size=10, shuffle=True):
    print(images.shape, labels.dtype, labels.tolist(), f"{images.sum():.3f}")

counts = Counter(data.labels.tolist())
weights = [1.0 / counts[y] for y in data.labels.tolist()]
sampler = WeightedRandomSampler(weights, num_samples=60, replacement=True)
balanced = torch.cat([labels for _, labels in DataLoader(data, batch_size=20, sampler=sampler)])
print(sorted(counts.items()), torch.bincount(balanced // 10, minlength=3))

sequences = [torch.arange(n) for n in (3, 1, 4, 1, 5)]
pairs = [(s, torch.tensor(len(s) % 2)) for s in sequences]
for padded, lengths, labels in DataLoader(pairs, batch_size=2, sampler=LengthSampler([len(s) for s in sequences]), collate_fn=pad_collate):
    print(padded.tolist(), lengths, labels)
packed = torch.nn.utils.rnn.pack_padded_sequence(padded.float(), lengths, batch_first=True, enforce_sorted=False)
print(packed.data, packed.batch_sizes)

g = torch.Generator()
g.manual_seed(0)
tensors = TensorDataset(torch.arange(12.0), torch.arange(12) % 3)
loader = DataLoader(tensors, batch_size=5, num_workers=2, worker_init_fn=seed_worker, generator=g, shuffle=True, persistent_workers=False)
print([batch[0].tolist() for batch in loader], len(loader))
print([batch.tolist() for batch in DataLoader(Stream(0, 8), batch_size=3)])
print(sorted(x for batch in DataLoader(Stream(0, 8), batch_size=2, num_workers=2) for x in batch.tolist()))

print(list(BatchSampler(SequentialSampler(range(7)), batch_size=3, drop_last=False)))
print(list(RandomSampler(range(5), generator=torch.Generator().manual_seed(1))))
print(list(SubsetRandomSampler([4, 8, 15], generator=torch.Generator().manual_seed(1))))
both = ConcatDataset([Subset(tensors, [0, 2]), tensors])
print(len(both), both[1], both[-1], both.cumulative_sizes)
print(default_collate([{"x": 1.5, "y": [1, 2], "s": "a"}, {"x": 2.5, "y": [3, 4], "s": "b"}]))
print(default_collate([(np.float32(1), np.ones(2)), (np.float32(2), np.zeros(2))]))
iterator = iter(DataLoader(tensors, batch_size=4))
print(next(iterator))
try:
    DataLoader(tensors, shuffle=True, sampler=SequentialSampler(tensors))
except ValueError as e:
    print(e)
try:
    default_collate([torch.ones(2), torch.ones(3)])
except RuntimeError as e:
    print(str(e)[:60])
try:
    TensorDataset(torch.ones(2), torch.ones(3))
except AssertionError as e:
    print(e)

folds = np.array_split(np.random.RandomState(0).permutation(12), 3)
for k, held_out in enumerate(folds):
    rest = np.concatenate([f for i, f in enumerate(folds) if i != k])
    x_train, y_train = tensors[torch.as_tensor(rest)]
    loader = DataLoader(Subset(tensors, held_out.tolist()), batch_size=len(held_out))
    print(k, x_train.shape, y_train.float().mean().item(), next(iter(loader))[0].tolist())
