#!/usr/bin/env python3
"""Makes the golden vectors of package golden with PyTorch.

Usage: python3 make_golden.py [name ...]      (needs numpy and torch 1.13 or later; no name means all)

Every input is a float32 number; everything is computed in float64 and rounded to float32 once, at the end.
Every derivative that PyTorch gives is checked against finite differences before it is written. The random
numbers of a case depend on its name only, so adding a case leaves the other files as they are.
"""
import json
import os
import sys
import zlib

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

CASES = {}


class NearKink(Exception):
    """An input lies so near a kink or a tie that float32 rounding could choose the other branch."""


def clear(t, margin=1e-3):
    """Returns t, and asks for another seed if any element is within margin of zero."""
    if t.detach().abs().min() < margin:
        raise NearKink
    return t


def distinct(t, margin=1e-3):
    """Returns t, and asks for another seed if two of its elements are within margin of each other."""
    if t.detach().flatten().sort().values.diff().min() < margin:
        raise NearKink
    return t


def case(*args, name=None, **kw):
    """Registers the decorated function, called with a Writer and the arguments given here, under a name."""
    def deco(fn):
        label = name or fn.__name__
        assert label not in CASES, label
        CASES[label] = lambda w: fn(w, *args, **kw)
        return fn
    return deco


class Writer:
    """Collects the arrays and the settings of one case."""

    def __init__(self, name, attempt):
        self.rng = np.random.default_rng([zlib.crc32(name.encode()), attempt])
        self.name, self.arrays, self.meta = name, {}, {}

    def randn(self, *shape, scale=1.0, shift=0.0):
        return self.const(shift + scale * self.rng.standard_normal(shape))

    def rand(self, *shape, lo=0.0, hi=1.0):
        return self.const(self.rng.uniform(lo, hi, shape))

    @staticmethod
    def const(values):
        """A float64 tensor whose values are float32 numbers."""
        return torch.from_numpy(np.asarray(values, dtype=np.float32).astype(np.float64))

    def put(self, **arrays):
        self.put_dict(arrays)

    def put_dict(self, arrays):
        for key, value in arrays.items():
            assert key not in self.arrays, key
            value = value.detach().numpy() if torch.is_tensor(value) else np.asarray(value, dtype=np.float64)
            out = value.astype(np.float32)
            assert np.isfinite(out).all(), (self.name, key)
            self.arrays[key] = out

    def note(self, **meta):
        self.meta.update({k: v if isinstance(v, str) else json.dumps(v) for k, v in meta.items()})

    @staticmethod
    def check(fn, inputs, grads):
        """Compares gradients of the number fn(*inputs) with central differences along random directions."""
        rng, step = np.random.default_rng(7), 1e-6
        for i, g in enumerate(grads):
            for _ in range(3):
                u = torch.from_numpy(rng.standard_normal(tuple(inputs[i].shape)))
                ends = [fn(*(v.detach() + (s * step * u if j == i else 0) for j, v in enumerate(inputs)))
                        for s in (1, -1)]
                want, got = float(ends[0] - ends[1]) / (2 * step), float((g * u).sum())
                assert abs(want - got) <= 1e-6 * max(1, abs(want)), (i, want, got)

    def differentiate(self, inputs, fn):
        """Writes the inputs, the outputs of fn, random upstream gradients grad.<output> and the gradients
        grad.<input> of sum(grad.<output> * output). fn maps a dict of tensors to a dict of tensors; a single
        output of one element gets no upstream gradient (it is 1)."""
        leaves = {k: v.clone().requires_grad_(True) for k, v in inputs.items()}
        outs = fn(leaves)
        single = len(outs) == 1 and next(iter(outs.values())).dim() == 0
        up = {} if single else {"grad." + k: self.randn(*v.shape) for k, v in outs.items()}

        def total(*values):
            return sum((up.get("grad." + k, 1) * v).sum() for k, v in fn(dict(zip(leaves, values))).items())
        grads = torch.autograd.grad(total(*leaves.values()), list(leaves.values()))
        self.check(total, list(inputs.values()), grads)
        self.put_dict(inputs)
        self.put_dict(outs)
        self.put_dict(up)
        self.put_dict({"grad." + k: g for k, g in zip(leaves, grads)})
        return outs

    def write(self, folder):
        """Writes one line of JSON, then the arrays in its order as little-endian float32."""
        arrays = sorted(self.arrays.items())
        header = {"torch": torch.__version__, "meta": self.meta, "arrays": [[k, list(a.shape)] for k, a in arrays]}
        with open(os.path.join(folder, self.name + ".golden"), "wb") as f:
            f.write(json.dumps(header, separators=(",", ":")).encode() + b"\n")
            for _, a in arrays:
                f.write(np.ascontiguousarray(a).astype("<f4").tobytes())


# Convolution.

