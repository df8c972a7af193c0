"""Trains the network of TranslationTraining.java in PyTorch and prints target tokens a second.

The same work: embeddings, layers of bidirectional GRU over packed sequences, a conditional GRU with additive attention,
dropout, an output tied to the embedding of the target, mean cross-entropy of the words that are there, clipping by the
global norm, Adam; sentences of the same lengths. Written as PyTorch's own examples are; nothing is compiled or quantised.
"""

import argparse
import time

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SHORTEST = 8
LENGTHS = 17


class Translation(nn.Module):
    def __init__(self, vocabulary, embedding, hidden, layers, dropout):
        super().__init__()
        memory = 2 * hidden
        self.source = nn.Embedding(vocabulary, embedding)
        self.encoder = nn.GRU(
            embedding, hidden, num_layers=layers, batch_first=True, bidirectional=True, dropout=dropout
        )
        self.dropout = nn.Dropout(dropout)
        self.keys = nn.Linear(memory, hidden, bias=False)
        self.bridge = nn.Linear(memory, hidden)
        self.target = nn.Embedding(vocabulary, embedding)
        self.first = nn.GRUCell(embedding, hidden)
        self.query = nn.Linear(hidden, hidden)
        self.v = nn.Linear(hidden, 1, bias=False)
        self.second = nn.GRUCell(memory, hidden)
        self.readout = nn.Linear(hidden + memory + embedding, embedding)
        self.output = nn.Linear(embedding, vocabulary)
        self.output.weight = self.target.weight

    def forward(self, source, lengths, previous):
        words = self.dropout(self.source(source))
        packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        memory, _ = pad_packed_sequence(self.encoder(packed)[0], batch_first=True)
        memory = self.dropout(memory)
        valid = torch.arange(source.shape[1])[None] < lengths[:, None]
        mean = (memory * valid.unsqueeze(-1)).sum(1) / lengths[:, None]
        h = torch.tanh(self.bridge(mean))
        keys = self.keys(memory)
        words = self.dropout(self.target(previous))
        states, contexts = [], []
        for t in range(previous.shape[1]):
            h = self.first(words[:, t], h)
            scores = self.v(torch.tanh(self.query(h).unsqueeze(1) + keys)).squeeze(-1)
            weights = torch.softmax(scores.masked_fill(~valid, float("-inf")), -1)
            context = torch.bmm(weights.unsqueeze(1), memory).squeeze(1)
            h = self.second(context, h)
            states.append(h)
            contexts.append(context)
        seen = torch.cat([torch.stack(states, 1), torch.stack(contexts, 1), words], -1)
        return self.output(self.dropout(torch.tanh(self.readout(seen))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--vocabulary", type=int, default=6000)
    parser.add_argument("--embedding", type=int, default=256)
    parser.add_argument("--hidden", type=int, default=320)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--dropout", type=float, default=0.4)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=51)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)

    model = Translation(
        arguments.vocabulary, arguments.embedding, arguments.hidden, arguments.layers, arguments.dropout
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-4)
    loss_of = nn.CrossEntropyLoss(ignore_index=-1)
    counts, seconds, busy = [], [], []
    for batch in range(arguments.steps):
        longest = SHORTEST + batch * 7 % LENGTHS
        lengths = torch.tensor([longest - row % 3 for row in range(arguments.batch)])
        source = torch.randint(arguments.vocabulary, (arguments.batch, longest))
        previous = torch.randint(arguments.vocabulary, (arguments.batch, longest + 1))
        target = torch.randint(arguments.vocabulary, (arguments.batch, longest + 1))
        target[torch.arange(longest + 1)[None] > lengths[:, None]] = -1
        start, start_cpu = time.perf_counter(), time.process_time()
        logits = model(source, lengths, previous)
        loss = loss_of(logits.reshape(-1, arguments.vocabulary), target.reshape(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - start_cpu)
        counts.append(int((target >= 0).sum()))
    first = max(0, len(counts) - max(1, len(counts) // 2 // LENGTHS) * LENGTHS)
    targets = sum(counts[first:])
    print(f"{targets / sum(seconds[first:]):.0f} {targets / sum(busy[first:]):.0f} {torch.__version__}")


if __name__ == "__main__":
    main()
