"""The PyTorch side of dev.rondo.bench.Products: answers lines on standard input, one thread.

prepare KIND M K N TIMES STRIDE   -> the sum of the magnitudes of the result
run NANOS                         -> nanoseconds of CPU time a product, measured for at least NANOS
"""

import sys
import time

try:
    import torch
except ImportError:
    print("absent", flush=True)
    sys.exit(0)

torch.set_num_threads(1)


def matrix(rows, columns, stride=None):
    """The numbers that Products.matrix has; rows may lie further apart."""
    at = torch.arange(rows * columns, dtype=torch.int64)
    values = ((at * 7919 % 1009 - 504).to(torch.float32) / 1009).reshape(rows, columns)
    if stride is None:
        return values
    wide = torch.zeros(rows, stride)
    wide[:, :columns] = values
    return wide[:, :columns]


def prepare(kind, m, k, n, times, stride):
    if kind == "linear":
        x, w, out = matrix(m, k, stride), matrix(n, k), torch.empty(m, n)
        return (lambda: torch.mm(x, w.t(), out=out)), out, times
    if kind == "transposed":
        x, w, out = matrix(m, k, stride), matrix(k, n), torch.empty(m, n)
        return (lambda: torch.mm(x, w, out=out)), out, times
    a, b, out = matrix(k, m), matrix(k, n), torch.empty(m, n)
    return (lambda: torch.mm(a.t(), b, out=out)), out, times


print("torch " + torch.__version__, flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "prepare":
        numbers = [int(word) for word in words[2:]]
        product, out, times = prepare(words[1], *numbers)
        product()
        print(float(out.abs().double().sum()), flush=True)
    else:
        least, count, start = int(words[1]), 0, time.thread_time_ns()
        while True:
            for _ in range(times):
                product()
            count += times
            nanos = time.thread_time_ns() - start
            if nanos >= least:
                break
        print(nanos / count, flush=True)
