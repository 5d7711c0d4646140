"""The 250 PyTorch names that real programs use most, by rank, each with a program that uses it and the keyword arguments it is seen with.

A program assigns what is to be compared to ``r``. It sees ``torch`` (PyTorch or tane), ``nn``, ``F``, ``optim``, and fresh data: ``x`` (3 by 4, float32), ``v`` (6),
``i`` (whole numbers), ``p`` (a 3 by 4 leaf that requires grad), ``image`` (2, 3, 8, 8), ``tmp`` (a folder).
"""

NAMES = [
    line.split(" :: ", 1)
    for line in r"""
nn.Module :: class M(nn.Module):\n  def __init__(self):\n    super().__init__(); self.l = nn.Linear(4, 2)\n  def forward(self, x): return self.l(x)\nm = M(); r = [m(x), repr(m)]
nn.Linear :: r = [nn.Linear(4, 2, bias=True)(x), nn.Linear(in_features=4, out_features=2, bias=False, dtype=torch.float64).weight]
Tensor.shape :: r = [x.shape, x.shape[0], repr(x.shape)]
x[idx] = y :: x[1] = 5.0; x[:, 2] = v[:3]; x[i[:2], i[1:3]] = 7; r = x
Module.parameters :: m = nn.Linear(4, 2); r = [list(m.parameters()), list(m.parameters(recurse=False))]
Tensor.backward :: y = (p * p).sum(); y.backward(retain_graph=True); y.backward(gradient=torch.tensor(2.0)); r = p.grad
Optimizer.step :: o = optim.SGD([p], lr=0.1)\ndef closure():\n  o.zero_grad(); l = (p * p).sum(); l.backward(); return l\nr = [o.step(closure=closure), p]
Tensor.data :: p.data.mul_(2); p.data = p.data + 1; r = p
torch.no_grad :: with torch.no_grad():\n  y = p * 2\nr = y.requires_grad
zero_grad :: o = optim.SGD([p], lr=0.1); p.sum().backward(); o.zero_grad(set_to_none=False); r = p.grad
Tensor.view :: r = [x.view(2, 6), x.view(-1), x.view(dtype=torch.int32), x.view((4, -1))]
nn.Sequential :: m = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)); r = [m(x), len(m), repr(m[0:2])]
Tensor.to :: r = [x.to(torch.float64), x.to('cpu', non_blocking=True), x.to(device='cpu', dtype=torch.int64), x.to(dtype=torch.float32, copy=True)]
Tensor.size :: r = [x.size(), x.size(1), x.size(-1), x.size(dim=0)]
Tensor.item :: r = [x.sum().item(), i[0].item(), (x > 0)[0, 0].item()]
torch.cat :: r = [torch.cat([x, x]), torch.cat((x, x), dim=1), torch.cat([x, x], axis=-1)]
torch.zeros :: r = [torch.zeros(2, 3), torch.zeros((2,), dtype=torch.long, device='cpu'), torch.zeros(size=(2, 2), requires_grad=True)]
torch.Tensor :: r = [torch.Tensor([1, 2]), torch.Tensor(2, 3).shape, torch.Tensor([[1.5]]).dtype, isinstance(x, torch.Tensor)]
Tensor.device :: r = [str(x.device), x.device.type, repr(x.device)]
torch.tensor :: r = [torch.tensor([1, 2]), torch.tensor(1.5, dtype=torch.float64, device='cpu', requires_grad=True), torch.tensor([[True]])]
Tensor.mean :: r = [x.mean(), x.mean(dim=1, keepdim=True), x.mean((0, 1)), x.mean(axis=0)]
optim.Adam :: o = optim.Adam(params=[p], lr=0.1, betas=(0.8, 0.9), eps=1e-6, weight_decay=0.1)\nfor _ in range(3):\n  o.zero_grad(); (p ** 2).sum().backward(); o.step()\nr = p
utils.data.DataLoader :: d = torch.utils.data.TensorDataset(x, i[:3]); r = list(torch.utils.data.DataLoader(dataset=d, batch_size=2, shuffle=True, num_workers=0, pin_memory=False, drop_last=False))
Tensor.grad :: (p * x).sum().backward(); g = p.grad; p.grad = None; r = [g, p.grad]
cuda.is_available :: r = torch.cuda.is_available()
nn.Conv2d :: r = [nn.Conv2d(3, 4, 3, padding=1, stride=2)(image), nn.Conv2d(in_channels=3, out_channels=6, kernel_size=3, groups=3, bias=False, padding_mode='zeros')(image)]
Module.eval :: m = nn.Dropout(0.5); m.eval(); r = [m(x), m.training]
nn.ReLU :: r = [nn.ReLU()(x - 1), nn.ReLU(inplace=True)(x - 1), repr(nn.ReLU(inplace=True))]
nn.Parameter :: q = nn.Parameter(x.clone(), requires_grad=False); r = [q, repr(nn.Parameter(v)), q.requires_grad]
Tensor.sum :: r = [x.sum(), x.sum(dim=1, keepdim=True), x.sum(0), x.sum(axis=1, keepdims=True), i.sum()]
Tensor.numpy :: a = x.numpy(); a[0, 0] = 9; r = [x, type(a).__name__]
Optimizer.param_groups :: o = optim.SGD([{'params': [p]}], lr=0.1, momentum=0.9); o.param_groups[0]['lr'] = 0.01; r = [sorted(o.param_groups[0])[:3], o.param_groups[0]['lr']]
torch.zeros_like :: r = [torch.zeros_like(x), torch.zeros_like(x, memory_format=torch.preserve_format, dtype=torch.int64, device='cpu')]
torch.device :: r = [repr(torch.device('cpu')), str(torch.device('cuda:1')), torch.device('cuda', 0) == torch.device('cuda:0')]
Tensor.unsqueeze :: r = [x.unsqueeze(0), x.unsqueeze(-1), x.unsqueeze(dim=1)]
torch.randn :: r = [torch.randn(3), torch.randn(4, 5, device='cpu', dtype=torch.float64, requires_grad=True), torch.randn(size=(20,))]
Module.weight :: r = nn.Linear(4, 2).weight
nn.Dropout :: r = nn.Dropout(p=0.4)(torch.ones(50))
Tensor.cuda :: r = callable(x.cuda)
Tensor.reshape :: r = [x.reshape(2, 6), x.t().reshape(-1), x.reshape((3, 2, 2))]
Tensor.detach :: r = [p.detach(), p.detach().requires_grad]
Module.train :: m = nn.Dropout(); m.train(mode=False); a = m.training; m.train(); r = [a, m.training]
Tensor.add_ :: r = x.add_(v[:4], alpha=0.5)
manual_seed :: torch.manual_seed(3); r = torch.rand(3)
Tensor.mul_ :: r = x.mul_(2).mul_(v[:4])
autograd.Variable :: y = torch.autograd.Variable(x, requires_grad=True); (y * 2).sum().backward(); r = y.grad
Tensor.squeeze :: r = [x.unsqueeze(0).squeeze(), x.unsqueeze(1).squeeze(dim=1), x.squeeze(0)]
x[idx] op= y :: x[0] += 1; x[:, 1] *= 2; x[i[:2]] -= 3; r = x
Optimizer.state :: o = optim.SGD([p], lr=0.1, momentum=0.9); p.sum().backward(); o.step(); r = o.state[p]['momentum_buffer']
Module.state_dict :: m = nn.Sequential(nn.Linear(4, 2), nn.BatchNorm1d(2)); r = [list(m.state_dict()), m.state_dict()['0.weight']]
Tensor.transpose :: r = [x.transpose(0, 1), x.transpose(dim0=-1, dim1=0)]
torch.ones :: r = [torch.ones(2, 3), torch.ones(size=(2,), device='cpu', dtype=torch.int64)]
Tensor.norm :: r = [x.norm(), x.norm(p=1), x.norm(2, dim=1, keepdim=True), x.norm(dim=0), x.norm(p=float('inf'))]
nn.ModuleList :: m = nn.ModuleList([nn.Linear(4, 4) for _ in range(2)]); m.append(nn.ReLU()); r = [len(m), m[0](x), repr(m)]
torch.arange :: r = [torch.arange(5), torch.arange(1, 2, 0.25), torch.arange(start=0, end=6, step=2, dtype=torch.float32, device='cpu'), torch.arange(3.0, requires_grad=True)]
Module.bias :: r = [nn.Linear(4, 2).bias, nn.Linear(4, 2, bias=False).bias]
nn.CrossEntropyLoss :: r = [nn.CrossEntropyLoss()(p, i[:3]), nn.CrossEntropyLoss(reduction='none', ignore_index=1)(p, i[:3]), nn.CrossEntropyLoss(label_smoothing=0.1)(p, i[:3])]
Tensor.cpu :: r = x.cpu()
Module.load_state_dict :: m = nn.Linear(4, 2); r = [repr(m.load_state_dict({'weight': torch.ones(2, 4)}, strict=False)), m.weight]
Tensor.dtype :: r = [repr(x.dtype), x.dtype == torch.float32, i.dtype.is_floating_point]
GradScaler.scale :: s = torch.amp.GradScaler('cpu', enabled=False); r = s.scale(x)
Tensor.max :: r = [x.max(), x.max(dim=1, keepdim=True)[0], x.max(1).indices, x.max(0)]
Tensor.float :: r = i.float()
nn.Embedding :: r = [nn.Embedding(10, 3)(i), nn.Embedding(10, 3, padding_idx=0, dtype=torch.float64)(i), repr(nn.Embedding(10, 3, padding_idx=0))]
F.relu :: r = [F.relu(x - 1), F.relu(x - 1, inplace=True)]
torch.save :: torch.save({'a': x, 'n': 3}, tmp + '/f.pt'); r = torch.load(tmp + '/f.pt')
torch.enable_grad :: with torch.no_grad():\n  with torch.enable_grad():\n    y = p * 2\nr = y.requires_grad
torch.from_numpy :: import numpy; a = numpy.arange(4.0); t = torch.from_numpy(a); t[0] = 5; r = [t, a[0]]
Tensor.is_sparse :: r = x.is_sparse
Tensor.split :: r = [x.split(2), x.split([1, 3], dim=1), x.split(3, dim=-1)]
torch.FloatTensor :: r = [torch.FloatTensor([1, 2]), torch.FloatTensor(2, 3).shape, isinstance(x, torch.FloatTensor)]
nn.LayerNorm :: r = [nn.LayerNorm(4, eps=1e-6)(x), nn.LayerNorm((3, 4), elementwise_affine=False)(x), nn.LayerNorm(4, bias=False)(x)]
Tensor.clone :: y = x.clone(); y[0] = 0; r = [x, y]
Distribution.sample :: d = torch.distributions.Categorical(torch.tensor([0.2, 0.3, 0.5])); r = [d.sample(), d.sample((5,))]
optim.SGD :: o = optim.SGD([p], lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True)\nfor _ in range(3):\n  o.zero_grad(); (p ** 2).sum().backward(); o.step()\nr = p
torch.load :: torch.save([x, i], tmp + '/g.pt'); r = torch.load(tmp + '/g.pt', map_location='cpu', weights_only=True)
Module.apply :: m = nn.Sequential(nn.Linear(4, 2)); names = []; m.apply(lambda k: names.append(type(k).__name__)); r = names
nn.BatchNorm2d :: m = nn.BatchNorm2d(num_features=3, eps=1e-4, momentum=0.2); r = [m(image), m.running_mean, m.running_var, m.num_batches_tracked]
x[None] :: r = [x[None], x[:, None], x[None, ..., None].shape]
torch.stack :: r = [torch.stack([x, x]), torch.stack((x, x), dim=-1)]
utils.data.Dataset :: class D(torch.utils.data.Dataset):\n  def __len__(self): return 3\n  def __getitem__(self, k): return x[k], k\nr = list(torch.utils.data.DataLoader(D(), batch_size=2))
Tensor.type :: r = [x.type(), x.type(torch.int64), x.type('torch.DoubleTensor'), i.type(torch.FloatTensor)]
Tensor.sqrt :: r = x.abs().sqrt()
nn.GELU :: r = [nn.GELU()(x), nn.GELU(approximate='tanh')(x)]
torch.max :: r = [torch.max(x), torch.max(x, dim=0, keepdim=True), torch.max(x, v[:4]), torch.max(x, 1)[1]]
torch.float32 :: r = [repr(torch.float32), torch.zeros(1, dtype=torch.float32).dtype == torch.float]
Tensor.flatten :: r = [image.flatten(1).shape, x.flatten(), image.flatten(start_dim=1, end_dim=2).shape]
Tensor.addcmul_ :: r = x.addcmul_(x, v[:4], value=0.5)
torch.LongTensor :: r = [torch.LongTensor([1, 2]), torch.LongTensor(3).shape, isinstance(i, torch.LongTensor)]
nn.Identity :: r = [nn.Identity()(x), repr(nn.Identity())]
Module.register_buffer :: m = nn.Module(); m.register_buffer('b', x, persistent=False); m.register_buffer('c', v); r = [m.b, list(m.state_dict())]
nn.Softmax :: r = [nn.Softmax(dim=1)(x), nn.Softmax(dim=-1)(v)]
Tensor.copy_ :: r = x.copy_(v[:4], non_blocking=True)
Tensor.chunk :: r = [x.chunk(2), x.chunk(3, dim=1)]
Tensor.add :: r = [x.add(1), x.add(x, alpha=2)]
torch.long :: r = [repr(torch.long), torch.zeros(1, dtype=torch.long)]
Tensor.pow :: r = [x.pow(2), x.abs().pow(0.5), v.abs().pow(torch.tensor([1, 2, 3, 1, 2, 3]))]
Tensor.div_ :: r = x.div_(2).div_(v[:4].abs() + 1)
torch.sqrt :: r = torch.sqrt(x.abs())
Tensor.requires_grad :: q = x.clone(); q.requires_grad = True; r = [q.requires_grad, x.requires_grad]
torch.matmul :: r = [torch.matmul(x, x.t()), torch.matmul(x, v[:4]), torch.matmul(x, x.t(), out=torch.empty(3, 3))]
Tensor.contiguous :: r = [x.t().contiguous(), x.t().is_contiguous()]
Tensor.numel :: r = [x.numel(), torch.tensor(1).numel()]
optim.Optimizer :: class O(optim.Optimizer):\n  def __init__(self, params, lr): super().__init__(params, dict(lr=lr))\n  def step(self, closure=None):\n    for g in self.param_groups:\n      for q in g['params']: q.data.add_(q.grad, alpha=-g['lr'])\no = O([p], lr=0.5); p.sum().backward(); o.step(); r = p
GradScaler.update :: s = torch.amp.GradScaler('cpu', enabled=False); s.update(); r = s.is_enabled()
Tensor.long :: r = x.long()
Tensor.argmax :: r = [x.argmax(), x.argmax(dim=1, keepdim=True), x.argmax(axis=0)]
operator @ :: r = [x @ x.t(), x @ v[:4], image @ image]
nn.MSELoss :: r = [nn.MSELoss()(x, x * 2), nn.MSELoss(reduction='sum')(x, x * 2), nn.MSELoss(reduction='none')(x, x * 2)]
F.softmax :: r = [F.softmax(x, dim=1), F.softmax(v, dim=0, dtype=torch.float64)]
Tensor.exp :: r = x.exp()
Tensor.fill_ :: r = x.fill_(3)
Tensor.tolist :: r = [x.tolist(), i.tolist(), torch.tensor(2).tolist()]
nn.MaxPool2d :: r = [nn.MaxPool2d(2)(image), nn.MaxPool2d(kernel_size=3, stride=2, padding=1)(image)]
nn.Tanh :: r = nn.Tanh()(x)
torch.einsum :: r = [torch.einsum('ij,kj->ik', x, x), torch.einsum('bchw,c->bhw', image, v[:3]), torch.einsum('ii', x @ x.t())]
torch.linspace :: r = [torch.linspace(0, 1, 5), torch.linspace(-1, 1, steps=4, dtype=torch.float64, device='cpu')]
torch.sum :: r = [torch.sum(x), torch.sum(x, dim=(0, 1)), torch.sum(x, 1, keepdim=True)]
torch.rand :: r = [torch.rand(3), torch.rand(2, 2, device='cpu', dtype=torch.float64), torch.rand(size=(2,), requires_grad=True)]
torch.log :: r = torch.log(x.abs())
Tensor.permute :: r = [image.permute(0, 2, 3, 1), x.permute((1, 0))]
Tensor.softmax :: r = [x.softmax(1), x.softmax(dim=-1)]
torch.is_complex :: r = [torch.is_complex(x), torch.is_complex(torch.zeros(1, dtype=torch.complex64))]
torch.tanh :: r = torch.tanh(x)
torch.mean :: r = [torch.mean(x), torch.mean(x, dim=0, keepdim=True)]
nn.utils.clip_grad_norm_ :: (p * 10).sum().backward(); r = [nn.utils.clip_grad_norm_([p], max_norm=1.0), p.grad]
Tensor.dim :: r = [x.dim(), image.dim()]
x[...] :: r = [image[..., 0], x[...], image[0, ..., 1]]
Tensor.abs :: r = x.abs()
torch.exp :: r = torch.exp(x)
Tensor.clamp :: r = [x.clamp(min=0), x.clamp(-0.5, 0.5), x.clamp(max=0.1)]
nn.LeakyReLU :: r = [nn.LeakyReLU(0.2, inplace=True)(x - 1), nn.LeakyReLU(negative_slope=0.1)(x)]
torch.argmax :: r = [torch.argmax(x), torch.argmax(x, dim=1, keepdim=True)]
Tensor.gather :: r = [x.gather(1, i[:3].unsqueeze(1)), x.gather(dim=0, index=i[:4].unsqueeze(0) % 3)]
nn.init.constant_ :: m = nn.Linear(4, 2); nn.init.constant_(m.weight, 0.3); nn.init.constant_(m.bias, val=0); r = [m.weight, m.bias]
nn.Sigmoid :: r = nn.Sigmoid()(x)
SummaryWriter.add_scalar :: w = torch.utils.tensorboard.SummaryWriter(tmp); w.add_scalar('a', x.sum(), 1); w.close(); r = True
Tensor.addcdiv_ :: r = x.addcdiv_(x, x.abs() + 1, value=0.5)
Module.forward :: r = nn.Linear(4, 2).forward(x)
Tensor.std :: r = [x.std(), x.std(dim=1, keepdim=True), x.std(0, unbiased=False)]
torch.clamp :: r = [torch.clamp(x, 0, 1), torch.clamp(x, min=0.2), torch.clamp(x, max=0.2)]
utils.tensorboard.SummaryWriter :: w = torch.utils.tensorboard.SummaryWriter(log_dir=tmp); w.close(); r = True
Tensor.sin :: r = x.sin()
Module.training :: r = nn.Linear(1, 1).training
Tensor.T :: r = x.T
torch.float :: r = repr(torch.float)
Tensor.cos :: r = x.cos()
torch.preserve_format :: r = x.clone(memory_format=torch.preserve_format)
nn.init.normal_ :: r = [nn.init.normal_(torch.empty(20), mean=1.0, std=0.5), nn.init.normal_(torch.empty(3))]
torch.softmax :: r = [torch.softmax(x, dim=1), torch.softmax(x, -1)]
Tensor.div :: r = [x.div(2), i.div(2), x.div(0.3, rounding_mode='floor')]
distributions.Categorical :: d = torch.distributions.Categorical(logits=x); r = [d.log_prob(i[:3]), d.entropy(), d.probs]
SummaryWriter.add_text :: w = torch.utils.tensorboard.SummaryWriter(tmp); w.add_text('a', 'b', 1); w.close(); r = True
cuda.FloatTensor :: r = callable(torch.cuda.FloatTensor)
F.log_softmax :: r = F.log_softmax(x, dim=1)
F.mse_loss :: r = [F.mse_loss(x, x * 2), F.mse_loss(x, x * 2, reduction='sum')]
torch.randint :: r = [torch.randint(10, (5,)), torch.randint(2, 8, (3, 3), device='cpu', dtype=torch.int32), torch.randint(0, 3, size=(4,))]
nn.Flatten :: r = [nn.Flatten()(image), nn.Flatten(0, 1)(image)]
Tensor.uniform_ :: r = torch.empty(5).uniform_(-1, 1)
Distribution.log_prob :: r = torch.distributions.Normal(0.0, 2.0).log_prob(v)
torch.pow :: r = [torch.pow(x, 2), torch.pow(2, x), torch.pow(x.abs(), x)]
Tensor.zero_ :: r = x.zero_()
nn.LSTM :: m = nn.LSTM(input_size=4, hidden_size=3, num_layers=2, batch_first=True, bidirectional=True, dropout=0.0); r = m(x.unsqueeze(0))
Tensor.clamp_ :: r = x.clamp_(min=-0.5, max=0.5)
torch.meshgrid :: r = [torch.meshgrid(v, v[:2], indexing='ij'), torch.meshgrid([i, i[:3]], indexing='xy')]
torch.empty :: r = [torch.empty(2, 3).shape, torch.empty((2,), dtype=torch.int64, device='cpu').dtype, torch.empty(size=(1,), requires_grad=True).requires_grad]
torch.sin :: r = torch.sin(x)
Tensor.relu :: r = (x - 1).relu()
F.cross_entropy :: r = [F.cross_entropy(p, i[:3]), F.cross_entropy(p, i[:3], reduction='sum', ignore_index=0)]
Tensor.ndim :: r = [x.ndim, image.ndim]
Tensor.masked_fill_ :: r = x.masked_fill_(x > 0, -1e9)
Tensor.mode :: r = i.mode()
Tensor.lerp_ :: r = [x.clone().lerp_(x * 2, weight=0.3), x.lerp_(end=x + 1, weight=0.5)]
Tensor.sub_ :: r = x.sub_(v[:4], alpha=2)
Tensor.t :: r = x.t()
Tensor.eq :: r = [x.eq(x), i.eq(2)]
Tensor.repeat :: r = [x.repeat(2, 1), v.repeat(2, 2), x.repeat((1, 2))]
Tensor.mul :: r = [x.mul(2), x.mul(v[:4])]
torch.ones_like :: r = torch.ones_like(x, dtype=torch.float64, device='cpu')
Tensor.topk :: r = [v.topk(2), x.topk(k=2, dim=1, largest=False, sorted=True)]
nn.AdaptiveAvgPool2d :: r = [nn.AdaptiveAvgPool2d(1)(image), nn.AdaptiveAvgPool2d((3, 5))(image)]
Module.named_parameters :: m = nn.Sequential(nn.Linear(4, 2)); r = [[n for n, _ in m.named_parameters()], [n for n, _ in m.named_parameters(recurse=False)]]
F.pad :: r = [F.pad(x, (1, 2)), F.pad(x, pad=(1, 1, 0, 1), mode='constant', value=3.0), F.pad(image, (1, 1, 1, 1), mode='reflect')]
Tensor.sqrt_ :: r = x.abs_().sqrt_()
nn.LazyLinear :: m = nn.LazyLinear(2, bias=False); r = m(x).shape
Tensor.values :: r = x.sort(dim=1).values
Tensor.expand :: r = [v.expand(2, 6), x[:, :1].expand(-1, 5), v.expand((3, 6))]
torch.cos :: r = torch.cos(x)
backends.cudnn.deterministic :: torch.backends.cudnn.deterministic = True; torch.backends.cudnn.benchmark = False; r = torch.backends.cudnn.deterministic
Tensor.masked_fill :: r = x.masked_fill(x > 0, 0.5)
torch.inf :: r = [torch.inf, torch.nan != torch.nan]
x[bool mask] :: r = [x[x > 0], x[(x > 0).any(1)]]
torch.where :: r = [torch.where(x > 0, x, -x), torch.where(x > 0, 1.0, 0.0), torch.where(condition=x > 0, input=x, other=x * 2)]
nn.AvgPool2d :: r = [nn.AvgPool2d(2)(image), nn.AvgPool2d(kernel_size=3, stride=2, padding=1, count_include_pad=False)(image)]
torch.randn_like :: r = [torch.randn_like(x), torch.randn_like(v, dtype=torch.float64, device='cpu')]
torch.triu :: r = [torch.triu(x), torch.triu(x, diagonal=1)]
F.normalize :: r = [F.normalize(x), F.normalize(x, p=1, dim=0, eps=1e-6)]
nn.Upsample :: r = [nn.Upsample(scale_factor=2)(image), nn.Upsample(scale_factor=2, mode='bilinear', align_corners=True)(image)]
Tensor.min :: r = [x.min(), x.min(dim=1), x.min(0)[0]]
torch.full :: r = [torch.full((2, 3), 7), torch.full((2,), 1.5, dtype=torch.float64, device='cpu')]
Module.add_module :: m = nn.Sequential(); m.add_module('a', nn.Linear(4, 2)); r = [repr(m), m.a(x)]
Tensor.new_zeros :: r = [x.new_zeros(2, 3), i.new_zeros((2,), requires_grad=False)]
nn.GRU :: m = nn.GRU(4, 3, batch_first=True, bidirectional=True, dropout=0.0); r = [t.detach() for t in m(x.unsqueeze(0))]
Tensor.var :: r = [x.var(), x.var(dim=1, keepdim=True, unbiased=False)]
torch.clone :: r = torch.clone(x, memory_format=torch.preserve_format)
F.smooth_l1_loss :: r = [F.smooth_l1_loss(x, x * 3), F.smooth_l1_loss(x, x * 3, reduction='none', beta=0.5)]
torch.pi :: r = torch.pi
torch.min :: r = [torch.min(x), torch.min(x, dim=0, keepdim=True), torch.min(x, -x)]
requires_grad_ :: q = x.clone().requires_grad_(); m = nn.Linear(2, 2).requires_grad_(False); r = [q.requires_grad, m.weight.requires_grad]
optim.AdamW :: o = optim.AdamW([p], lr=0.1, weight_decay=0.05, betas=(0.9, 0.95), eps=1e-7)\nfor _ in range(3):\n  o.zero_grad(); (p ** 2).sum().backward(); o.step()\nr = p
nn.ConvTranspose2d :: r = [nn.ConvTranspose2d(3, 4, kernel_size=3, stride=2, padding=1, output_padding=1, bias=False)(image)]
torch.eye :: r = [torch.eye(3), torch.eye(2, 3, dtype=torch.float64, device='cpu')]
torch.float64 :: r = repr(torch.float64)
torch.bfloat16 :: r = [repr(torch.bfloat16), x.to(torch.bfloat16), x.bfloat16() * 2]
torch._foreach_add_ :: a = [x.clone(), v.clone()]; torch._foreach_add_(a, [x, v], alpha=0.5); torch._foreach_add_(a, 1.0); r = a
Module.in_features :: r = nn.Linear(4, 2).in_features
Tensor.view_as :: r = x.view_as(torch.empty(4, 3))
torch.abs :: r = torch.abs(x)
torch.multinomial :: r = [torch.multinomial(v.abs(), num_samples=3), torch.multinomial(x.abs(), 2, replacement=True)]
Tensor.clip :: r = [x.clip(-0.2, 0.2), x.clip(min=0)]
F.avg_pool2d :: r = [F.avg_pool2d(image, 2), F.avg_pool2d(image, kernel_size=3, stride=1, padding=1)]
Tensor.bool :: r = i.bool()
amp.autocast :: with torch.amp.autocast(device_type='cpu', dtype=torch.bfloat16, enabled=False):\n  y = x @ x.t()\nr = y
accelerator.current_accelerator :: a = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else 'cpu'; r = str(a)
set_printoptions :: torch.set_printoptions(precision=2, threshold=6, edgeitems=1, linewidth=60, sci_mode=False); r = repr(x); torch.set_printoptions(profile='default')
Tensor.normal_ :: r = torch.empty(20).normal_(mean=1, std=2)
F.max_pool2d :: r = [F.max_pool2d(image, 2), F.max_pool2d(image, kernel_size=3, stride=2, padding=1)]
Tensor.sigmoid :: r = x.sigmoid()
torch.unsqueeze :: r = [torch.unsqueeze(x, 0), torch.unsqueeze(x, dim=2)]
nn.BCELoss :: r = [nn.BCELoss()(x.sigmoid(), (x > 0).float()), nn.BCELoss(reduction='sum')(x.sigmoid(), (x > 0).float())]
nn.NLLLoss :: r = nn.NLLLoss()(F.log_softmax(x, 1), i[:3])
autograd.grad :: y = (p ** 3).sum(); g, = torch.autograd.grad(outputs=y, inputs=p, create_graph=True, retain_graph=True, only_inputs=True); r = [g.detach(), torch.autograd.grad(g, p, grad_outputs=torch.ones_like(g), allow_unused=True)]
nn.BatchNorm1d :: m = nn.BatchNorm1d(4, momentum=0.3); r = [m(x), m.running_var, m.eval()(x)]
Tensor.matmul :: r = x.matmul(x.t())
nn.init.orthogonal_ :: q = nn.init.orthogonal_(torch.empty(3, 4)); r = (q @ q.t()).round(decimals=4).abs()
torch._foreach_lerp_ :: a = [x.clone(), v.clone()]; torch._foreach_lerp_(a, [x * 2, v * 2], weight=0.25); r = a
torch._foreach_mul_ :: a = [x.clone(), v.clone()]; torch._foreach_mul_(a, 0.5); torch._foreach_mul_(a, [x, v]); r = a
accelerator.is_available :: r = torch.accelerator.is_available()
Tensor.log :: r = x.abs().log()
F.linear :: r = [F.linear(x, torch.ones(2, 4)), F.linear(x, torch.ones(2, 4), bias=v[:2])]
torch.sigmoid :: r = torch.sigmoid(x)
torch.bool :: r = [repr(torch.bool), torch.ones(2, dtype=torch.bool)]
Module.modules :: r = [type(m).__name__ for m in nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.ReLU())).modules()]
nn.init.zeros_ :: r = nn.init.zeros_(torch.ones(3))
torch.randperm :: r = [torch.randperm(10), torch.randperm(5, generator=torch.Generator().manual_seed(1), device='cpu')]
torch.topk :: r = [torch.topk(v, k=3), torch.topk(x, 2, dim=0, largest=False)]
nn.LogSoftmax :: r = nn.LogSoftmax(dim=1)(x)
Tensor.type_as :: r = i.type_as(x)
torch.mm :: r = torch.mm(x, x.t())
Module.children :: r = [repr(c) for c in nn.Sequential(nn.Linear(1, 1), nn.ReLU()).children()]
""".strip().splitlines()
]