def conv2d(w, x, cout, k, stride=1, pad=0, dilation=1, groups=1, mode="zeros"):
    kh, kw = (k, k) if isinstance(k, int) else k
    w.note(stride=stride, pad=pad, dilation=dilation, groups=groups, pad_mode=mode)
    inputs = {"x": w.randn(*x), "w": w.randn(cout, x[1] // groups, kh, kw, scale=0.3), "b": w.randn(cout)}

    def fn(t):
        if mode == "reflect":
            return {"y": F.conv2d(F.pad(t["x"], [pad] * 4, mode="reflect"), t["w"], t["b"], stride)}
        return {"y": F.conv2d(t["x"], t["w"], t["b"], stride, pad, dilation, groups)}
    w.differentiate(inputs, fn)


case((2, 3, 6, 5), 4, 3, pad=1, name="conv2d_k3p1")(conv2d)
case((2, 5, 4, 3), 7, 1, name="conv2d_k1")(conv2d)
case((2, 3, 8, 6), 4, 4, stride=2, pad=1, name="conv2d_k4s2p1")(conv2d)
case((1, 3, 9, 8), 4, 5, stride=2, pad=2, name="conv2d_k5s2p2")(conv2d)
case((1, 3, 11, 10), 4, 9, pad=4, name="conv2d_k9p4")(conv2d)
case((1, 4, 6, 7), 3, 9, pad=4, name="conv2d_k9p4_to3")(conv2d)
case((1, 3, 9, 8), 4, 3, pad=2, dilation=2, name="conv2d_dilation2")(conv2d)
case((2, 4, 6, 5), 6, 3, pad=1, groups=2, name="conv2d_groups2")(conv2d)
case((2, 3, 7, 11), 5, 3, stride=2, pad=1, name="conv2d_odd_sizes")(conv2d)
case((1, 3, 7, 9), 4, (3, 5), stride=(2, 1), pad=(1, 2), name="conv2d_rectangular")(conv2d)
case((1, 3, 6, 7), 4, 5, pad=2, mode="reflect", name="conv2d_reflect")(conv2d)
case((1, 16, 9, 7), 32, 3, pad=1, name="conv2d_winograd")(conv2d)
case((1, 5, 10, 13), 7, 3, pad=1, name="conv2d_winograd_odd")(conv2d)
case((1, 5, 7, 9), 6, 3, name="conv2d_winograd_valid")(conv2d)


def conv_transpose2d(w, x, cout, k, stride=1, pad=0, output_pad=0, groups=1):
    w.note(stride=stride, pad=pad, output_pad=output_pad, groups=groups)
    inputs = {"x": w.randn(*x), "w": w.randn(x[1], cout // groups, k, k, scale=0.3), "b": w.randn(cout)}
    w.differentiate(inputs, lambda t: {"y": F.conv_transpose2d(
        t["x"], t["w"], t["b"], stride, pad, output_pad, groups)})


case((2, 4, 5, 3), 3, 4, stride=2, pad=1, name="conv_transpose2d_k4s2p1")(conv_transpose2d)
case((2, 6, 1, 1), 5, 4, name="conv_transpose2d_k4s1p0")(conv_transpose2d)
case((1, 3, 4, 5), 4, 3, stride=2, pad=1, output_pad=1, name="conv_transpose2d_output_pad")(conv_transpose2d)
case((1, 4, 3, 4), 6, 4, stride=2, pad=1, groups=2, name="conv_transpose2d_groups2")(conv_transpose2d)
case((1, 3, 4, 3), 2, 5, stride=3, name="conv_transpose2d_k5s3p0")(conv_transpose2d)


def conv1d(w, x, cout, k, stride=1, pad=0):
    w.note(stride=stride, pad=pad)
    inputs = {"x": w.randn(*x), "w": w.randn(cout, x[1], k, scale=0.3), "b": w.randn(cout)}
    w.differentiate(inputs, lambda t: {"y": F.conv1d(t["x"], t["w"], t["b"], stride, pad)})


case((2, 5, 11), 6, 4, name="conv1d_k4")(conv1d)
case((2, 3, 10), 4, 3, stride=2, pad=1, name="conv1d_k3s2p1")(conv1d)


@case(name="linear")
def linear(w):
    inputs = {"x": w.randn(5, 7), "w": w.randn(4, 7), "b": w.randn(4)}
    w.differentiate(inputs, lambda t: {"y": F.linear(t["x"], t["w"], t["b"])})


# Pooling.

def pool(w, op, x, **kw):
    w.note(op=op, **kw)
    fn = getattr(F, op)
    x = w.randn(*x)
    w.differentiate({"x": distinct(x, 1e-5) if op.startswith("max") else x}, lambda t: {"y": fn(t["x"], **kw)})


case("max_pool1d", (2, 3, 11), kernel_size=3, stride=3, name="max_pool1d_k3s3")(pool)
case("max_pool1d", (2, 3, 10), kernel_size=3, stride=2, name="max_pool1d_k3s2")(pool)
case("max_pool2d", (2, 3, 6, 8), kernel_size=2, stride=2, name="max_pool2d_k2s2")(pool)
case("max_pool2d", (2, 3, 7, 8), kernel_size=3, stride=2, padding=1, name="max_pool2d_k3s2p1")(pool)
case("max_pool2d", (1, 3, 6, 7), kernel_size=3, stride=2, ceil_mode=True, name="max_pool2d_k3s2_ceil")(pool)
case("max_pool2d", (1, 3, 5, 7), kernel_size=2, stride=2, ceil_mode=True, name="max_pool2d_k2s2_ceil")(pool)
case("avg_pool2d", (2, 3, 6, 8), kernel_size=2, stride=2, name="avg_pool2d_k2s2")(pool)
case("avg_pool2d", (1, 3, 7, 8), kernel_size=3, stride=2, padding=1, name="avg_pool2d_k3s2p1")(pool)
case("avg_pool2d", (1, 3, 7, 8), kernel_size=3, stride=2, padding=1, count_include_pad=False,
     name="avg_pool2d_k3s2p1_exclude_pad")(pool)
case("avg_pool2d", (1, 3, 6, 7), kernel_size=3, stride=2, ceil_mode=True, name="avg_pool2d_k3s2_ceil")(pool)
case("adaptive_avg_pool2d", (2, 3, 7, 5), output_size=(3, 2), name="adaptive_avg_pool2d")(pool)
case("adaptive_avg_pool2d", (2, 3, 5, 4), output_size=1, name="global_avg_pool2d")(pool)


# Normalisation.

def batch_norm(w, *x):
    w.note(eps=1e-5, momentum=0.1)
    c = x[1]
    inputs = {"x": w.randn(*x, scale=1.7, shift=0.6), "w": w.randn(c, scale=0.5, shift=1.0), "b": w.randn(c)}
    mean, var = w.randn(c), w.rand(c, lo=0.5, hi=2)
    w.put(running_mean=mean, running_var=var)
    w.differentiate(inputs, lambda t: {
        "y": F.batch_norm(t["x"], mean.clone(), var.clone(), t["w"], t["b"], True, 0.1, 1e-5)})
    new_mean, new_var = mean.clone(), var.clone()
    F.batch_norm(inputs["x"], new_mean, new_var, None, None, True, 0.1, 1e-5)
    dims = [d for d in range(len(x)) if d != 1]
    torch.testing.assert_close(new_var, 0.9 * var + 0.1 * inputs["x"].var(dims, unbiased=True))
    up = w.const(w.arrays["grad.y"])

    def infer(x, weight, bias):
        return F.batch_norm(x, new_mean, new_var, weight, bias, False, 0.1, 1e-5)
    leaves = {k: v.clone().requires_grad_(True) for k, v in inputs.items()}
    y = infer(*leaves.values())
    grads = torch.autograd.grad((y * up).sum(), list(leaves.values()))
    w.check(lambda *a: (infer(*a) * up).sum(), list(leaves.values()), grads)
    w.put_dict({"new_running_mean": new_mean, "new_running_var": new_var, "eval.y": y})
    w.put_dict({"eval.grad." + k: g for k, g in zip(leaves, grads)})


case(3, 4, 5, 3, name="batch_norm2d")(batch_norm)
case(6, 5, name="batch_norm1d")(batch_norm)


@case(name="instance_norm")
def instance_norm(w):
    w.note(eps=1e-5)
    inputs = {"x": w.randn(2, 3, 5, 4, scale=1.7, shift=0.6), "w": w.randn(3, scale=0.5, shift=1), "b": w.randn(3)}
    w.differentiate(inputs, lambda t: {"y": F.instance_norm(t["x"], weight=t["w"], bias=t["b"], eps=1e-5)})


@case(name="layer_norm")
def layer_norm(w):
    w.note(eps=1e-5, axes="last")
    inputs = {"x": w.randn(2, 5, 7, scale=1.7, shift=0.6), "w": w.randn(7, scale=0.5, shift=1), "b": w.randn(7)}
    w.differentiate(inputs, lambda t: {"y": F.layer_norm(t["x"], (7,), t["w"], t["b"], 1e-5)})


@case(name="group_norm")
def group_norm(w):
    w.note(eps=1e-5, groups=2)
    inputs = {"x": w.randn(2, 6, 4, 3, scale=1.7, shift=0.6), "w": w.randn(6, scale=0.5, shift=1), "b": w.randn(6)}
    w.differentiate(inputs, lambda t: {"y": F.group_norm(t["x"], 2, t["w"], t["b"], 1e-5)})


# Activations and rearrangements.

def unary(w, fn, extreme=(), x=(2, 3, 4, 2), **meta):
    w.note(**meta)
    v = clear(w.randn(*x, scale=2.0)).flatten()
    v[:len(extreme)] = w.const(extreme)
    w.differentiate({"x": v.reshape(x)}, lambda t: {"y": fn(t["x"])})


FAR = (-100, 100, -50, 50, -25, 25, -15, 15)
case(F.relu, FAR, name="relu")(unary)
case(lambda x: F.leaky_relu(x, 0.2), FAR, slope=0.2, name="leaky_relu")(unary)
case(F.elu, FAR, alpha=1.0, name="elu")(unary)
case(lambda x: F.elu(x, 0.5), FAR, alpha=0.5, name="elu_alpha")(unary)
case(F.selu, FAR, name="selu")(unary)
case(F.softplus, FAR, name="softplus")(unary)
case(torch.sigmoid, FAR[2:], name="sigmoid")(unary)
case(torch.tanh, FAR, name="tanh")(unary)
case(F.gelu, FAR, formula="erf", name="gelu")(unary)
case(F.silu, FAR[2:], name="silu")(unary)
case(lambda x: F.softmax(x, -1), x=(4, 6), axis="last", name="softmax")(unary)
case(lambda x: F.log_softmax(x, -1), FAR, x=(4, 6), axis="last", name="log_softmax")(unary)


def prelu(w, slopes):
    inputs = {"x": clear(w.randn(2, 4, 3, 5)), "w": w.const(slopes)}
    w.differentiate(inputs, lambda t: {"y": F.prelu(t["x"], t["w"])})


case([0.25], name="prelu_shared")(prelu)
case([0.25, -0.1, 0.0, 0.7], name="prelu_channel")(prelu)


def shuffle(w, x, r, fn):
    w.note(factor=r)
    w.differentiate({"x": w.randn(*x)}, lambda t: {"y": fn(t["x"], r)})


case((2, 8, 3, 2), 2, F.pixel_shuffle, name="pixel_shuffle_r2")(shuffle)
case((1, 18, 2, 3), 3, F.pixel_shuffle, name="pixel_shuffle_r3")(shuffle)
case((2, 2, 6, 4), 2, F.pixel_unshuffle, name="pixel_unshuffle_r2")(shuffle)


def interpolate(w, mode, size):
    w.note(mode=mode, size=size, align_corners=False, antialias=False)
    kw = {"align_corners": False} if mode == "bilinear" else {}
    w.differentiate({"x": w.randn(2, 2, 6, 5)}, lambda t: {"y": F.interpolate(t["x"], size=size, mode=mode, **kw)})


for mode in ("nearest", "bilinear"):
    case(mode, (12, 10), name="interpolate_%s_x2" % mode)(interpolate)
    case(mode, (10, 7), name="interpolate_%s_up" % mode)(interpolate)
    case(mode, (3, 2), name="interpolate_%s_down" % mode)(interpolate)
case("nearest-exact", (10, 7), name="interpolate_nearest_exact_up")(interpolate)
case("nearest-exact", (4, 2), name="interpolate_nearest_exact_down")(interpolate)


# Recurrent networks.

def recurrent(w, kind, bidirectional=False, state=False):
    n, length, c, h = 2, 4, 3, 4
    w.note(batch_first=True, bidirectional=bidirectional, hidden=h,
           gates={"RNN": "h", "GRU": "r,z,n", "LSTM": "i,f,g,o"}[kind])
    kw = {"nonlinearity": "relu"} if kind == "RNN" else {}
    net = getattr(torch.nn, kind)(c, h, batch_first=True, bidirectional=bidirectional, **kw)
    names = [k for k, _ in net.named_parameters()]
    inputs = {"x": w.randn(n, length, c)}
    for k, p in net.named_parameters():
        inputs[k] = w.randn(*p.shape, scale=0.6)
    d = 2 if bidirectional else 1
    if state:
        inputs["h0"] = w.randn(d, n, h)
        if kind == "LSTM":
            inputs["c0"] = w.randn(d, n, h)

    def fn(t):
        zero = torch.zeros(d, n, h)
        h0 = t.get("h0", zero)
        hx = (h0, t.get("c0", zero)) if kind == "LSTM" else h0
        flat = [t[k] for k in names]
        if kind == "LSTM":
            y, hn, cn = torch.lstm(t["x"], hx, flat, True, 1, 0.0, False, bidirectional, True)
        else:
            op = torch.gru if kind == "GRU" else torch.rnn_relu
            y, hn = op(t["x"], hx, flat, True, 1, 0.0, False, bidirectional, True)
        return {"y": y, "h_n": hn, **({"c_n": cn} if kind == "LSTM" else {})}

    if kind == "RNN":
        for s in [""] + ["_reverse"] * bidirectional:
            seq = inputs["x"].flip(1) if s else inputs["x"]
            hid = inputs["h0"][0] if state else torch.zeros(n, h)
            for i in range(length):
                pre = seq[:, i] @ inputs["weight_ih_l0" + s].T + inputs["bias_ih_l0" + s] + \
                    hid @ inputs["weight_hh_l0" + s].T + inputs["bias_hh_l0" + s]
                hid = clear(pre, 5e-3).relu()
    w.differentiate(inputs, fn)


for kind, label in (("RNN", "rnn_relu"), ("GRU", "gru"), ("LSTM", "lstm")):
    case(kind, name=label)(recurrent)
    case(kind, bidirectional=True, name=label + "_bi")(recurrent)
    case(kind, state=True, name=label + "_state")(recurrent)


def numpy_char_gru(x, p):
    """The recurrence of Reed et al. 2016 in numpy, one time step after another."""
    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    def affine(name, v):
        return v @ p["w_" + name].T + p["b_" + name]
    h, ys = np.tanh(affine("x", x[:, 0])), []
    ys.append(h)
    for t in range(1, x.shape[1]):
        u = sigmoid(affine("ux", x[:, t]) + affine("uh", h))
        r = sigmoid(affine("rx", x[:, t]) + affine("rh", h))
        cand = np.tanh(affine("x", x[:, t]) + affine("h", r * h))
        h = u * cand + (1 - u) * h
        ys.append(h)
    return np.stack(ys, 1)


@case(name="char_gru")
def char_gru(w):
    n, length, c, h = 2, 4, 3, 4
    w.note(formula="u=s(ux+uh), r=s(rx+rh), cand=tanh(x+h(r*h)), h'=u*cand+(1-u)*h; first step h=tanh(x), its gates skipped")
    inputs = {"x": w.randn(n, length, c)}
    for name in ("ux", "uh", "rx", "rh", "x", "h"):
        inputs["w_" + name] = w.randn(h, c if name.endswith("x") else h, scale=0.6)
        inputs["b_" + name] = w.randn(h, scale=0.6)

    def fn(t):
        def affine(name, v):
            return F.linear(v, t["w_" + name], t["b_" + name])
        hid = torch.tanh(affine("x", t["x"][:, 0]))
        ys = [hid]
        for i in range(1, length):
            v = t["x"][:, i]
            u = torch.sigmoid(affine("ux", v) + affine("uh", hid))
            r = torch.sigmoid(affine("rx", v) + affine("rh", hid))
            hid = u * torch.tanh(affine("x", v) + affine("h", r * hid)) + (1 - u) * hid
            ys.append(hid)
        return {"y": torch.stack(ys, 1)}
    outs = w.differentiate(inputs, fn)
    plain = {k: v.numpy() for k, v in inputs.items()}
    np.testing.assert_allclose(numpy_char_gru(plain["x"], plain), outs["y"].detach().numpy(), rtol=0, atol=1e-12)


@case(name="char_rnn")
def char_rnn(w):
    n, length, c, h = 2, 4, 3, 4
    w.note(formula="first step h=relu(W x + b), then h'=relu(W x + b + U h + d)")
    inputs = {"x": w.randn(n, length, c), "w_x": w.randn(h, c, scale=0.6), "b_x": w.randn(h, scale=0.6),
              "w_h": w.randn(h, h, scale=0.6), "b_h": w.randn(h, scale=0.6)}

    def fn(t):
        hid = clear(F.linear(t["x"][:, 0], t["w_x"], t["b_x"]), 5e-3).relu()
        ys = [hid]
        for i in range(1, length):
            pre = F.linear(t["x"][:, i], t["w_x"], t["b_x"]) + F.linear(hid, t["w_h"], t["b_h"])
            hid = clear(pre, 5e-3).relu()
            ys.append(hid)
        return {"y": torch.stack(ys, 1)}
    w.differentiate(inputs, fn)


# Losses. Means run over all elements.

@case(name="loss_bce_logits")
def loss_bce_logits(w):
    x = w.randn(4, 6, scale=2.0)
    x.view(-1)[:6] = w.const([-100, 100, -30, 30, -100, 100])
    t = w.rand(4, 6)
    t.view(-1)[:6] = w.const([0, 1, 1, 0, 1, 0])
    w.put(target=t)
    w.differentiate({"x": x}, lambda v: {"loss": F.binary_cross_entropy_with_logits(v["x"], t)})


@case(name="loss_bce_logits_weighted")
def loss_bce_logits_weighted(w):
    w.note(mean="each term times its weight, divided by the full count")
    x, t, s = w.randn(4, 6, scale=2.0), w.rand(4, 6), w.rand(4, 6, hi=2)
    w.put(target=t, weight=s)
    w.differentiate({"x": x}, lambda v: {"loss": F.binary_cross_entropy_with_logits(v["x"], t, weight=s)})


@case(name="loss_cross_entropy")
def loss_cross_entropy(w):
    x, labels = w.randn(6, 5, scale=2.0), [4, 0, 2, 2, 1, 3]
    x[0, 0], x[1, 1] = 80, 90
    w.put(labels=labels)
    w.differentiate({"x": x}, lambda v: {"loss": F.cross_entropy(v["x"], torch.tensor(labels))})


@case(name="loss_mse")
def loss_mse(w):
    w.differentiate({"x": w.randn(3, 5), "target": w.randn(3, 5)}, lambda v: {"loss": F.mse_loss(v["x"], v["target"])})


@case(name="loss_l1")
def loss_l1(w):
    x, t = w.randn(3, 5), w.randn(3, 5)
    clear(x - t)
    w.differentiate({"x": x, "target": t}, lambda v: {"loss": F.l1_loss(v["x"], v["target"])})


@case(name="loss_smooth_l1")
def loss_smooth_l1(w):
    w.note(beta=1.0)
    x, t = w.randn(3, 5), w.randn(3, 5)
    clear(x - t)
    clear((x - t).abs() - 1)
    w.differentiate({"x": x, "target": t}, lambda v: {"loss": F.smooth_l1_loss(v["x"], v["target"])})


def kl(w, two):
    w.note(formula="KL(N(mean, exp(log_sigma)^2) || %s), element by element; the gradients are those of its sum"
           % ("N(prior_mean, exp(prior_log_sigma)^2)" if two else "N(0, 1)"))
    inputs = {"mean": w.randn(3, 4), "log_sigma": w.randn(3, 4, scale=0.5)}
    if two:
        inputs.update(prior_mean=w.randn(3, 4), prior_log_sigma=w.randn(3, 4, scale=0.5))
    normal = torch.distributions.Normal

    def terms(v):
        q = normal(v["mean"], v["log_sigma"].exp())
        p = normal(v["prior_mean"], v["prior_log_sigma"].exp()) if two else normal(0.0, 1.0)
        return torch.distributions.kl_divergence(q, p)
    w.put(kl=terms(inputs))
    w.differentiate(inputs, lambda v: {"loss": terms(v).sum()})


case(False, name="loss_kl_standard")(kl)
case(True, name="loss_kl_gaussians")(kl)


@case(name="loss_hinge")
def loss_hinge(w):
    w.note(formula="mean(relu(1-real)) + mean(relu(1+fake))")
    real, fake = w.randn(6, 1, scale=1.5), w.randn(6, 1, scale=1.5)
    clear(1 - real)
    clear(1 + fake)
    w.differentiate({"real": real, "fake": fake},
                    lambda v: {"loss": F.relu(1 - v["real"]).mean() + F.relu(1 + v["fake"]).mean()})


# Optimisers: six steps with given gradients from one start. Some gradients are tiny, so that the place of
# epsilon shows, and one is always zero.

STEPS = 6


def problem(w):
    p0, grads = w.randn(8), w.randn(STEPS, 8)
    grads[:, 1] *= 1e-7
    grads[:, 2] *= 1e-8
    grads[:, 3] = 0
    grads[:, 4] *= 100
    return p0, w.const(grads)


def optimiser(w, make, **kw):
    w.note(rule="torch.optim." + make, **kw)
    p0, grads = problem(w)
    p = p0.clone().requires_grad_(True)
    opt = getattr(torch.optim, make)([p], **kw)
    trace = []
    for g in grads:
        p.grad = g.clone()
        opt.step()
        trace.append(p.detach().clone())
    w.put(p0=p0, grads=grads, params=torch.stack(trace))


case("SGD", lr=0.1, name="sgd")(optimiser)
case("SGD", lr=0.1, weight_decay=0.05, name="sgd_weight_decay")(optimiser)
case("SGD", lr=0.1, momentum=0.9, name="sgd_momentum")(optimiser)
case("SGD", lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05, name="sgd_nesterov")(optimiser)
case("SGD", lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.05, name="sgd_dampening")(optimiser)
case("Adam", lr=0.01, name="adam")(optimiser)
case("Adam", lr=0.01, betas=(0.5, 0.9), eps=1e-6, weight_decay=0.05, name="adam_options")(optimiser)
case("Adam", lr=0.01, betas=(0.5, 0.9), amsgrad=True, name="adam_amsgrad")(optimiser)
case("AdamW", lr=0.01, weight_decay=0.1, name="adamw")(optimiser)
case("RMSprop", lr=0.01, name="rmsprop")(optimiser)
case("RMSprop", lr=0.01, alpha=0.9, eps=1e-6, momentum=0.9, weight_decay=0.05, name="rmsprop_momentum")(optimiser)
case("RMSprop", lr=0.01, centered=True, name="rmsprop_centered")(optimiser)


def torch7(w, rule, **kw):
    w.note(rule="torch7 " + rule, **kw)
    p0, grads = problem(w)
    p, lr, trace = p0.numpy().copy(), kw["lr"], []
    m, v = np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(grads.numpy(), 1):
        if rule == "adam":
            b1, b2 = kw["betas"]
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            p = p - lr * np.sqrt(1 - b2 ** t) / (1 - b1 ** t) * m / (np.sqrt(v) + kw["eps"])
        elif rule == "rmsprop":
            v = kw["alpha"] * v + (1 - kw["alpha"]) * g * g
            p = p - lr * g / (np.sqrt(v) + kw["eps"])
        else:
            mu = kw["momentum"]
            m = g.copy() if t == 1 else mu * m + (1 - mu) * g
            p = p - lr * m
        trace.append(p)
    twin = {"rmsprop": ("RMSprop", {}), "sgd": ("SGD", {"dampening": kw.get("momentum")})}.get(rule)
    if twin:  # these two rules are special cases of PyTorch's
        q = p0.clone().requires_grad_(True)
        opt = getattr(torch.optim, twin[0])([q], **{**kw, **twin[1]})
        for g in grads:
            q.grad = g.clone()
            opt.step()
        np.testing.assert_allclose(q.detach().numpy(), p, rtol=0, atol=1e-12)
    w.put(p0=p0, grads=grads, params=np.stack(trace))


case("adam", lr=0.01, betas=(0.5, 0.999), eps=1e-8, name="torch7_adam")(torch7)
case("rmsprop", lr=0.01, alpha=0.99, eps=1e-8, name="torch7_rmsprop")(torch7)
case("sgd", lr=0.1, momentum=0.5, name="torch7_sgd")(torch7)


# Whole networks.

def critic(w, activation):
    """Penalties on a critic conv 3x3 -> activation -> conv 3x3 stride 2 -> activation -> linear, by double backward."""
    w.note(activation=activation, slope=0.2, conv1="k3p1", conv2="k3s2p1",
           score="features flattened in (C,H,W) order",
           gp="10*mean((norm(grad of sum(score) in x, per sample) - 1)^2)",
           r1="10/2*mean(sum of squares of that gradient, per sample)")
    act = torch.tanh if activation == "tanh" else lambda a: F.leaky_relu(clear(a), 0.2)
    x = w.randn(2, 3, 8, 8)
    params = {"conv1.weight": w.randn(4, 3, 3, 3, scale=0.3), "conv1.bias": w.randn(4, scale=0.3),
              "conv2.weight": w.randn(5, 4, 3, 3, scale=0.3), "conv2.bias": w.randn(5, scale=0.3),
              "linear.weight": w.randn(1, 80, scale=0.3), "linear.bias": w.randn(1)}

    def penalties(x, *values):
        x = x if x.requires_grad else x.clone().requires_grad_(True)
        t = dict(zip(params, values))
        h = act(F.conv2d(x, t["conv1.weight"], t["conv1.bias"], 1, 1))
        h = act(F.conv2d(h, t["conv2.weight"], t["conv2.bias"], 2, 1))
        score = F.linear(h.flatten(1), t["linear.weight"], t["linear.bias"])
        gx, = torch.autograd.grad(score.sum(), x, create_graph=True)
        square = gx.pow(2).sum((1, 2, 3))
        return score, gx, 10 * (square.sqrt() - 1).pow(2).mean(), 5 * square.mean()
    leaves = [v.clone().requires_grad_(True) for v in (x, *params.values())]
    score, gx, gp, r1 = penalties(*leaves)
    w.check(lambda v: penalties(v, *leaves[1:])[0].sum(), leaves[:1], [gx])
    w.put(x=x, score=score, gp=gp, r1=r1)
    w.put_dict({"score.grad.x": gx})
    w.put_dict(params)
    for label, value in (("gp", gp), ("r1", r1)):
        grads = torch.autograd.grad(value, leaves, retain_graph=True, allow_unused=True)
        grads = [torch.zeros_like(v) if g is None else g for v, g in zip(leaves, grads)]
        w.check(lambda *a: penalties(*a)[2 if label == "gp" else 3], leaves, grads)
        w.put_dict({label + ".grad." + k: g for k, g in zip(("x", *params), grads)})


case("leaky_relu", name="critic_penalty_leaky_relu")(critic)
case("tanh", name="critic_penalty_tanh")(critic)


@case(name="srresnet")
def srresnet(w):
    """Two residual blocks of eight channels, batch norm in training mode, one x2 stage, squared error."""
    w.note(eps=1e-5, momentum=0.1, order="head, prelu; body.0, body.1; mid conv, norm, + head's output; up.0, shuffle 2, prelu; tail",
           loss="mse(y, target)", pad="1 everywhere")
    c, shapes = 8, {"head.weight": (8, 3, 3, 3), "head.bias": (8,), "head_act.weight": None}
    norms = []
    for i in range(2):
        b = "body.%d." % i
        shapes.update({b + "conv1.weight": (c, c, 3, 3), b + "norm1": c, b + "act.weight": None,
                       b + "conv2.weight": (c, c, 3, 3), b + "norm2": c})
    shapes.update({"mid.weight": (c, c, 3, 3), "mid_norm": c, "up.0.conv.weight": (4 * c, c, 3, 3),
                   "up.0.conv.bias": (4 * c,), "up.0.act.weight": None, "tail.weight": (3, c, 3, 3), "tail.bias": (3,)})
    inputs = {"x": w.rand(2, 3, 6, 5)}
    for k, s in shapes.items():
        if s is None:
            inputs[k] = w.const([0.25])
        elif isinstance(s, int):
            norms.append(k)
            inputs[k + ".weight"] = w.randn(s, scale=0.2, shift=1.0)
            inputs[k + ".bias"] = w.randn(s, scale=0.2)
        else:
            inputs[k] = w.randn(*s, scale=0.1 if len(s) == 1 else (2 / (s[1] * 9)) ** 0.5)
    target = w.rand(2, 3, 12, 10, lo=-1, hi=1)
    running = {k: (w.randn(c, scale=0.1), w.rand(c, lo=0.5, hi=1.5)) for k in norms}
    images = {}

    def fn(t, stats=None):
        stats = stats or {k: (m.clone(), v.clone()) for k, (m, v) in running.items()}

        def conv(name, a):
            return F.conv2d(a, t[name + ".weight"], t.get(name + ".bias"), 1, 1)

        def norm(name, a):
            return F.batch_norm(a, *stats[name], t[name + ".weight"], t[name + ".bias"], True, 0.1, 1e-5)

        def act(name, a):
            return F.prelu(clear(a, 1e-4), t[name + ".weight"])
        first = a = act("head_act", conv("head", t["x"]))
        for i in range(2):
            b = "body.%d." % i
            skip = a
            a = act(b + "act", norm(b + "norm1", conv(b + "conv1", a)))
            a = skip + norm(b + "norm2", conv(b + "conv2", a))
        a = first + norm("mid_norm", conv("mid", a))
        a = act("up.0.act", F.pixel_shuffle(conv("up.0.conv", a), 2))
        images["y"] = conv("tail", a)
        return {"loss": F.mse_loss(images["y"], target)}
    w.differentiate(inputs, fn)
    stats = {k: (m.clone(), v.clone()) for k, (m, v) in running.items()}
    with torch.no_grad():
        fn(inputs, stats)
    w.put(y=images["y"], target=target)
    for k in norms:
        for j, part in enumerate(("running_mean", "running_var")):
            w.put_dict({k + "." + part: running[k][j], k + ".new_" + part: stats[k][j]})


def spectral(w, *shape):
    w.note(formula="v=W'u/|W'u|, new_u=Wv/|Wv|, sigma=new_u'Wv, y=W/sigma; u and v are constants in the gradient",
           matrix="W is the weight reshaped to (out, rest)", eps=1e-12)
    weight, u = w.randn(*shape), w.randn(shape[0])
    u = w.const((u / u.norm()).numpy())
    layer = torch.nn.Linear(shape[1], shape[0], bias=False) if len(shape) == 2 else \
        torch.nn.Conv2d(shape[1], shape[0], shape[2:], bias=False)
    torch.nn.utils.spectral_norm(layer)
    with torch.no_grad():
        layer.weight_orig.copy_(weight)
        layer.weight_u.copy_(u)
    layer.train()
    layer(torch.zeros(1, shape[1], *shape[2:]))
    mat = weight.reshape(shape[0], -1)
    v = mat.T @ u
    v = v / v.norm()
    nu = mat @ v
    nu = nu / nu.norm()
    sigma = nu @ (mat @ v)
    torch.testing.assert_close(layer.weight, weight / sigma, rtol=0, atol=1e-12, check_stride=False)
    torch.testing.assert_close(layer.weight_u, nu, rtol=0, atol=1e-12)
    w.put(u=u, v=v, new_u=nu, sigma=sigma, true_sigma=torch.linalg.svdvals(mat)[0])
    w.differentiate({"w": weight}, lambda t: {"y": t["w"] / (nu @ (t["w"].reshape(shape[0], -1) @ v))})
    up = w.const(w.arrays["grad.y"])
    g, = torch.autograd.grad((layer.weight * up).sum(), layer.weight_orig)
    torch.testing.assert_close(g.float(), torch.from_numpy(w.arrays["grad.w"]), rtol=1e-6, atol=1e-7)


case(5, 3, 3, 3, name="spectral_norm_conv")(spectral)
case(4, 6, name="spectral_norm_linear")(spectral)


def main():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors")
    os.makedirs(folder, exist_ok=True)
    for name in sys.argv[1:] or CASES:
        for attempt in range(2000):
            writer = Writer(name, attempt)
            try:
                CASES[name](writer)
            except NearKink:
                continue
            writer.write(folder)
            break
        else:
            raise SystemExit("%s: no seed keeps clear of the kinks" % name)
        print(name, attempt, "; ".join("%s %s" % (k, list(a.shape)) for k, a in sorted(writer.arrays.items())))


if __name__ == "__main__":
    main()
