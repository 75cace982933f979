"""Writes the MAT-files of the tests with scipy (1.10.1): python3 make.py"""
import numpy as np
from scipy.io import savemat

numbers = {
    "labels": np.array([[77, 77, 1, 102, 3]], dtype=np.uint8),
    "grid": np.arange(6, dtype=np.float64).reshape(2, 3) / 4,  # rows 0 .25 .5 / .75 1 1.25
    "single": np.array([[-1.5], [2.25]], dtype=np.float32),
    "i16": np.array([[-300, 300]], dtype=np.int16),
    "i32": np.array([[-70000]], dtype=np.int32),
    "u32": np.array([[4000000000]], dtype=np.uint32),
    "i64": np.array([[-5000000000, 7]], dtype=np.int64),
    "u64": np.array([[2**53]], dtype=np.uint64),
    "i8": np.array([[-7]], dtype=np.int8),
    "u16": np.array([[65535]], dtype=np.uint16),
    "yes": np.array([[True, False]]),
    "cube": np.arange(24, dtype=np.int16).reshape(2, 3, 4),
    "none": np.zeros((0, 3)),
    "word": "héllo",
}
savemat("plain.mat", numbers)
savemat("packed.mat", numbers, do_compression=True)
savemat("other.mat", {
    "c": np.array([[1 + 2j]]),
    "s": {"field": 1.0},
    "cell": np.array([[1.0, "x"]], dtype=object),
    "after": np.array([[5.0]]),
}, do_compression=True)
savemat("huge.mat", {"n": np.array([[2**63]], dtype=np.uint64)})
savemat("zeros.mat", {"z": np.zeros((1000, 200))}, do_compression=True)
