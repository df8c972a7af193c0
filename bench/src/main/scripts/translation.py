"""A translation model and its beam search in PyTorch, as a peer of dev.rondo.bench.Translation: answers lines on standard input.

    prepare FOLDER THREADS   "ready"; the folder holds model.safetensors and plan.json, which dev.rondo.bench.TorchTranslation writes
    logits SOURCE TOKEN...   the scores after these tokens of the source of that number
    outputs N                the translations of all sources, N times over: ids, -1 after each translation
    run N                    nanoseconds that N times all sources took: of CPU time with one thread, by the clock on the wall with more

The search has the policy of dev.rondo.search.BeamSearch: of the 2K best candidates of a sentence those that end and are among the
K best are finished, and the K best others go on; a sentence is done when no living hypothesis can overtake its best. Sentences that
are done leave the batch.
"""

import json
import math
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional


def read(path):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    body = memoryview(data)[8 + size :]
    return {
        name: torch.frombuffer(body[slice(*entry["data_offsets"])], dtype=torch.float32).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def linear(weights, name):
    weight = weights[name + ".weight"]
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.copy_(weight)
    layer.bias.copy_(weights[name + ".bias"])
    return layer


def gru(target, suffix, weights, name):
    hidden = weights[name + ".weight_hidden"]
    size = hidden.shape[1]
    getattr(target, "weight_ih" + suffix).copy_(weights[name + ".weight_input"])
    getattr(target, "weight_hh" + suffix).copy_(hidden)
    getattr(target, "bias_ih" + suffix).copy_(weights[name + ".bias"])
    bias = getattr(target, "bias_hh" + suffix).zero_()
    bias[2 * size :].copy_(weights[name + ".hidden_bias"])


def cell(weights, name):
    made = nn.GRUCell(weights[name + ".weight_input"].shape[1], weights[name + ".weight_hidden"].shape[1])
    gru(made, "", weights, name)
    return made


class Model(nn.Module):
    def __init__(self, weights, plan):
        super().__init__()
        self.parts, self.mean, self.bent = plan["parts"], plan["mean"], plan["bent"]
        self.source = nn.Embedding.from_pretrained(weights["source"])
        self.target = nn.Embedding.from_pretrained(weights["target"])
        size = weights["forward.weight_hidden"].shape[1]
        self.encoder = nn.GRU(self.source.embedding_dim, size, bidirectional=True, batch_first=True)
        gru(self.encoder, "_l0", weights, "forward")
        gru(self.encoder, "_l0_reverse", weights, "backward")
        self.bridge = linear(weights, "bridge")
        self.keys = linear(weights, "keys")
        self.query = linear(weights, "query")
        self.vector = nn.Parameter(weights["vector"])
        self.first = cell(weights, "first")
        self.second = cell(weights, "second")
        self.readout = linear(weights, "readout") if "readout.weight" in weights else nn.Identity()
        self.output = linear(weights, "output")

    def encode(self, source, lengths):
        """Memory [B,S,M], keys [B,1,S,A], mask [B,1,S] or None, h [B,H]."""
        longest = source.shape[1]
        embedded = self.source(source)
        if int(lengths.min()) == longest:
            memory, last = self.encoder(embedded)
            mask = None
        else:
            packed = nn.utils.rnn.pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
            memory, last = self.encoder(packed)
            memory, _ = nn.utils.rnn.pad_packed_sequence(memory, batch_first=True, total_length=longest)
            mask = (torch.arange(longest) >= lengths[:, None])[:, None, :]
        summary = memory.sum(1) / lengths[:, None] if self.mean else last.transpose(0, 1).flatten(1)
        return memory, self.keys(memory)[:, None], mask, torch.tanh(self.bridge(summary))

    def step(self, token, memory, keys, mask, h):
        """Logits [R,V] and h [R,H] of R = B*K rows."""
        sentences = memory.shape[0]
        embedded = self.target(token)
        asking = self.first(embedded, h)
        query = self.query(asking).view(sentences, -1, 1, keys.shape[3])
        score = torch.tanh(keys + query) @ self.vector
        if mask is not None:
            score = score.masked_fill(mask, -math.inf)
        context = (torch.softmax(score, -1) @ memory).flatten(0, 1)
        h = self.second(context, asking)
        named = {"STATE": h, "CONTEXT": context, "EMBEDDING": embedded}
        read = self.readout(torch.cat([named[part] for part in self.parts], 1))
        return self.output(torch.tanh(read) if self.bent else read), h


class Sentence:
    """What is kept of one: its living hypotheses, best first, and the best that has ended."""

    def __init__(self, index, plan, length):
        self.index = index
        self.least = min(plan["max_length"], math.ceil(plan["min_factor"] * length))
        most = math.ceil(plan["max_factor"] * length) + plan["max_extra"]
        self.most = min(plan["max_length"], max(self.least, 1, most))
        self.alpha = plan["length_penalty"]
        self.histories = [()]
        self.sums = [0.0]
        self.best = (-math.inf, ())
        self.length = 0

    def score(self, total, length):
        return total / length**self.alpha

    def finish(self, total, history):
        score = self.score(total, self.length)
        if score > self.best[0]:
            self.best = (score, history)

    def advance(self, values, places, vocabulary, beam, end):
        """The parents of those that go on; none when the sentence is done."""
        self.length += 1
        parents, histories, sums = [], [], []
        for rank, (value, place) in enumerate(zip(values, places)):
            parent, token = divmod(place, vocabulary)
            if token == end:
                if rank < beam:
                    self.finish(value, self.histories[parent] + (token,))
            elif len(parents) < beam and value > -math.inf:
                parents.append(parent)
                histories.append(self.histories[parent] + (token,))
                sums.append(value)
        self.histories, self.sums = histories, sums
        if self.length == self.most:
            for total, history in zip(sums, histories):
                self.finish(total, history)
            return []
        # Sums only fall, so the longest length is the best that may become of a negative one.
        if not sums or self.best[0] >= self.score(sums[0], self.most if self.alpha > 0 else self.length + 1):
            return []
        return parents


def search(model, plan, sources):
    beam, end = plan["beam"], plan["end"]
    count = len(sources)
    longest = max(map(len, sources))
    padded = torch.tensor([source + [0] * (longest - len(source)) for source in sources])
    memory, keys, mask, h = model.encode(padded, torch.tensor([len(source) for source in sources]))
    live = [Sentence(i, plan, len(source)) for i, source in enumerate(sources)]
    results = [()] * count
    token = torch.full((count,), plan["begin"])
    width = 1
    while live:
        logits, h = model.step(token, memory, keys, mask, h)
        vocabulary = logits.shape[1]
        scores = functional.log_softmax(logits, 1)
        early = [i for i, sentence in enumerate(live) if sentence.length + 1 < sentence.least]
        scores = scores.view(len(live), width, vocabulary)
        if early:
            scores[early, :, end] = -math.inf
        sums = torch.tensor([s.sums + [-math.inf] * (width - len(s.sums)) for s in live])
        values, places = (scores + sums[:, :, None]).flatten(1).topk(min(2 * beam, width * vocabulary))
        kept, rows = [], []
        for i, (value, place) in enumerate(zip(values.tolist(), places.tolist())):
            parents = live[i].advance(value, place, vocabulary, beam, end)
            if parents:
                kept.append(i)
                rows += [i * width + parent for parent in parents + [parents[0]] * (beam - len(parents))]
            else:
                results[live[i].index] = live[i].best[1]
        if len(kept) < len(live):
            live = [live[i] for i in kept]
            memory, keys = memory[kept], keys[kept]
            mask = None if mask is None else mask[kept]
        if live:
            h = h[rows]
            token = torch.tensor(
                [t for s in live for t in [g[-1] for g in s.histories] + [end] * (beam - len(s.histories))]
            )
            width = beam
    return results


def translate(model, plan):
    sources, size = plan["sources"], plan["batch"]
    return [ids for i in range(0, len(sources), size) for ids in search(model, plan, sources[i : i + size])]


def logits(model, source, tokens):
    memory, keys, mask, h = model.encode(torch.tensor([source]), torch.tensor([len(source)]))
    scores = None
    for token in tokens:
        scores, h = model.step(torch.tensor([token]), memory, keys, mask, h)
    return scores[0].tolist()


def main():
    model, plan, clock = None, None, time.thread_time_ns
    for line in sys.stdin:
        words = line.split()
        if words[0] == "prepare":
            threads = int(words[2])
            torch.set_num_threads(threads)
            clock = time.thread_time_ns if threads == 1 else time.perf_counter_ns
            with open(words[1] + "/plan.json", encoding="utf-8") as file:
                plan = json.load(file)
            model = Model(read(words[1] + "/model.safetensors"), plan)
            print("ready", flush=True)
        elif words[0] == "logits":
            tokens = [int(word) for word in words[2:]]
            print(*("%.9g" % value for value in logits(model, plan["sources"][int(words[1])], tokens)), flush=True)
        else:
            results = []
            start = clock()
            for _ in range(int(words[1])):
                results = translate(model, plan)
            nanos = clock() - start
            if words[0] == "run":
                print(nanos, flush=True)
            else:
                print(*(token for ids in results for token in list(ids) + [-1]), flush=True)


with torch.inference_mode():
    main()
