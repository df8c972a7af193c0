"""Trains the character model of training.sh in PyTorch and prints characters a second: the middle step's.

The same work as `rondo train lm`: embedding, one LSTM layer, dropout of its output, linear output, mean cross-entropy,
truncated back-propagation with carried state, clipping by the global norm, AdamW. Written as PyTorch's own examples
are; nothing is compiled or quantised.
"""

import argparse
import statistics
import time

import torch
from torch import nn


class CharacterModel(nn.Module):
    def __init__(self, vocabulary, embedding, hidden, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, vocabulary)

    def forward(self, tokens, state):
        h, state = self.lstm(self.embedding(tokens), state)
        return self.output(self.dropout(h)), state


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--embedding", type=int, default=128)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--time", type=int, default=128)
    parser.add_argument("--steps", type=int, default=20)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)

    with open(arguments.data, encoding="utf-8", newline="") as file:
        text = file.read()
    text = text[: len(text) * 9 // 10]
    characters = sorted(set(text))
    ids = {character: i for i, character in enumerate(characters)}
    length = len(text) // arguments.batch
    if length <= arguments.time:
        raise SystemExit("data: must have more than one batch of characters; give a longer text")
    tokens = torch.tensor([ids[c] for c in text[: length * arguments.batch]]).view(arguments.batch, length)

    model = CharacterModel(len(characters), arguments.embedding, arguments.hidden, 0.4)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
    loss_of = nn.CrossEntropyLoss()
    state = None
    at = 0
    speeds = []
    for _ in range(arguments.steps):
        start = time.perf_counter()
        if at + arguments.time + 1 > length:
            at, state = 0, None
        inputs = tokens[:, at : at + arguments.time]
        targets = tokens[:, at + 1 : at + arguments.time + 1]
        at += arguments.time
        logits, state = model(inputs, state)
        state = tuple(s.detach() for s in state)
        loss = loss_of(logits.reshape(-1, len(characters)), targets.reshape(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()
        speeds.append(arguments.batch * arguments.time / (time.perf_counter() - start))
    print(f"{statistics.median(speeds):.0f} {torch.__version__}")


if __name__ == "__main__":
    main()
