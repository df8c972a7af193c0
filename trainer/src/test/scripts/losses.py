"""Prints PyTorch's masked and weighted cross-entropies and their gradients: the numbers of LossTest."""
import torch
from torch.nn.functional import cross_entropy

LOGITS = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.5], [-0.75, 0.1, 0.3], [2.0, 2.0, -2.0]]
TARGETS = [2, 1, 0, 1]
WEIGHTS = [0.5, 0.5, 3.0]


def show(name, targets, **options):
    logits = torch.tensor(LOGITS, requires_grad=True)
    loss = cross_entropy(logits, torch.tensor(targets), **options)
    loss.backward()
    print(name, f"{loss.item():.9g}", ", ".join(f"{v:.9g}f" for v in logits.grad.flatten().tolist()))


if __name__ == "__main__":
    show("masked", [2, -100, 0, 1])
    show("masked, smoothing", [2, -100, 0, 1], label_smoothing=0.1)
    show("weighted", TARGETS, weight=torch.tensor(WEIGHTS))
    show("weighted, masked", [2, -100, 0, 1], weight=torch.tensor(WEIGHTS))
