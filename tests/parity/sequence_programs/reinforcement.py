"""REINFORCE with a baseline, A2C with entropy, DQN with replay and a target network, and a Gaussian policy, on a corridor."""

import random
from collections import deque, namedtuple

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical, Normal

Transition = namedtuple("Transition", ("state", "action", "next_state", "reward", "done"))


class Corridor:
    def __init__(self, n=6):
        self.n = n

    def reset(self):
        self.pos, self.t = 1, 0
        return self.obs()

    def obs(self):
        o = np.zeros(self.n, dtype=np.float32)
        o[self.pos] = 1
        return o

    def step(self, a):
        self.pos = max(0, min(self.n - 1, self.pos + (1 if a == 1 else -1)))
        self.t += 1
        done = self.pos == self.n - 1 or self.t >= 12
        return self.obs(), (1.0 if self.pos == self.n - 1 else -0.05), done


def seed(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)


seed(543)
env = Corridor()
policy = nn.Sequential(nn.Linear(6, 16), nn.Dropout(p=0.1), nn.ReLU(), nn.Linear(16, 2))
optimizer = optim.Adam(policy.parameters(), lr=2e-2)
eps = np.finfo(np.float32).eps.item()
for episode in range(16):
    state, log_probs, rewards, done = env.reset(), [], [], False
    while not done:
        probs = F.softmax(policy(torch.from_numpy(state).float().unsqueeze(0)), dim=1)
        m = Categorical(probs)
        action = m.sample()
        log_probs.append(m.log_prob(action))
        state, r, done = env.step(action.item())
        rewards.append(r)
    R, returns = 0, deque()
    for r in rewards[::-1]:
        R = r + 0.99 * R
        returns.appendleft(R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + eps)
    loss = torch.cat([-lp * R for lp, R in zip(log_probs, returns)]).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if episode % 5 == 0:
        print(f"episode {episode}\tlength {len(rewards)}\treturn {sum(rewards):.2f}\tloss {loss.item():.4f}")


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine = nn.Linear(6, 16)
        self.actor, self.critic = nn.Linear(16, 2), nn.Linear(16, 1)
        for layer in (self.affine, self.actor):
            nn.init.orthogonal_(layer.weight, gain=nn.init.calculate_gain("relu"))
            nn.init.constant_(layer.bias, 0.0)

    def forward(self, x):
        x = F.relu(self.affine(x))
        return Categorical(logits=self.actor(x)), self.critic(x).squeeze(-1)


net = ActorCritic()
optimizer = optim.RMSprop(net.parameters(), lr=7e-3, alpha=0.99, eps=1e-5)
for episode in range(12):
    state, done, steps = env.reset(), False, []
    while not done:
        dist, value = net(torch.as_tensor(state))
        action = dist.sample()
        state, r, done = env.step(int(action))
        steps.append((dist.log_prob(action), value, torch.tensor(r), dist.entropy()))
    logp, values, rewards, entropy = map(torch.stack, zip(*steps))
    adv = torch.zeros_like(rewards)
    gae = 0.0
    for t in reversed(range(len(rewards))):
        nxt = values[t + 1].detach() if t + 1 < len(rewards) else 0.0
        gae = rewards[t] + 0.99 * nxt - values[t].detach() + 0.99 * 0.95 * gae
        adv[t] = gae
    loss = -(logp * adv).mean() + 0.5 * F.smooth_l1_loss(values, adv + values.detach()) - 0.01 * entropy.mean()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    optimizer.step()
    if episode % 4 == 3:
        print(f"a2c {episode}: {loss.item():.4f} entropy {entropy.mean().item():.4f}")


class Replay:
    def __init__(self, capacity):
        self.memory = deque(maxlen=capacity)

    def push(self, *args):
        self.memory.append(Transition(*args))

    def sample(self, n):
        return Transition(*zip(*random.sample(self.memory, n)))


q, target = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 2)), nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 2))
print(target.load_state_dict(q.state_dict()))
target.eval()
memory, optimizer, losses = Replay(200), optim.AdamW(q.parameters(), lr=5e-3, amsgrad=True), []
for episode in range(15):
    state, done = torch.tensor(env.reset()).unsqueeze(0), False
    while not done:
        if random.random() > max(0.05, 0.9 - 0.1 * episode):
            with torch.no_grad():
                action = q(state).max(1).indices.view(1, 1)
        else:
            action = torch.tensor([[random.randrange(2)]], dtype=torch.long)
        o, r, done = env.step(action.item())
        nxt = torch.tensor(o, dtype=torch.float32).unsqueeze(0)
        memory.push(state, action, nxt, torch.tensor([r]), torch.tensor([done]))
        state = nxt
        if len(memory.memory) < 16:
            continue
        b = memory.sample(16)
        s, a, n, rew, d = (torch.cat(field) for field in b)
        qa = q(s).gather(1, a)
        with torch.no_grad():
            best = q(n).argmax(dim=1, keepdim=True)
            y = rew.unsqueeze(1) + 0.95 * target(n).gather(1, best) * (~d).unsqueeze(1)
        loss = nn.SmoothL1Loss()(qa, y)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(q.parameters(), 100)
        optimizer.step()
        losses.append(loss.item())
        tsd, qsd = target.state_dict(), q.state_dict()
        for key in qsd:
            tsd[key] = qsd[key] * 0.05 + tsd[key] * 0.95
        target.load_state_dict(tsd)
print(f"dqn: {len(losses)} updates, {np.mean(losses[:10]):.4f} -> {np.mean(losses[-10:]):.4f}")
print(q(torch.eye(6)).detach().numpy().round(3))

mean, log_std = nn.Linear(3, 2), nn.Parameter(torch.zeros(2))
opt = optim.Adam([*mean.parameters(), log_std], lr=0.05)
for _ in range(30):
    obs = torch.randn(16, 3)
    dist = Normal(mean(obs), log_std.exp().expand(16, 2))
    raw = dist.sample()
    action = torch.tanh(raw)
    logp = (dist.log_prob(raw) - torch.log(1 - action.pow(2) + 1e-6)).sum(-1)
    reward = -((action - obs[:, :2].tanh()) ** 2).sum(-1)
    ratio = (logp - logp.detach()).exp()
    a = (reward - reward.mean()) / reward.std(unbiased=False)
    loss = -torch.min(ratio * a, torch.clamp(ratio, 0.8, 1.2) * a).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(f"ppo {reward.mean().item():.4f}", log_std)
