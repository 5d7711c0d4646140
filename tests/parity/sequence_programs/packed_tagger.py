"""A bidirectional tagger of sentences of different lengths: collate, padding, packing, masked loss and accuracy."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence, unpad_sequence
from torch.utils.data import DataLoader, Dataset, random_split

torch.manual_seed(0)
PAD, IGNORE = 0, -100


class Sentences(Dataset):
    def __init__(self, n=64):
        g = torch.Generator().manual_seed(3)
        self.items = []
        for _ in range(n):
            length = int(torch.randint(3, 9, (1,), generator=g))
            words = torch.randint(1, 20, (length,), generator=g)
            tags = (words % 3 + torch.cat([torch.zeros(1, dtype=torch.long), words[:-1] % 2])).long()
            self.items.append((words, tags))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    words, tags = zip(*batch)
    lengths = torch.tensor([len(w) for w in words])
    return pad_sequence(words, batch_first=True, padding_value=PAD), pad_sequence(tags, batch_first=True, padding_value=IGNORE), lengths


class Tagger(nn.Module):
    def __init__(self, vocab=20, dim=12, hidden=10, tags=4):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim, padding_idx=PAD)
        self.lstm = nn.LSTM(dim, hidden, bidirectional=True, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(2 * hidden, tags)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embed(x), lengths, batch_first=True, enforce_sorted=False)
        out, (h, c) = self.lstm(packed)
        out, back = pad_packed_sequence(out, batch_first=True, total_length=x.size(1))
        assert torch.equal(back, lengths)
        return self.out(self.drop(out)), h


train, valid = random_split(Sentences(), [48, 16], generator=torch.Generator().manual_seed(1))
loader = DataLoader(train, batch_size=16, shuffle=True, collate_fn=collate)
model = Tagger()
print(model)
criterion = nn.CrossEntropyLoss(ignore_index=IGNORE, label_smoothing=0.05)
opt = torch.optim.AdamW(model.parameters(), lr=2e-2, weight_decay=1e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=3e-2, epochs=4, steps_per_epoch=len(loader))
for epoch in range(4):
    model.train()
    total = 0.0
    for x, y, lengths in loader:
        scores, _ = model(x, lengths)
        loss = criterion(scores.transpose(1, 2), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item() * len(x)
    model.eval()
    right = count = 0
    with torch.inference_mode():
        for x, y, lengths in DataLoader(valid, batch_size=8, collate_fn=collate):
            scores, h = model(x, lengths)
            mask = y != IGNORE
            right += (scores.argmax(-1)[mask] == y[mask]).sum().item()
            count += mask.sum().item()
    print(f"epoch {epoch} loss {total / len(train):.4f} acc {right}/{count} lr {sched.get_last_lr()[0]:.6f} h {tuple(h.shape)}")
print("pad row gradient:", model.embed.weight.grad[PAD].abs().sum())

seqs = [torch.arange(1.0, 4.0), torch.arange(4.0, 6.0), torch.tensor([6.0])]
packed = pack_sequence(seqs)
print(packed)
print(packed.batch_sizes, packed.sorted_indices)
padded, lens = pad_packed_sequence(packed, padding_value=-1.0)
print(padded, lens)
print(unpad_sequence(padded, lens))
packed = pack_padded_sequence(torch.arange(12.0).view(3, 4), torch.tensor([2, 4, 3]), batch_first=True, enforce_sorted=False)
print(packed.data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices, sep="\n")
try:
    pack_padded_sequence(torch.zeros(3, 4), [2, 4, 3], batch_first=True)
except RuntimeError as e:
    print(str(e)[:50])
try:
    pack_padded_sequence(torch.zeros(3, 4), [2, 4], batch_first=True, enforce_sorted=False)
except RuntimeError as e:
    print(str(e)[:50])
try:
    model(torch.zeros(2, 3), torch.tensor([3, 2]))
except RuntimeError as e:
    print(str(e)[:50])
