"""Writes cases/stack_*: stacks of PyTorch's layers, and what they compute. Run beside the cases: python3 generate.py"""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

CASES = pathlib.Path(__file__).parent / "cases"


def filled(module, seed):
    """Random parameters; statistics of normalisations as after training."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        parameter.data.uniform_(-0.6, 0.6, generator=generator)
    for name, buffer in module.named_buffers():
        if name.endswith("running_mean"):
            buffer.uniform_(-0.5, 0.5, generator=generator)
        elif name.endswith("running_var"):
            buffer.uniform_(0.3, 2, generator=generator)
    return module.eval()


def write(name, modules, io):
    folder = CASES / name
    folder.mkdir(exist_ok=True)
    state = {key: value.contiguous() for key, value in modules.state_dict().items()}
    save_file(state, folder / "model.safetensors")
    save_file({key: value.contiguous() for key, value in io.items()}, folder / "io.safetensors")


@torch.no_grad()
def same():
    """Same padding of an even kernel, groups, dilation; both normalisations; two directions."""
    m = filled(
        nn.ModuleDict(
            {
                "conv": nn.Conv1d(4, 6, 4, dilation=3, groups=2, padding="same"),
                "bn": nn.BatchNorm1d(6, eps=1e-3),
                "slope": nn.PReLU(6),
                "rnn": nn.GRU(6, 5, bidirectional=True, batch_first=True),
                "norm": nn.LayerNorm(10),
                "out": nn.Linear(10, 3),
            }
        ),
        1,
    )
    x = torch.randn(2, 11, 4, generator=torch.Generator().manual_seed(11))
    y = m["slope"](m["bn"](m["conv"](x.transpose(1, 2)))).transpose(1, 2)
    y = F.log_softmax(m["out"](m["norm"](m["rnn"](y)[0])), -1)
    write("stack_same", m, {"in.x": x, "out.y": y})


@torch.no_grad()
def strided():
    """Stride, zeros on both sides, one slope for all; pooled three ways."""
    m = filled(
        nn.ModuleDict(
            {
                "conv": nn.Conv1d(3, 5, 3, stride=2, padding=1),
                "slope": nn.PReLU(),
                "rnn": nn.LSTM(5, 4, batch_first=True),
                "out": nn.Linear(12, 2, bias=False),
            }
        ),
        2,
    )
    x = torch.randn(2, 12, 3, generator=torch.Generator().manual_seed(12))
    y = m["rnn"](m["slope"](m["conv"](x.transpose(1, 2))).transpose(1, 2))[0]
    y = torch.cat([y.mean(1), y.max(1).values, y[:, -1]], -1)
    write("stack_strided", m, {"in.x": x, "out.y": F.softmax(m["out"](y), -1)})


@torch.no_grad()
def causal():
    """Tokens through a causal convolution and a plain recurrent layer: can run step by step."""
    m = filled(
        nn.ModuleDict(
            {
                "emb": nn.Embedding(9, 4),
                "conv": nn.Conv1d(4, 6, 3, dilation=2),
                "rnn": nn.RNN(6, 5, batch_first=True),
                "out": nn.Linear(5, 7),
            }
        ),
        3,
    )
    tokens = torch.randint(0, 9, (2, 10), generator=torch.Generator().manual_seed(13))
    y = F.pad(m["emb"](tokens).transpose(1, 2), (4, 0))
    y = m["rnn"](F.gelu(m["conv"](y)).transpose(1, 2))[0]
    write("stack_causal", m, {"in.ids": tokens, "out.y": m["out"](y)})


if __name__ == "__main__":
    same()
    strided()
    causal()
