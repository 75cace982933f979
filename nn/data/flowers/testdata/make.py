"""Writes the MAT-files of the tests with scipy (1.10.1), and captions as .t7: python3 make.py"""
import os
import sys

import numpy as np
from scipy.io import savemat

os.chdir(os.path.dirname(os.path.abspath(__file__)))
# Six pictures of four classes, as doubles are in the published files, packed.
savemat("imagelabels.mat", {"labels": np.array([[77, 3, 77, 5, 3, 102]], dtype=np.float64)}, do_compression=True)
savemat("setid.mat", {k: np.array([v], dtype=np.uint16) for k, v in
                      {"trnid": [1, 2], "valid": [3], "tstid": [4, 5, 6]}.items()}, do_compression=True)
savemat("setid_twice.mat", {"trnid": [[1, 2]], "valid": [[3]], "tstid": [[2, 4, 5, 6]]})
savemat("setid_few.mat", {"trnid": [[1, 2]], "valid": [[3]], "tstid": [[4, 5]]})
savemat("setid_beyond.mat", {"trnid": [[1, 2]], "valid": [[3]], "tstid": [[4, 5, 7]]})
savemat("labels_zero.mat", {"labels": [[1, 0]]})
savemat("labels_none.mat", {"labels": np.zeros((1, 0))})

# The .t7 of class 3, pictures 2 and 5, and of picture 4 alone, with the writer of package torch7.
source = open("../../torch7/testdata/make.py").read()
tools = {}
exec(source[:source.index("shared = ")], tools)
Tensor, letters, save = tools["Tensor"], tools["letters"], tools["save"]
save("class_00003.t7", Tensor("Byte", [2, 201, 2], letters(["a rose", "it is red"]) + letters(["another", "dark red petals"])))
save("class_empty.t7", Tensor("Byte", [2, 201, 2], letters(["a rose", "it is red"]) + letters(["another", ""])))
save("image_00004.t7", {"img": "jpg/image_00004.jpg", "char": Tensor("Byte", [201, 2], letters(["a lily", "white"]))})
save("no_char.t7", {"img": "jpg/image_00004.jpg", "txt": Tensor("Float", [1, 2], [0.0, 1.0])})
sys.stdout.write("done\n")
