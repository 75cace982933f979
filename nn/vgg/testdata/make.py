#!/usr/bin/env python3
"""Makes tiny.pth, a VGG19 of width 2 with random weights under torchvision's names, and golden.pth, what PyTorch makes of
it in float64. Usage: python3 make.py      (needs torch 1.13 or later; writes the same tensors again)
"""
import os

import torch
import torch.nn as nn

torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))
WIDTH, TAPS = 2, {3: "1.2", 8: "2.2", 35: "5.4"}  # index of the ReLU: tap


class VGG(nn.Module):
    def __init__(self):
        super().__init__()
        layers, c = [], 3
        for v in (1, 1, 0, 2, 2, 0, 4, 4, 4, 4, 0, 8, 8, 8, 8, 0, 8, 8, 8, 8, 0):
            if v == 0:
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers += [nn.Conv2d(c, v * WIDTH, 3, 1, 1), nn.ReLU()]
                c = v * WIDTH
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Linear(c, 4), nn.ReLU(), nn.Dropout(), nn.Linear(4, 4), nn.ReLU(), nn.Dropout(), nn.Linear(4, 3))

    def maps(self, x):
        out, margin = {}, 1.0
        for i, layer in enumerate(self.features):
            if isinstance(layer, nn.ReLU):
                margin = min(margin, x.abs().min().item())
            if i in TAPS:
                out["before." + TAPS[i]] = x
            x = layer(x)
            if i in TAPS:
                out["after." + TAPS[i]] = x
        return out, margin


def torchvision(x):
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return ((x + 1) / 2 - mean[:, None, None].double()) / std[:, None, None].double()


def caffe(x):
    return (x.flip(1) + 1) / 2 * 255 - torch.tensor([103.939, 116.779, 123.68])[:, None, None].double()


for seed in range(1000):
    torch.manual_seed(seed)
    net = VGG()
    for m in net.features:
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
            nn.init.uniform_(m.bias, -0.2, 0.2)
    state = net.state_dict()
    x = (torch.rand(2, 3, 32, 35) * 2 - 1)
    net = net.double()
    x64 = x.double().requires_grad_(True)
    maps, margin = net.maps(torchvision(x64))
    if margin < 1e-5 or maps["after.5.4"].max() == 0:
        continue
    g = torch.randn(maps["after.5.4"].shape, generator=torch.Generator().manual_seed(1)).float()
    g2 = torch.randn(maps["after.2.2"].shape, generator=torch.Generator().manual_seed(2)).float()
    ((maps["after.5.4"] * g.double()).sum() + (maps["after.2.2"] * g2.double()).sum()).backward()
    out = {k: v.detach().float() for k, v in maps.items()}
    out.update({"x": x, "g.5.4": g, "g.2.2": g2, "grad.x": x64.grad.float()})
    out["caffe.2.2"] = net.maps(caffe(x.double()))[0]["after.2.2"].detach().float()
    torch.save({k: v.float() for k, v in state.items()}, os.path.join(here, "tiny.pth"))
    torch.save(out, os.path.join(here, "golden.pth"))
    print("seed", seed, "margin", margin)
    break
