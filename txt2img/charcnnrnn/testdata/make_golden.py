"""Makes golden_icml.safetensors and golden_cvpr.safetensors: small encoders with random weights, in PyTorch's layout and with
the names that gander's checkpoints have, and what PyTorch, in float64, makes of some captions: y, and the gradients of sum(y *
grad.y) in two of the weights. Running it again writes the same bytes. PyTorch 1.13.

    python3 make_golden.py
"""
import json
import struct

import torch
import torch.nn.functional as F

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+-=<>()[]{} "
LENGTH, CONV, HIDDEN, OUT = 90, (5, 7, 6), 4, 3
CAPTIONS = [
    "a red heart",
    "This small bird has a blue-grey crown, a white belly & (mostly) black wings; its beak is short, pointed and BLACK - no. 7!",
    "",
    "сердце и a heart\ttab",
]


def onehot():
    x = torch.zeros(len(CAPTIONS), LENGTH, 70, dtype=torch.float64)
    for i, caption in enumerate(CAPTIONS):
        for j, c in enumerate(caption.lower()[:LENGTH]):
            if c in ALPHABET:
                x[i, j, ALPHABET.rindex(c)] = 1
    return x


def rnn(p, h):
    state, total = None, 0
    for t in range(h.shape[1]):
        a = F.linear(h[:, t], p["recurrent.input.weight"], p["recurrent.input.bias"])
        if state is not None:
            a = a + F.linear(state, p["recurrent.state.weight"], p["recurrent.state.bias"])
        state = torch.relu(a)
        total = total + state
    return total / h.shape[1]


def gru(p, h):
    # The six maps of the papers, cut out of the three that are stored.
    wu, wr, w = p["recurrent.input.weight"].chunk(3)
    bu, br, b = p["recurrent.input.bias"].chunk(3)
    uu, ur = p["recurrent.gates.weight"].chunk(2)
    du, dr = p["recurrent.gates.bias"].chunk(2)
    state, total = None, 0
    for t in range(h.shape[1]):
        x = h[:, t]
        if state is None:
            state = torch.tanh(F.linear(x, w, b))
        else:
            u = torch.sigmoid(F.linear(x, wu, bu) + F.linear(state, uu, du))
            r = torch.sigmoid(F.linear(x, wr, br) + F.linear(state, ur, dr))
            c = torch.tanh(F.linear(x, w, b) + F.linear(r * state, p["recurrent.candidate.weight"], p["recurrent.candidate.bias"]))
            state = u * c + (1 - u) * state
        total = total + state
    return total / h.shape[1]


def forward(variant, p, x):
    h = x.transpose(1, 2)
    for i in (1, 2, 3):
        h = torch.relu(F.conv1d(h, p[f"conv{i}.weight"], p[f"conv{i}.bias"]))
        if i < 3:
            h = F.max_pool1d(h, 3, 3)
        elif variant == "cvpr":
            h = F.max_pool1d(h, 3, 2)
    h = h.transpose(1, 2)
    h = rnn(p, h) if variant == "cvpr" else gru(p, h)
    return F.linear(h, p["out.weight"], p["out.bias"])


def shapes(variant):
    s, last = {}, 70
    for i, c in enumerate(CONV, 1):
        s[f"conv{i}"] = (c, last, 4)
        last = c
    if variant == "cvpr":
        s["recurrent.input"], s["recurrent.state"] = (HIDDEN, last), (HIDDEN, HIDDEN)
    else:
        s["recurrent.input"] = (3 * HIDDEN, last)
        s["recurrent.gates"], s["recurrent.candidate"] = (2 * HIDDEN, HIDDEN), (HIDDEN, HIDDEN)
    s["out"] = (OUT, HIDDEN)
    return s


def make(variant):
    g = torch.Generator().manual_seed(1)
    p = {}
    for name, shape in shapes(variant).items():
        for part, size in (("weight", shape), ("bias", shape[:1])):
            # Rounded to float32, so that both sides compute with the same numbers.
            values = (torch.randn(size, generator=g, dtype=torch.float64) * 0.4).float().double()
            p[f"{name}.{part}"] = values.requires_grad_()
    y = forward(variant, p, onehot())
    grad_y = torch.randn(y.shape, generator=g, dtype=torch.float64).float().double()
    (y * grad_y).sum().backward()
    tensors = {k: v.detach() for k, v in p.items()}
    tensors.update({"golden.y": y.detach(), "golden.grad_y": grad_y, "golden.grad.conv1": p["conv1.weight"].grad,
                    "golden.grad.input": p["recurrent.input.weight"].grad})
    header, data = {"__metadata__": {"captions": json.dumps(CAPTIONS), "torch": torch.__version__}}, b""
    for name, t in tensors.items():
        raw = t.float().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(f"golden_{variant}.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head + data)


for v in ("icml", "cvpr"):
    make(v)
