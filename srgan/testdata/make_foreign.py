"""Makes foreign.safetensors: a small residual generator with instance norm and PReLU, with random weights, in PyTorch's layout
and with the names that such networks have in PyTorch, and what PyTorch, in float64, makes of a picture: golden.x (H,W,3) and
golden.y (4H,4W,3). Running it again writes the same bytes. PyTorch 1.13.

    python3 make_foreign.py
"""
import json
import struct

import torch
from torch import nn

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
CHANNELS, BLOCKS = 8, 2


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False)
        self.norm1 = nn.InstanceNorm2d(CHANNELS, affine=True)
        self.act = nn.PReLU()
        self.conv2 = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False)
        self.norm2 = nn.InstanceNorm2d(CHANNELS, affine=True)

    def forward(self, x):
        return x + self.norm2(self.conv2(self.act(self.norm1(self.conv1(x)))))


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_input = nn.Conv2d(3, CHANNELS, 9, padding=4)
        self.act = nn.PReLU()
        self.residual = nn.Sequential(*[Block() for _ in range(BLOCKS)])
        self.conv_mid = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False)
        self.norm_mid = nn.InstanceNorm2d(CHANNELS, affine=True)
        up = []
        for _ in range(2):
            up += [nn.Conv2d(CHANNELS, 4 * CHANNELS, 3, padding=1), nn.PixelShuffle(2), nn.PReLU()]
        self.upscale = nn.Sequential(*up)
        self.conv_output = nn.Conv2d(CHANNELS, 3, 9, padding=4)

    def forward(self, x):
        h = self.act(self.conv_input(x))
        h = h + self.norm_mid(self.conv_mid(self.residual(h)))
        return self.conv_output(self.upscale(h))


net = Generator()
for name, p in net.named_parameters():
    if "norm" in name or "act" in name or (name.startswith("upscale") and p.dim() == 1):
        p.data += 0.2 * torch.randn_like(p)  # so that no two layers are alike
    p.data = p.data.float().double()
x = torch.rand(1, 3, 13, 10).float().double()
with torch.no_grad():
    y = net(x)

tensors = {k: v for k, v in sorted(net.state_dict().items())}
tensors["golden.x"] = x[0].permute(1, 2, 0)
tensors["golden.y"] = y[0].permute(1, 2, 0)
header, data = {}, b""
for k, v in tensors.items():
    b = v.float().contiguous().numpy().tobytes()
    header[k] = {"dtype": "F32", "shape": list(v.shape), "data_offsets": [len(data), len(data) + len(b)]}
    data += b
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("foreign.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
