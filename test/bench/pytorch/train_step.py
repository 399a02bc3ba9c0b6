"""One training step of the benchmark networks in PyTorch on one thread: the yardstick of train.ts.

Prints one JSON line: CPU milliseconds per step (median), the version, and the GFLOP/s of a product of 512 x 512
matrices: around 6 means that PyTorch found the reference BLAS instead of OpenBLAS, which is no fair comparison (on
Debian: apt-get install libopenblas0-pthread). Exit code 3 if there is no PyTorch.

Written as one would for speed: time is folded into the batch for layers without state, what comes before the first
neuron is computed once (direct coding), and only the neurons loop over time.
"""
import json
import math
import sys
import time

try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError:
    sys.exit(3)

STEPS = 8


class ATan(torch.autograd.Function):
    """Spike at x >= 0; derivative 1 / (1 + (pi x)^2)."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x >= 0).to(x)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient / (1 + (math.pi * x).square_())


def lif(current, is_static):
    """LIF with tau 2, threshold 1, hard and detached reset; [steps, batch, ...] or [batch, ...] in, spikes of all steps out."""
    spikes = []
    v = None
    for t in range(STEPS):
        x = current if is_static else current[t]
        h = x * 0.5 if v is None else (v + x) * 0.5
        s = ATan.apply(h - 1)
        spikes.append(s)
        v = h * (1 - s.detach())
    return torch.stack(spikes)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 800, bias=False)
        self.fc2 = nn.Linear(800, 10, bias=False)

    def forward(self, x):
        s = lif(self.fc1(x), True)
        y = self.fc2(s.flatten(0, 1)).view(STEPS, -1, 10)
        return lif(y, False).mean(0)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 15, 5, bias=False)
        self.conv2 = nn.Conv2d(15, 40, 5, bias=False)
        self.fc1 = nn.Linear(640, 300, bias=False)
        self.fc2 = nn.Linear(300, 10, bias=False)

    def forward(self, x):
        batch = x.shape[0]
        s = lif(self.conv1(x.view(batch, 1, 28, 28)), True)
        y = self.conv2(F.avg_pool2d(s.flatten(0, 1), 2))
        s = lif(y.view(STEPS, batch, 40, 8, 8), False)
        y = self.fc1(F.avg_pool2d(s.flatten(0, 1), 2).flatten(1))
        s = lif(y.view(STEPS, batch, 300), False)
        y = self.fc2(s.flatten(0, 1))
        return lif(y.view(STEPS, batch, 10), False).mean(0)


def step_ms(model, batch, rounds):
    x = torch.rand(batch, 784)
    target = F.one_hot(torch.randint(0, 10, (batch,)), 10).float()
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    times = []
    for _ in range(rounds):
        start = time.process_time()
        adam.zero_grad(set_to_none=True)
        F.mse_loss(model(x), target).backward()
        adam.step()
        times.append(1000 * (time.process_time() - start))
    times.sort()
    return times[len(times) // 2]


def gemm_gflops():
    a, b = torch.rand(512, 512), torch.rand(512, 512)
    times = []
    for _ in range(20):
        start = time.process_time()
        a @ b
        times.append(time.process_time() - start)
    return 2 * 512**3 / sorted(times)[10] / 1e9


torch.manual_seed(1)
torch.set_num_threads(1)
rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
print(
    json.dumps(
        {
            "version": torch.__version__,
            "gemm": gemm_gflops(),
            "mlp": step_ms(Mlp(), 64, rounds),
            "cnn": step_ms(Cnn(), 50, rounds),
        }
    )
)
