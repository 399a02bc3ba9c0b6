"""Writes small networks with torch.onnx.export, and what torch computes with them: python3 make.py FOLDER."""
import json
import sys

import torch
from torch import nn


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 4, 3, padding=1)
        self.n = nn.BatchNorm2d(4)
        self.b = nn.Conv2d(4, 6, 3, stride=2, groups=2)
        self.fc = nn.Linear(24, 5)

    def forward(self, x):
        x = nn.functional.avg_pool2d(torch.relu(self.n(self.a(x))), 2, padding=1)
        x = nn.functional.max_pool2d(torch.relu(self.b(nn.functional.pad(x, (1, 2, 0, 1)))), 2, padding=1)
        return self.fc(x.flatten(1))


class Lif(nn.Module):
    """Two steps' worth of nothing but plain torch: leak, threshold, reset by subtraction."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 4)

    def forward(self, x, v):
        v = 0.75 * v + self.fc(x)
        spikes = (v >= 1.0).to(v.dtype)
        return spikes, v - spikes


def export(folder, name, model, inputs, names, outputs, **options):
    model.eval()
    axes = {key: {0: "batch"} for key in names + outputs}
    torch.onnx.export(
        model, inputs, f"{folder}/{name}.onnx", input_names=names, output_names=outputs, dynamic_axes=axes, **options
    )


def main(folder):
    torch.manual_seed(7)
    mlp = nn.Sequential(nn.Flatten(), nn.Linear(12, 9), nn.ReLU(), nn.Dropout(), nn.Linear(9, 4, bias=False))
    cnn = Cnn()
    with torch.no_grad():
        cnn.n.running_mean.uniform_(-0.2, 0.2)
        cnn.n.running_var.uniform_(0.5, 2.0)
    samples = {"mlp": torch.rand(3, 3, 4), "cnn": torch.rand(3, 1, 8, 8)}
    expected = {}
    for name, model in (("mlp", mlp), ("cnn", cnn)):
        x = samples[name]
        export(folder, name, model, (x,), ["x"], ["y"])
        with torch.no_grad():
            y = model(x)
        expected[name] = {"shape": list(x.shape), "x": x.flatten().tolist(), "y": y.flatten().tolist()}
    lif = Lif()
    with torch.no_grad():
        lif.fc.weight.uniform_(-0.4, 0.9)
        x = torch.rand(20, 6)
        export(folder, "lif", lif, (x[:1], torch.zeros(1, 4)), ["x", "v_in"], ["spikes", "v_out"])
        v = torch.zeros(1, 4)
        spikes = []
        for step in range(20):
            s, v = lif(x[step : step + 1], v)
            spikes.append(s.flatten().tolist())
    expected["lif"] = {"shape": [20, 6], "x": x.flatten().tolist(), "y": sum(spikes, [])}
    with open(f"{folder}/expected.json", "w") as file:
        json.dump(expected, file)


main(sys.argv[1])
