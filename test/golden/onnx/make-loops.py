"""Writes spiking networks that run in a loop with torch.onnx.export, and what torch computes: python3 make-loops.py FOLDER."""
import json
import sys
from typing import List

import torch
from torch import Tensor, nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 4)
        self.back = nn.Linear(4, 4, bias=False)
        self.out = nn.Linear(4, 3)


class Outside(Net):
    """Weights before and behind the loop, for all steps at once; spikes fed back."""

    def forward(self, x):
        drive = self.fc(x)
        v = torch.zeros(x.shape[1], 4)
        spikes = torch.zeros(x.shape[1], 4)
        results: List[Tensor] = []
        for t in range(x.size(0)):
            v = 0.75 * v + drive[t] + self.back(spikes)
            spikes = (v >= 1.0).to(torch.float32)
            v = v - spikes
            results.append(spikes)
        return self.out(torch.stack(results))


class Inside(Net):
    """Everything inside of the loop."""

    def forward(self, x):
        v = torch.zeros(x.shape[1], 4)
        results: List[Tensor] = []
        for t in range(x.size(0)):
            v = 0.75 * v + self.fc(x[t])
            spikes = (v >= 1.0).to(torch.float32)
            v = v - spikes
            results.append(spikes)
        return torch.stack(results)


class BatchFirst(Net):
    """The time along the second axis."""

    def forward(self, x):
        drive = self.fc(x)
        v = torch.zeros(x.shape[0], 4)
        results: List[Tensor] = []
        for t in range(x.size(1)):
            v = 0.75 * v + drive[:, t]
            spikes = (v >= 1.0).to(torch.float32)
            v = v - spikes
            results.append(spikes)
        return torch.stack(results, 1)


class Total(Net):
    """A sum that is carried from step to step."""

    def forward(self, x):
        v = torch.zeros(x.shape[1], 4)
        total = torch.zeros(x.shape[1], 3)
        for t in range(x.size(0)):
            v = 0.75 * v + self.fc(x[t])
            spikes = (v >= 1.0).to(torch.float32)
            v = v - spikes
            total = total + self.out(spikes)
        return total


class Count(Net):
    """Spikes counted behind the loop."""

    def forward(self, x):
        v = torch.zeros(x.shape[1], 4)
        results: List[Tensor] = []
        for t in range(x.size(0)):
            v = 0.75 * v + self.fc(x[t])
            spikes = (v >= 1.0).to(torch.float32)
            v = v - spikes
            results.append(spikes)
        return self.out(torch.stack(results).sum(0))


def main(folder):
    torch.manual_seed(11)
    steps, batch = 20, 2
    expected = {}
    for kind in (Outside, Inside, BatchFirst, Total, Count):
        model = kind()
        with torch.no_grad():
            model.fc.weight.uniform_(-0.4, 0.9)
        batch_first = kind is BatchFirst
        x = torch.rand((batch, steps, 6) if batch_first else (steps, batch, 6))
        name = "loop-batch-first" if batch_first else f"loop-{kind.__name__.lower()}"
        axes = {0: "batch", 1: "time"} if batch_first else {0: "time", 1: "batch"}
        script = torch.jit.script(model)
        torch.onnx.export(
            script,
            (x,),
            f"{folder}/{name}.onnx",
            input_names=["x"],
            output_names=["y"],
            dynamic_axes={"x": axes},
            opset_version=15,
        )
        with torch.no_grad():
            y = model(x)
        expected[name] = {
            "shape": list(x.shape),
            "x": x.flatten().tolist(),
            "yShape": list(y.shape),
            "y": y.flatten().tolist(),
        }
    with open(f"{folder}/loops.json", "w") as file:
        json.dump(expected, file)


main(sys.argv[1])
