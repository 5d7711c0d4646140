"""U-Net for segmentation: transposed convolution or interpolation, skip connections by cat, Dice and cross-entropy, IoU."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.utils.data import DataLoader, Dataset


class DoubleConv(nn.Module):
    """(convolution => [BN] => ReLU) * 2"""

    def __init__(self, in_channels, out_channels, mid_channels=None):
        super().__init__()
        if not mid_channels:
            mid_channels = out_channels
        self.double_conv = nn.Sequential(
            nn.Conv2d(in_channels, mid_channels, kernel_size=3, padding="same", bias=False),
            nn.BatchNorm2d(mid_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(mid_channels, out_channels, kernel_size=3, padding=1, padding_mode="reflect"),
            nn.GroupNorm(2, out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(in_channels, out_channels))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, in_channels, out_channels, bilinear=True):
        super().__init__()
        if bilinear:
            self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            self.conv = DoubleConv(in_channels, out_channels, in_channels // 2)
        else:
            self.up = nn.ConvTranspose2d(in_channels, in_channels // 2, kernel_size=2, stride=2)
            self.conv = DoubleConv(in_channels, out_channels)

    def forward(self, x1, x2):
        x1 = self.up(x1)
        diff_y = x2.size()[2] - x1.size()[2]
        diff_x = x2.size()[3] - x1.size()[3]
        x1 = F.pad(x1, [diff_x // 2, diff_x - diff_x // 2, diff_y // 2, diff_y - diff_y // 2])
        return self.conv(torch.cat([x2, x1], dim=1))


class UNet(nn.Module):
    def __init__(self, n_channels, n_classes, bilinear=False, base=4):
        super().__init__()
        self.n_channels, self.n_classes, self.bilinear = n_channels, n_classes, bilinear
        self.inc = DoubleConv(n_channels, base)
        self.down1 = Down(base, base * 2)
        factor = 2 if bilinear else 1
        self.down2 = Down(base * 2, base * 4 // factor)
        self.ups = nn.ModuleList([Up(base * 4, base * 2 // factor, bilinear), Up(base * 2, base, bilinear)])
        self.outc = nn.Conv2d(base, n_classes, kernel_size=1)

    def forward(self, x):
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x = self.down2(x2)
        for up, skip in zip(self.ups, (x2, x1)):
            x = up(x, skip)
        return self.outc(x)


class Discs(Dataset):
    def __init__(self, n, size=19, seed=0):
        g = torch.Generator().manual_seed(seed)
        yy, xx = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
        centre = torch.randint(5, size - 5, (n, 2), generator=g)
        self.masks = ((yy - centre[:, 0, None, None]) ** 2 + (xx - centre[:, 1, None, None]) ** 2 < 16).long()
        self.images = self.masks.unsqueeze(1).float() + 0.5 * torch.randn(n, 1, size, size, generator=g)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, idx):
        return {"image": self.images[idx], "mask": self.masks[idx], "name": f"disc{idx:02d}"}


def dice_loss(logits, target, eps=1e-6):
    probs = logits.softmax(dim=1)
    onehot = F.one_hot(target, num_classes=logits.shape[1]).permute(0, 3, 1, 2).float()
    inter = (probs * onehot).sum(dim=(2, 3))
    union = probs.sum(dim=(2, 3)) + onehot.sum(dim=(2, 3))
    return 1 - ((2 * inter + eps) / (union + eps)).mean()


@torch.inference_mode()
def evaluate(net, loader):
    net.eval()
    inter = union = 0
    for batch in loader:
        pred = net(batch["image"]).argmax(1).bool()
        mask = batch["mask"].bool()
        inter += (pred & mask).sum()
        union += torch.logical_or(pred, mask).sum()
    net.train()
    return (inter / union).item()


for bilinear in (True, False):
    torch.manual_seed(3)
    net = UNet(n_channels=1, n_classes=2, bilinear=bilinear)
    if bilinear:
        print(net)
    print("params", sum(p.numel() for p in net.parameters()))
    train_loader = DataLoader(Discs(24), batch_size=8, shuffle=True)
    val_loader = DataLoader(Discs(8, seed=1), batch_size=8)
    optimizer = optim.AdamW(net.parameters(), lr=1e-2)
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, "max", patience=0, factor=0.5)
    for epoch in range(4):
        for batch in train_loader:
            optimizer.zero_grad()
            out = net(batch["image"])
            loss = F.cross_entropy(out, batch["mask"], ignore_index=255) + dice_loss(out, batch["mask"])
            loss.backward()
            optimizer.step()
        score = evaluate(net, val_loader)
        scheduler.step(score)
        print(f"epoch {epoch} loss {loss.item():.4f} IoU {score:.3f} lr {optimizer.param_groups[0]['lr']:.6f} {batch['name'][:3]}")
    small = F.interpolate(out, size=(7, 7), mode="bicubic", align_corners=False)
    print(out.shape, small.shape, small[0, 1, 3])
    print(F.interpolate(out[:1], scale_factor=0.5, mode="nearest").shape, F.adaptive_max_pool2d(out, 1).flatten()[:4])
