"""A convolutional classifier of handwritten digits, trained and tested epoch by epoch."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(42)
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("Using device:", device)


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels, dropout=0.1):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(out_channels)
        self.act = nn.LeakyReLU(0.1, inplace=True)
        self.drop = nn.Dropout2d(dropout)

    def forward(self, x):
        return self.drop(self.act(self.bn(self.conv(x))))

    def extra_repr(self):
        return f"in={self.conv.in_channels}, out={self.conv.out_channels}"


class Net(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.features = nn.Sequential(
            ConvBlock(1, 8), nn.MaxPool2d(2), ConvBlock(8, 16), nn.AdaptiveAvgPool2d((2, 2)), nn.AvgPool2d(kernel_size=2, stride=1)
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(16, 32), nn.ReLU(), nn.Dropout(p=0.25), nn.Linear(32, num_classes))

    def forward(self, x):
        return self.classifier(self.features(x))


def init_weights(m):
    if isinstance(m, nn.Conv2d):
        nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(m, nn.BatchNorm2d):
        nn.init.constant_(m.weight, 1)
        nn.init.constant_(m.bias, 0)
    elif isinstance(m, nn.Linear):
        nn.init.xavier_uniform_(m.weight)
        m.bias.data.fill_(0.01)


digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16.0
labels = torch.from_numpy(digits.target).long()
dataset = TensorDataset(images[:600], labels[:600])
train_set, test_set = random_split(dataset, [0.8, 0.2], generator=torch.Generator().manual_seed(0))
print(len(train_set), len(test_set))
train_loader = DataLoader(train_set, batch_size=64, shuffle=True, drop_last=True)
test_loader = DataLoader(test_set, batch_size=100)

model = Net().to(device)
model.apply(init_weights)
print(model)
total = sum(p.numel() for p in model.parameters())
trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
print(f"Total params: {total:,} (trainable {trainable:,})")
for name, p in model.named_parameters():
    print(f"{name:32s} {tuple(p.shape)!s:20s} {p.dtype} {p.data.norm():.4f}")

criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-4)
print(optimizer)


def train(epoch):
    model.train()
    running = 0.0
    for batch_idx, (data, target) in enumerate(train_loader):
        data, target = data.to(device, non_blocking=True), target.to(device)
        optimizer.zero_grad(set_to_none=True)
        output = model(data)
        loss = criterion(output, target)
        loss.backward()
        optimizer.step()
        running += loss.item() * data.size(0)
        if batch_idx % 3 == 0:
            done = batch_idx * len(data)
            print(f"Train Epoch: {epoch} [{done}/{len(train_loader.dataset)}]\tLoss: {loss.item():.4f}")
    return running / len(train_loader.dataset)


@torch.no_grad()
def test():
    model.eval()
    test_loss, correct = 0, 0
    confusion = torch.zeros(10, 10, dtype=torch.int64)
    for data, target in test_loader:
        output = model(data.to(device))
        test_loss += F.cross_entropy(output, target, reduction="sum").item()
        pred = output.argmax(dim=1, keepdim=True)
        correct += pred.eq(target.view_as(pred)).sum().item()
        confusion += torch.bincount(target * 10 + pred.squeeze(1), minlength=100).reshape(10, 10)
    print(f"Test set: Average loss: {test_loss / len(test_loader.dataset):.4f}, Accuracy: {correct}/{len(test_loader.dataset)}")
    return confusion


for epoch in range(1, 4):
    print(f"epoch {epoch}: {train(epoch):.4f}")
    confusion = test()
print(confusion)
print((confusion.diag().float() / confusion.sum(1).clamp(min=1)).numpy().round(3))
