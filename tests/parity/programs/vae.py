"""An autoencoder and a variational autoencoder of digits: reparameterisation, KL in closed form and by distributions, sampling."""

import argparse

import torch
import torch.utils.data
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

parser = argparse.ArgumentParser(description="VAE")
parser.add_argument("--batch-size", type=int, default=100)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--no-cuda", action="store_true", default=False)
args = parser.parse_args()
args.cuda = not args.no_cuda and torch.cuda.is_available()
torch.manual_seed(1)
device = torch.device("cuda" if args.cuda else "cpu")
kwargs = {"num_workers": 1, "pin_memory": True} if args.cuda else {}
data = torch.as_tensor(load_digits().data[:500] / 16).float()
train_loader = torch.utils.data.DataLoader(data, batch_size=args.batch_size, shuffle=True, **kwargs)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 40)
        self.fc21 = nn.Linear(40, 4)
        self.fc22 = nn.Linear(40, 4)
        self.fc3 = nn.Linear(4, 40)
        self.fc4 = nn.Linear(40, 64)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 64))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    bce = F.binary_cross_entropy(recon_x, x.view(-1, 64), reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + kld, kld


model = VAE().to(device)
optimizer = optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(1, args.epochs + 1):
    model.train()
    train_loss = 0
    for batch_idx, data_ in enumerate(train_loader):
        data_ = data_.to(device)
        optimizer.zero_grad()
        recon_batch, mu, logvar = model(data_)
        loss, kld = loss_function(recon_batch, data_, mu, logvar)
        loss.backward()
        train_loss += loss.item()
        optimizer.step()
        if batch_idx % 2 == 0:
            percent = 100.0 * batch_idx / len(train_loader)
            print(f"Train Epoch: {epoch} ({percent:.0f}%)\tLoss: {loss.item() / len(data_):.4f} KL {kld.item() / len(data_):.4f}")
    print(f"====> Epoch: {epoch} Average loss: {train_loss / len(train_loader.dataset):.4f}")

with torch.no_grad():
    q = Normal(mu, torch.exp(0.5 * logvar))
    p = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    print(q, kl_divergence(q, p).sum().item(), kld.item())
    print(q.log_prob(mu).mean(), q.entropy().mean())
    torch.manual_seed(5)
    sample = torch.randn(4, 4).to(device)
    print(model.decode(sample).cpu().view(4, 1, 8, 8)[0, 0, :3])
    print(q.rsample().std(0), q.sample((2,)).shape)


class Autoencoder(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.ELU(), nn.Flatten(start_dim=1), nn.Linear(64, latent))
        self.decoder = nn.Sequential(
            nn.Linear(latent, 64), nn.ELU(), nn.Unflatten(1, (4, 4, 4)), nn.ConvTranspose2d(4, 1, 3, 2, 1, output_padding=1), nn.Sigmoid()
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


ae = Autoencoder()
print(ae)
opt = optim.Adam(ae.parameters(), lr=1e-2, betas=(0.5, 0.999), amsgrad=True)
clean = data[:200].reshape(-1, 1, 8, 8)
for epoch in range(10):
    noisy = (clean + 0.2 * torch.randn_like(clean)).clamp_(0.0, 1.0)
    loss = F.mse_loss(ae(noisy), clean)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 3 == 0:
        print(f"denoising {epoch}: {loss:.5f} psnr {-10 * torch.log10(loss.detach()):.3f}")
