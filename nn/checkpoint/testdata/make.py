#!/usr/bin/env python3
"""Makes net.safetensors, the network of internal/pth/testdata/make.py as another program would write it.

Usage: python3 make.py        (needs numpy; written after the format's description, without its library)
"""
import json
import struct

import numpy as np


def ramp(start, *shape, dtype="<f4"):
    n = int(np.prod(shape, dtype=np.int64))
    return ((np.arange(n) + start) / 8).reshape(shape).astype(dtype)


def bfloat(a):
    return (np.ascontiguousarray(a, "<f4").view("<u4") >> 16).astype("<u2")


tensors = {  # name: (format, array)
    "out.weight": ("F32", ramp(600, 4, 12)),
    "conv.weight": ("F16", ramp(0, 3, 2, 2, 1, dtype="<f2")),
    "norm.num_batches_tracked": ("I64", np.array(7, "<i8")),
    "norm.weight": ("BF16", bfloat(ramp(200, 3))),
    "norm.bias": ("F64", ramp(300, 3, dtype="<f8")),
    "conv.bias": ("F32", ramp(100, 3)),
    "norm.running_mean": ("F32", ramp(400, 3)),
    "norm.running_var": ("F32", ramp(500, 3)),
    "out.bias": ("F32", ramp(700, 4)),
}
header, data = {"__metadata__": {"format": "pt"}}, b""
places = {}
for name in sorted(tensors):
    raw = tensors[name][1].tobytes()
    places[name] = [len(data), len(data) + len(raw)]
    data += raw
for name, (fmt, a) in tensors.items():
    header[name] = {"dtype": fmt, "shape": list(a.shape), "data_offsets": places[name]}
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("net.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
