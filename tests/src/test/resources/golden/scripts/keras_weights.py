"""Writes the weights of a Keras `model.weights.h5` as safetensors, names and layouts as Keras has them:
keras_weights.py model.weights.h5 model.safetensors"""
import sys
import h5py
import numpy as np
from safetensors.numpy import save_file

NAMES = ["kernel", "recurrent_kernel", "bias"]
with h5py.File(sys.argv[1]) as f:
    groups = []
    f.visititems(lambda name, item: groups.append(item) if name.endswith("cell/vars") else None)
    (cell,) = groups
    save_file({NAMES[int(k)]: np.ascontiguousarray(cell[k], np.float32) for k in cell}, sys.argv[2])
