"""nn.MultiheadAttention, nn.TransformerEncoder and nn.Transformer with masks; sinusoidal positions; classification and translation."""

import math

import torch
from torch import nn
from torch.nn import (
    MultiheadAttention,
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model: int, dropout: float = 0.1, max_len: int = 50):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(position * div_term)
        pe[:, 0, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return self.dropout(x + self.pe[: x.size(0)])


class Classifier(nn.Module):
    def __init__(self, vocab=20, d=16):
        super().__init__()
        self.d = d
        self.embedding = nn.Embedding(vocab, d, padding_idx=0)
        self.pos = PositionalEncoding(d)
        layer = TransformerEncoderLayer(d, 4, 32, 0.1, batch_first=False, norm_first=True, activation="gelu")
        self.encoder = TransformerEncoder(layer, 2, norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.fc = nn.Linear(d, 2)

    def forward(self, src):
        mask = src == 0
        x = self.pos(self.embedding(src.t()) * math.sqrt(self.d))
        x = self.encoder(x, src_key_padding_mask=mask)
        keep = (~mask).t().unsqueeze(-1).float()
        return self.fc((x * keep).sum(0) / keep.sum(0))


torch.manual_seed(0)
model = Classifier()
print(model)
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(12):
    x = torch.randint(1, 20, (16, 10))
    x[torch.arange(10) >= torch.randint(4, 11, (16, 1))] = 0
    y = (x.sum(1) > 70).long()
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 4 == 3:
        print(epoch, round(loss.item(), 4))

mha = MultiheadAttention(8, 2, batch_first=True, kdim=6, vdim=5)
print(mha, [(n, tuple(p.shape)) for n, p in mha.named_parameters()])
q, k, v = torch.randn(2, 3, 8), torch.randn(2, 4, 6), torch.randn(2, 4, 5)
out, w = mha(q, k, v, key_padding_mask=torch.tensor([[False, False, True, True], [False] * 4]))
print(out.shape, w)
out, w = mha(q, k, v, average_attn_weights=False, attn_mask=torch.zeros(3, 4).masked_fill(torch.ones(3, 4).triu(2) == 1, -torch.inf))
print(w.shape, w[0, 0])
try:
    MultiheadAttention(10, 3)
except AssertionError as e:
    print(str(e)[:50])
try:
    mha(q, k, v, attn_mask=torch.zeros(2, 2))
except RuntimeError as e:
    print(str(e)[:50])

print(nn.Transformer.generate_square_subsequent_mask(4))
translator = Transformer(d_model=16, nhead=2, num_encoder_layers=1, num_decoder_layers=1, dim_feedforward=32, dropout=0.0, batch_first=True)
print(translator)
src, tgt = torch.randn(2, 5, 16), torch.randn(2, 4, 16)
tgt_mask = translator.generate_square_subsequent_mask(4)
out = translator(src, tgt, tgt_mask=tgt_mask, tgt_is_causal=True)
out.square().mean().backward()
print(out.shape, out.abs().mean(), sum(p.grad.abs().sum() for p in translator.parameters()))
decoder = TransformerDecoder(TransformerDecoderLayer(16, 4, 24, batch_first=True), 2).eval()
with torch.no_grad():
    full = decoder(tgt, src, tgt_mask=tgt_mask)
    part = decoder(tgt[:, :2], src, tgt_mask=tgt_mask[:2, :2])
print(torch.allclose(full[:, :2], part, atol=1e-6), full[0, 0, :4])
model.eval()
with torch.no_grad():
    print(model(x)[:3])
