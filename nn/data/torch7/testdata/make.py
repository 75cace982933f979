"""Writes the .t7 files of the tests from the description of the format in torch7's File.lua: python3 make.py"""
import struct

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+-=<>()[]{} "
FORMATS = {"Byte": "B", "Char": "b", "Short": "h", "Int": "i", "Long": "q", "Float": "f", "Double": "d", "Cuda": "f"}


class Tensor:
    def __init__(self, kind, shape, values, strides=None, offset=1, storage=None):
        self.kind, self.shape, self.offset = kind, shape, offset
        if strides is None:
            strides, step = [], 1
            for s in reversed(shape):
                strides.insert(0, step)
                step *= s
        self.strides = strides
        self.storage = storage or Storage(kind, values)


class Storage:
    def __init__(self, kind, values):
        self.kind, self.values = kind, values


class Writer:
    def __init__(self, path, text=False, long="q"):
        self.f, self.text, self.long, self.known, self.keep = open(path, "wb"), text, long, {}, []

    def numbers(self, code, values):
        if self.text:
            if values:
                form = "%.17g" if code == "d" else "%.9g" if code == "f" else "%d"
                self.f.write((" ".join(form % v for v in values) + "\n").encode())
        else:
            self.f.write(struct.pack("<%d%s" % (len(values), code), *values))

    def int(self, v):
        self.numbers("i", [v])

    def longs(self, values):
        self.numbers(self.long, values)

    def chars(self, b):
        self.f.write(b + (b"\n" if self.text and b else b""))

    def string(self, s):
        b = s.encode()
        self.int(len(b))
        self.chars(b)

    def object(self, v):
        if v is None:
            self.int(0)
        elif isinstance(v, bool):
            self.int(5)
            self.int(int(v))
        elif isinstance(v, (int, float)):
            self.int(1)
            self.numbers("d", [float(v)])
        elif isinstance(v, str):
            self.int(2)
            self.string(v)
        else:
            self.int(3 if isinstance(v, dict) else 4)
            if id(v) in self.known:
                self.int(self.known[id(v)])
                return
            self.known[id(v)] = len(self.known) + 1
            self.keep.append(v)
            self.int(len(self.known))
            if isinstance(v, dict):
                self.int(len(v))
                for k, x in v.items():
                    self.object(k)
                    self.object(x)
            elif isinstance(v, Tensor):
                self.string("V 1")
                self.string("torch.%sTensor" % v.kind)
                self.int(len(v.shape))
                self.longs(v.shape)
                self.longs(v.strides)
                self.longs([v.offset])
                self.object(v.storage if v.shape else None)
            elif isinstance(v, Storage):
                self.string("V 1")
                self.string("torch.%sStorage" % v.kind)
                self.longs([len(v.values)])
                if v.kind in ("Byte", "Char"):
                    self.chars(struct.pack("%d%s" % (len(v.values), FORMATS[v.kind]), *v.values))
                else:
                    self.numbers(self.long if v.kind == "Long" else FORMATS[v.kind], v.values)
            else:  # the name of a class that is not a tensor, with its fields
                self.string("V 1")
                self.string(v.name)
                self.object(v.fields)


class Other:
    name, fields = "nn.Linear", {"weight": 1.0}


def save(path, v, **options):
    w = Writer(path, **options)
    w.object(v)
    w.f.close()


def letters(captions):
    """(letters, captions) of numbers, 201 letters each."""
    dict_ = {}
    for i, c in enumerate(ALPHABET):
        dict_[c] = i + 1
    rows = [[dict_.get(c, 0) for c in s] + [0] * (201 - len(s)) for s in captions]
    return [rows[j][k] for k in range(201) for j in range(len(captions))]


shared = Storage("Double", [0.5 * i for i in range(12)])
view = Tensor("Double", [2, 3], None, strides=[6, 2], offset=2, storage=shared)  # numbers 1 3 5 / 7 9 11
everything = {
    "number": -2.5, "text": "h\u00e9llo\n", "empty": "", "yes": True, "no": False, "gone": None,
    "list": {1: "one", 2: 2.0, 3: {"deep": True}},
    "view": view, "again": view, "whole": Tensor("Double", [12], None, storage=shared),
    "byte": Tensor("Byte", [2, 2], [0, 127, 10, 255]), "char": Tensor("Char", [3], [-128, 10, 127]),
    "short": Tensor("Short", [2], [-300, 300]), "int": Tensor("Int", [2], [-70000, 70000]),
    "long": Tensor("Long", [2], [-7, 2000000000]), "float": Tensor("Float", [1, 2], [-1.5, 2.25]),
    "cuda": Tensor("Cuda", [1], [0.125]), "none": Tensor("Float", [], []), 7: "seven", True: "true",
    "raw": Storage("Float", [1.0, float("inf")]),
}
everything["self"] = everything
save("binary.t7", everything)
save("text.t7", everything, text=True)
save("long4.t7", everything, long="i")
save("class.t7", {"model": Other()})

birds = [["a small bird.", "it has a red-brown head"], ["caf\u00e9 bird", " gull (white) & grey "], ["x" * 250, ""]]
flat = [letters([s[:201] for s in c]) for c in birds]
save("captions.t7", Tensor("Byte", [3, 201, 2], sum(flat, [])))
save("entry.t7", {"img": "003.Gull/Gull_1.jpg", "char": Tensor("Double", [201, 2], [float(v) for v in flat[0]]),
                  "txt": Tensor("Float", [2, 4], [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75]), "word": Tensor("Int", [1], [3])})
