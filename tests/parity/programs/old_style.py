"""Code of PyTorch's first years, as many repositories still have it: Variable, legacy constructors and names, reductions by flags."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.nn.init as init
from torch.autograd import Variable

torch.manual_seed(0)
use_cuda = torch.cuda.is_available()
FloatTensor = torch.cuda.FloatTensor if use_cuda else torch.FloatTensor
LongTensor = torch.cuda.LongTensor if use_cuda else torch.LongTensor


def to_var(x, volatile=False):
    if torch.cuda.is_available():
        x = x.cuda()
    return Variable(x)


class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()  # noqa: UP008
        self.layer1 = nn.Sequential(nn.Conv2d(1, 4, kernel_size=5, padding=2), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))
        self.fc = nn.Linear(4 * 4 * 4, 5)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                init.xavier_normal_(m.weight.data)
                m.bias.data.zero_()

    def forward(self, x):
        out = self.layer1(x)
        out = out.view(out.size(0), -1)
        return self.fc(out)


cnn = CNN()
if use_cuda:
    cnn.cuda()
criterion = nn.CrossEntropyLoss(size_average=True)
optimizer = torch.optim.Adam(cnn.parameters(), lr=0.01)
images, labels = torch.randn(30, 1, 8, 8), torch.LongTensor([i % 5 for i in range(30)])
images = images + labels.float().view(-1, 1, 1, 1)
for epoch in range(3):
    for i in range(0, 30, 10):
        x, y = to_var(images[i : i + 10]), Variable(labels[i : i + 10])
        optimizer.zero_grad()
        outputs = cnn(x)
        loss = criterion(outputs, y)
        loss.backward()
        optimizer.step()
    print("Epoch [%d/%d], Loss: %.4f" % (epoch + 1, 3, loss.data.item()))  # noqa: UP031
cnn.eval()
correct = total = 0
for i in range(0, 30, 10):
    outputs = cnn(Variable(images[i : i + 10]))
    _, predicted = torch.max(outputs.data, 1)
    total += labels[i : i + 10].size(0)
    correct += (predicted.cpu() == labels[i : i + 10]).sum()
print("Accuracy: %.1f %%" % (100.0 * float(correct) / total), correct, type(outputs).__name__, isinstance(outputs, Variable))

a, b = FloatTensor([1, 2, 3]), torch.Tensor(2, 3).fill_(0.5)
print(a, b, torch.Tensor([[1, 2]]).type(), LongTensor([1]).type(), a.type("torch.DoubleTensor"), b.type(torch.ByteTensor))
print(F.sigmoid(a), F.tanh(a), a.sigmoid().data.numpy().round(3), a.numpy().dtype, torch.from_numpy(a.numpy()).dtype)
print(F.mse_loss(a, a * 0, size_average=False), F.binary_cross_entropy(a / 4, a / 4, reduce=False), nn.L1Loss(size_average=False)(a, -a))
print(a.size(0), b.size(), b.dim(), b.numel(), b.t().size(), a.expand(2, 3).size(), b.expand_as(b).size())
print(torch.mm(b, b.t()), a.dot(a), b.mv(a), torch.ger(a, a), a.unsqueeze(0).squeeze(0).is_contiguous())
x = Variable(torch.ones(2, 2), requires_grad=True)
y = x + 2
z = (y * y * 3).mean()
z.backward(retain_graph=True)
z.backward()
print(x.grad.data, y.grad_fn.name(), x.is_leaf, y.data.requires_grad, x.detach().requires_grad)
x.grad.data.zero_()
x.data -= 0.1
print(x, x.grad)
w = torch.randn(3).double()
g = torch.autograd.Variable(w, requires_grad=True)
g.sum().backward(torch.DoubleTensor([2])[0])
print(g.grad, w.new(2).size(), w.new([1, 2]), w.new_zeros(2), torch.zeros_like(g))
print(torch.cat((a, a), 0), torch.stack((a, a), 1).size(), torch.chunk(a, 2, 0), torch.split(a, 2), torch.masked_select(a, a.gt(1)))
print(a.clone().index_fill_(0, LongTensor([0, 2]), -1), a.clone().scatter_(0, LongTensor([1]), 9), a.index_select(0, LongTensor([2, 0])))
print(torch.histc(a, bins=3, min=1, max=3), a.clamp(max=2), torch.renorm(b, 2, 0, 0.5), a.topk(2), a.kthvalue(2), torch.sort(a, 0, True)[1])
h0 = Variable(torch.zeros(1, 2, 4))
rnn = nn.LSTM(3, 4, batch_first=True)
rnn.flatten_parameters()
out, (hn, cn) = rnn(Variable(torch.ones(2, 5, 3)), (h0, h0))
print(out.size(), hn.squeeze(0).size(), [list(p.size()) for p in rnn.parameters()], nn.utils.clip_grad_norm(rnn.parameters(), 1.0))
for group in optimizer.param_groups:
    group["lr"] *= 0.1
print(optimizer.param_groups[0]["lr"], optimizer.state[next(iter(cnn.parameters()))]["step"])
torch.save(cnn.state_dict(), "cnn.pkl")
cnn2 = CNN()
cnn2.load_state_dict(torch.load("cnn.pkl", map_location=lambda storage, loc: storage))
print(all((p == q).all() for p, q in zip(cnn.parameters(), cnn2.parameters())), list(cnn2.children())[-1], len(list(cnn2.layer1)))
