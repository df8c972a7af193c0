"""PyTorch's cells as a peer of dev.rondo.bench.Table: answers lines on standard input, one thread. See PeerProgram."""

import sys
import time

import torch

torch.set_num_threads(1)
CELLS = {"lstm": (torch.nn.LSTMCell, 4), "gru": (torch.nn.GRUCell, 3), "elman": (torch.nn.RNNCell, 1)}


def prepare(kind, size, hidden, count, path):
    make, gates = CELLS[kind]
    data = torch.frombuffer(bytearray(open(path, "rb").read()), dtype=torch.float32)
    rows = gates * hidden
    sizes = [rows * size, rows * hidden, rows, hidden if kind == "gru" else 0, count * size]
    w, u, b, d, x = data.split(sizes)
    cell = make(size, hidden)
    cell.weight_ih.copy_(w.reshape(rows, size))
    cell.weight_hh.copy_(u.reshape(rows, hidden))
    cell.bias_ih.copy_(b)
    cell.bias_hh.zero_()
    if kind == "gru":
        cell.bias_hh[2 * hidden :].copy_(d)
    return cell, list(x.reshape(count, 1, size))


def main():
    cell, inputs, state, place = None, None, None, 0
    for line in sys.stdin:
        words = line.split()
        if words[0] == "prepare":
            kind, size, hidden, count, path = words[1], int(words[2]), int(words[3]), int(words[4]), words[5]
            cell, inputs = prepare(kind, size, hidden, count, path)
            zero = torch.zeros(1, hidden)
            first = (zero, zero) if kind == "lstm" else zero
            state, place = first, 0
            print("ready", flush=True)
            continue
        times = int(words[1])
        if words[0] == "outputs":
            state, place = first, 0
        start = time.thread_time_ns()
        for _ in range(times):
            state = cell(inputs[place], state)
            place = (place + 1) % len(inputs)
        nanos = time.thread_time_ns() - start
        if words[0] == "outputs":
            h = state[0] if kind == "lstm" else state
            print(" ".join("%.9g" % value for value in h[0].tolist()), flush=True)
            state, place = first, 0
        else:
            print(nanos, flush=True)


with torch.no_grad():
    main()
