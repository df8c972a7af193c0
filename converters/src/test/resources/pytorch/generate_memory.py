"""Writes cases/memnet_gru: a memory network whose sentences a GRU reads. Run beside the cases: python3 generate_memory.py

Each sentence is read by itself, without its padding, so that what stands behind its words cannot matter."""

import json

import torch
from generate import CASES, filled, write
from torch import nn

TOKENS, SIZE, PLACES, WORDS, HOPS = 9, 5, 6, 4, 2


class MemoryNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(TOKENS, SIZE, padding_idx=0) for _ in range(HOPS + 1))
        self.places = nn.ParameterList(torch.empty(PLACES, SIZE) for _ in range(HOPS + 1))
        self.reader = nn.GRU(SIZE, SIZE, batch_first=True)

    def sentence(self, table, ids):
        words = ids[ids != 0]
        return self.reader(self.tables[table](words)[None])[1][0, 0]

    def memory(self, table, story):
        rows = torch.stack([self.sentence(table, ids) for ids in story])
        return rows + self.places[table][: len(story)]

    def forward(self, story, query):
        u = self.sentence(0, query)
        states, looks = [u], []
        for hop in range(HOPS):
            p = torch.softmax(self.memory(hop, story) @ u, 0)
            u = u + p @ self.memory(hop + 1, story)
            looks.append(p)
            states.append(u)
        return self.tables[HOPS].weight @ u, looks, states


@torch.no_grad()
def memory():
    m = filled(MemoryNetwork(), 111)
    for table in m.tables:
        table.weight *= 3
        table.weight[0] = 0
    generator = torch.Generator().manual_seed(112)
    sizes = [6, 3, 1]
    story = torch.zeros(len(sizes), PLACES, WORDS, dtype=torch.long)
    query = torch.zeros(len(sizes), WORDS, dtype=torch.long)
    draw = lambda count: torch.randint(1, TOKENS, (count,), generator=generator)
    for b, sentences in enumerate(sizes):
        for s in range(sentences):
            words = 1 + (b + s) % WORDS
            story[b, s, :words] = draw(words)
        query[b, : 2 + b % 3] = draw(2 + b % 3)
    found = [m(story[b, :n], query[b]) for b, n in enumerate(sizes)]
    attention = torch.zeros(len(sizes), HOPS, PLACES)
    for b, n in enumerate(sizes):
        attention[b, :, :n] = torch.stack(found[b][1])
    logits = torch.stack([f[0] for f in found])
    io = {
        "in.story": story,
        "in.query": query,
        "in.sentences": torch.tensor(sizes),
        "out.logits": logits,
        "out.hop_attention": attention,
        "out.hop_state": torch.stack([torch.stack(f[2]) for f in found]),
        "out.answer": logits.argmax(-1),
    }
    write("memnet_gru", m, io)
    keys = {
        "architecture": "memory-network",
        "tying": "adjacent",
        "tables": [f"tables.{k}.weight" for k in range(HOPS + 1)],
        "places": [f"places.{k}" for k in range(HOPS + 1)],
        "sentences": "recurrent",
        "recurrent": {"prefix": "reader"},
        "words": WORDS,
        "order": "first-first",
        "vocabulary": "none",
        "reference": {"atol": 1e-5, "rtol": 1e-4},
    }
    (CASES / "memnet_gru" / "config.json").write_text(json.dumps(keys, indent=1) + "\n")


memory()
