"""Prints what PyTorch's optimizers make of two parameters in five steps: the numbers of OptimizerTest.

Each step's gradient is theta**2 - 0.3 * step, in f32.
"""
import torch

START = [1.0, -0.5]


def run(make, clip=None):
    theta = torch.nn.Parameter(torch.tensor(START))
    optimizer = make([theta])
    for step in range(1, 6):
        theta.grad = theta.detach() ** 2 - 0.3 * step
        optimizer.step()
    return theta.detach()


CASES = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.1, alpha=0.9),
    "rmsprop, momentum": lambda p: torch.optim.RMSprop(p, lr=0.1, alpha=0.9, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.05),
}

if __name__ == "__main__":
    for name, make in CASES.items():
        values = run(make)
        print(name, ", ".join(f"{v:.9g}f" for v in values.tolist()))
