"""Writes the checkpoints of this folder: python3 generate.py, with torch, numpy and safetensors.

Every float tensor is written a second time, contiguous and as f32, to expected.safetensors.
"""

import collections

import numpy
import torch
from safetensors.torch import save_file

torch.manual_seed(20261121)


def tensors():
    base = torch.randn(4, 6)
    cube = torch.randn(3, 4, 5)
    tied = torch.randn(5, 3)
    return collections.OrderedDict([
        ("plain", torch.randn(3, 2)),
        ("transposed", base.t()),
        ("sliced", base[1:3, 2:6:2]),
        ("column", base[:, 3]),
        ("permuted", cube.permute(2, 0, 1)),
        ("expanded", torch.randn(1, 4).expand(3, 4)),
        ("scalar", torch.tensor(2.5)),
        ("empty", torch.zeros(0, 3)),
        ("encoder.weight", tied),
        ("decoder.weight", tied),
        ("half", torch.randn(7).half()),
        ("bfloat", torch.randn(2, 3).bfloat16()),
        ("bfloat_transposed", torch.randn(2, 3).bfloat16().t()),
        ("double", torch.randn(2, 3, dtype=torch.float64)),
        ("double_sliced", torch.randn(6, dtype=torch.float64)[::2]),
        ("parameter", torch.nn.Parameter(torch.randn(2))),
        ("int64", torch.tensor([3, -4])),
        ("int32", torch.tensor([3, -4], dtype=torch.int32)),
        ("int16", torch.tensor([3, -4], dtype=torch.int16)),
        ("int8", torch.tensor([3, -4], dtype=torch.int8)),
        ("uint8", torch.tensor([3, 250], dtype=torch.uint8)),
        ("bool", torch.tensor([True, False])),
        ("uint16", torch.tensor([3, 4], dtype=torch.uint16)),
        ("complex64", torch.tensor([1 + 2j])),
        ("float8", torch.randn(3).to(torch.float8_e4m3fn)),
    ])


state = tensors()
save_file(
    {name: t.detach().float().contiguous().clone() for name, t in state.items() if name not in ("complex64", "float8")},
    "expected.safetensors",
)
torch.save(state, "tensors.pt")
torch.save(state, "tensors_protocol4.pt", pickle_protocol=4)
old = {name: t for name, t in state.items() if name not in ("uint16", "float8")}
torch.save(old, "tensors_legacy.pt", _use_new_zipfile_serialization=False)

module = torch.nn.LSTM(2, 3)
module.note = "a whole module"
torch.save(module, "module.pt")

optimizer = torch.optim.Adam(module.parameters())
sum(p.sum() for p in module.parameters()).backward()
optimizer.step()
training = {
    "epoch": 3,
    "loss": numpy.float64(0.5),
    "count": numpy.int64(7),
    "seen": {1, 2},
    "fixed": frozenset(["a"]),
    "size": torch.Size([2, 3]),
    "device": torch.device("cpu"),
    "dtype": torch.float16,
    "raw": b"bytes",
    "buffer": bytearray(b"bytes"),
    "large": 1 << 70,
    "words": collections.Counter(["a", "b", "a"]),
    "rng": {"torch": torch.get_rng_state()[:16].clone()},
    "optimizer": optimizer.state_dict(),
}
torch.save(training | {"model": module.state_dict()}, "training.pt")
torch.save(
    training | {"model": module.state_dict(), "teacher": {"ema": module.state_dict()}},
    "two_models.pt",
)
torch.save({"weight": torch.ones(2, 3), "hidden": 3}, "mixed.pt")
embedding = torch.nn.Embedding(5, 4)
recurrent = torch.nn.LSTM(4, 4)
decoder = torch.nn.Linear(4, 5)
decoder.weight = embedding.weight
model = torch.nn.ModuleDict({"embedding": embedding, "rnn": recurrent, "decoder": decoder})
torch.save({"model": model.state_dict(), "ema": model.state_dict()}, "language_model.pt")
save_file({n: t.clone() for n, t in model.state_dict().items() if n != "decoder.weight"}, "language_model.safetensors")
torch.serialization.set_crc32_options(False)
torch.save({"weight": torch.ones(2, 3)}, "without_crc.pt")
