#!/usr/bin/env python3
"""Makes the .pth files of this folder and the numbers that they hold, with PyTorch 1.13 or later.

Usage: python3 make.py

Every number is a small integer over 8, so that each format holds it exactly and the tests can know it by a formula. Another run gives the same files, except
that the older format numbers its storages by their addresses.
"""
import collections

import torch


def ramp(*shape, start=0, dtype=torch.float32):
    """Counts up from start in steps of 1/8."""
    n = 1
    for d in shape:
        n *= d
    return ((torch.arange(n, dtype=torch.float64) + start) / 8).reshape(shape).to(dtype)


def net():
    """A convolution from 2 to 3 channels, a batch norm, and a linear layer from 12 to 4."""
    m = torch.nn.Sequential(collections.OrderedDict(
        conv=torch.nn.Conv2d(2, 3, (2, 1)), norm=torch.nn.BatchNorm2d(3), out=torch.nn.Linear(12, 4)))
    with torch.no_grad():
        for i, t in enumerate(v for v in m.state_dict().values() if v.is_floating_point()):
            t.copy_(ramp(*t.shape, start=100 * i))
    return m


def odd():
    """Views, shared storages and number formats."""
    base = ramp(4, 6)
    return {
        "base": base,
        "transposed": base.t(),
        "window": base[1:3, 2:5],
        "reversed_axes": ramp(2, 3, 4).permute(2, 0, 1),
        "every_other": base.reshape(-1)[::2],
        "expanded": ramp(3, 1).expand(3, 4),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "half": ramp(5, dtype=torch.float16),
        "bfloat": ramp(5, dtype=torch.bfloat16),
        "double": ramp(5, dtype=torch.float64),
        "long": torch.arange(-2, 3),
        "int": torch.arange(-2, 3, dtype=torch.int32),
        "short": torch.arange(-2, 3, dtype=torch.int16),
        "char": torch.arange(-2, 3, dtype=torch.int8),
        "byte": torch.arange(5, dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "parameter": torch.nn.Parameter(ramp(2, 2)),
        "tied": base,
    }


def run():
    """What a training script saves."""
    m = net()
    opt = torch.optim.Adam(m.parameters(), lr=1e-3)
    for p in m.parameters():
        p.grad = torch.ones_like(p)
    opt.step()
    return {"epoch": 7, "best": 0.5, "note": "x", "size": torch.Size([1, 2]), "seed": 2 ** 70,
            "params": net().state_dict(), "params_ema": net().state_dict(), "optimizer": opt.state_dict()}


class Old:
    """A tensor as PyTorch before 0.4 saved it; the weights of torchvision's VGG are of that time."""

    def __init__(self, t):
        self.t = t

    def __reduce__(self):
        return torch._utils._rebuild_tensor, (self.t.storage(), self.t.storage_offset(), tuple(self.t.shape), self.t.stride())


class Evil:
    def __reduce__(self):
        import os
        return os.system, ("touch executed",)


torch.manual_seed(0)
torch.save(net().state_dict(), "net.pth")
torch.save(net().state_dict(), "net_legacy.pth", _use_new_zipfile_serialization=False)
torch.save({"state_dict": net().state_dict(), "epoch": 3}, "wrapped.pth")
torch.save(odd(), "odd.pth")
torch.save(odd(), "odd_legacy.pth", _use_new_zipfile_serialization=False)
torch.save(collections.OrderedDict((k, Old(v)) for k, v in net().state_dict().items()), "net_old.pth",
           _use_new_zipfile_serialization=False)
torch.save(run(), "run.pth")
torch.save({"w": torch.zeros(1), "x": Evil()}, "evil.pth")
torch.save({"w": torch.zeros(1), "x": Evil()}, "evil_legacy.pth", _use_new_zipfile_serialization=False)
torch.save(net(), "module.pth")
