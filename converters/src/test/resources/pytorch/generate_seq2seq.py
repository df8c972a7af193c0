"""Writes cases/seq2seq_*: encoder-decoders in PyTorch, and what they compute. Run beside the cases: python3 generate_seq2seq.py

Each model has read(source, mask, lengths) -> (memory, state) and step(token, memory, mask, state) -> (logits, state, attention or
None); a state is a dictionary of tensors whose first axis are rows. write() runs it along given targets, greedily, and with a beam.
"""

import math
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

CASES = pathlib.Path(__file__).parent / "cases"
BEGIN, END = 1, 2
BEAM, LONGEST, ALPHA = 4, 9, 0.7


def filled(module, seed):
    """Random parameters, so large that gates and attention are far from even."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in module.named_parameters():
        if parameter.ndim == 1:
            scale = 1.0 if name == "v" else 0.3
        else:
            scale = 1.5 if name.startswith(("source", "target")) else 3.5 / math.sqrt(parameter[0].numel())
        parameter.data.uniform_(-scale, scale, generator=generator)
    return module.eval()


def packed(rnn, x, lengths):
    """All outputs, zero beyond each length, and the last states."""
    run = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    y, last = rnn(run)
    return pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])[0], last


def sides(h):
    """Last states [2,B,H] of both directions side by side [B,2H]."""
    return torch.cat([h[0], h[1]], -1)


def look(score, mask, memory):
    """Attention of scores [B,S] over the memory: context [B,M] and weights."""
    weights = torch.softmax(score.masked_fill(~mask, -math.inf), -1)
    return (weights.unsqueeze(-1) * memory).sum(1), weights


class LastState(nn.Module):
    """LSTM to LSTM: the decoder sees the source through the state it begins with, and nothing else (Sutskever et al. 2014)."""

    def __init__(self):
        super().__init__()
        self.source = nn.Embedding(19, 7)
        self.target = nn.Embedding(13, 7)
        self.encoder = nn.LSTM(7, 11, num_layers=2, batch_first=True)
        self.decoder = nn.LSTM(7, 11, num_layers=2, batch_first=True)
        self.out = nn.Linear(11, 13)

    def read(self, source, mask, lengths):
        y, (h, c) = packed(self.encoder, self.source(source), lengths)
        return y, {"h": h.transpose(0, 1), "c": c.transpose(0, 1)}

    def step(self, token, memory, mask, state):
        begin = tuple(state[k].transpose(0, 1).contiguous() for k in "hc")
        y, (h, c) = self.decoder(self.target(token).unsqueeze(1), begin)
        return self.out(y[:, 0]), {"h": h.transpose(0, 1), "c": c.transpose(0, 1)}, None


class EveryStep(nn.Module):
    """GRUs; the mean of the memory before the word in every input, and in the scores (after Cho et al. 2014); the state begins at zero."""

    def __init__(self):
        super().__init__()
        self.source = nn.Embedding(17, 6)
        self.target = nn.Embedding(12, 8)
        self.encoder = nn.GRU(6, 5, bidirectional=True, batch_first=True)
        self.decoder = nn.GRUCell(10 + 8, 9)
        self.combine = nn.Linear(9 + 8 + 10, 7)
        self.out = nn.Linear(7, 12, bias=False)

    def read(self, source, mask, lengths):
        y, _ = packed(self.encoder, self.source(source), lengths)
        context = y.sum(1) / lengths.unsqueeze(-1)
        return y, {"h": y.new_zeros(len(y), 1, 9), "context": context}

    def step(self, token, memory, mask, state):
        word, context = self.target(token), state["context"]
        h = self.decoder(torch.cat([context, word], -1), state["h"][:, 0])
        r = torch.relu(self.combine(torch.cat([h, word, context], -1)))
        return self.out(r), {"h": h.unsqueeze(1), "context": context}, None


class Both(nn.Module):
    """Elman networks: the encoder's last state c is the decoder's first state and stands in every input: h0 = c, [word; c]."""

    def __init__(self):
        super().__init__()
        self.source = nn.Embedding(15, 6)
        self.target = nn.Embedding(11, 6)
        self.encoder = nn.RNN(6, 10, batch_first=True)
        self.decoder = nn.RNN(6 + 10, 10, nonlinearity="relu", batch_first=True)
        self.out = nn.Linear(10, 11)

    def read(self, source, mask, lengths):
        y, h = packed(self.encoder, self.source(source), lengths)
        return y, {"h": h.transpose(0, 1), "context": h[0]}

    def step(self, token, memory, mask, state):
        x = torch.cat([self.target(token), state["context"]], -1).unsqueeze(1)
        y, h = self.decoder(x, state["h"].transpose(0, 1).contiguous())
        return self.out(y[:, 0]), {"h": h.transpose(0, 1), "context": state["context"]}, None


class LowRank(nn.Module):
    """Bidirectional LSTM, a bridge for each layer, reduced-rank scores, input feeding (Luong et al. 2015, Britz et al. 2017)."""

    def __init__(self):
        super().__init__()
        self.source = nn.Embedding(21, 8)
        self.target = nn.Embedding(14, 8)
        self.encoder = nn.LSTM(8, 9, num_layers=2, bidirectional=True, batch_first=True)
        self.bridge = nn.Linear(18, 9)
        self.decoder = nn.LSTM(8 + 9, 9, num_layers=2, batch_first=True)
        self.attention_u = nn.Linear(9, 4, bias=False)
        self.attention_v = nn.Linear(18, 4, bias=False)
        self.combine = nn.Linear(18 + 9, 9, bias=False)
        self.out = nn.Linear(9, 14)

    def read(self, source, mask, lengths):
        y, (h, _) = packed(self.encoder, self.source(source), lengths)
        h = torch.tanh(self.bridge(torch.cat([h[0::2], h[1::2]], -1))).transpose(0, 1)
        return y, {"h": h, "c": torch.zeros_like(h), "feed": h.new_zeros(len(h), 9)}

    def step(self, token, memory, mask, state):
        x = torch.cat([self.target(token), state["feed"]], -1).unsqueeze(1)
        y, (h, c) = self.decoder(x, tuple(state[k].transpose(0, 1).contiguous() for k in "hc"))
        score = (self.attention_v(memory) * self.attention_u(y)).sum(-1)
        context, a = look(score, mask, memory)
        feed = torch.tanh(self.combine(torch.cat([context, y[:, 0]], -1)))
        return self.out(feed), {"h": h.transpose(0, 1), "c": c.transpose(0, 1), "feed": feed}, a


class Conditional(nn.Module):
    """Conditional GRU (Sennrich et al. 2017): a cell reads the word, its state asks, a second cell reads the context. The mean of
    the memory begins the decoder; the output shares the table of the target's words."""

    def __init__(self):
        super().__init__()
        self.source = nn.Embedding(18, 7)
        self.target = nn.Embedding(15, 8)
        self.encoder = nn.GRU(7, 6, bidirectional=True, batch_first=True)
        self.init = nn.Linear(12, 10)
        self.first = nn.GRUCell(8, 10)
        self.second = nn.GRUCell(12, 10)
        self.query = nn.Linear(10, 9, bias=False)
        self.keys = nn.Linear(12, 9)
        self.v = nn.Parameter(torch.zeros(9))
        self.combine = nn.Linear(10 + 12 + 8, 8)
        self.out = nn.Linear(8, 15)
        self.out.weight = self.target.weight

    def read(self, source, mask, lengths):
        y, _ = packed(self.encoder, self.source(source), lengths)
        h = torch.tanh(self.init(y.sum(1) / lengths.unsqueeze(-1)))
        return y, {"h": h.unsqueeze(1)}

    def step(self, token, memory, mask, state):
        word = self.target(token)
        h = self.first(word, state["h"][:, 0])
        score = torch.tanh(self.query(h).unsqueeze(1) + self.keys(memory)) @ self.v
        context, a = look(score, mask, memory)
        h = self.second(context, h)
        r = torch.tanh(self.combine(torch.cat([h, context, word], -1)))
        return self.out(r), {"h": h.unsqueeze(1)}, a


class Deep(nn.Module):
    """Four LSTM layers on either side, residual from the second on; a bilinear score whose matrix maps the state; what is fed back
    stands before the word; [state; context] goes straight to the output."""

    def __init__(self):
        super().__init__()
        self.source = nn.Embedding(16, 6)
        self.target = nn.Embedding(12, 6)
        self.encoder = nn.ModuleList(nn.LSTM(6 if k == 0 else 8, 8, batch_first=True) for k in range(4))
        self.decoder = nn.ModuleList(nn.LSTMCell(16 + 6 if k == 0 else 8, 8) for k in range(4))
        self.attention = nn.Linear(8, 8, bias=False)
        self.out = nn.Linear(16, 12)

    def read(self, source, mask, lengths):
        x, h, c = self.source(source), [], []
        for k, layer in enumerate(self.encoder):
            y, (a, b) = packed(layer, x, lengths)
            x = y if k == 0 else x + y
            h.append(a[0])
            c.append(b[0])
        return x, {"h": torch.stack(h, 1), "c": torch.stack(c, 1), "feed": x.new_zeros(len(x), 16)}

    def step(self, token, memory, mask, state):
        x, hs, cs = torch.cat([state["feed"], self.target(token)], -1), [], []
        for k, layer in enumerate(self.decoder):
            h, c = layer(x, (state["h"][:, k], state["c"][:, k]))
            x = h if k == 0 else x + h
            hs.append(h)
            cs.append(c)
        context, a = look((memory * self.attention(x).unsqueeze(1)).sum(-1), mask, memory)
        feed = torch.cat([x, context], -1)
        return self.out(feed), {"h": torch.stack(hs, 1), "c": torch.stack(cs, 1), "feed": feed}, a


class Heads(nn.Module):
    """Convolutions with residual connections; the maximum of the memory begins a GRU; scaled dot products with three heads."""

    def __init__(self):
        super().__init__()
        self.source = nn.Embedding(20, 12)
        self.target = nn.Embedding(13, 7)
        self.convolutions = nn.ModuleList([nn.Conv1d(12, 12, 3, padding=1), nn.Conv1d(12, 12, 5, padding=2)])
        self.bridge = nn.Linear(12, 12)
        self.decoder = nn.GRU(7, 12, batch_first=True)
        self.combine = nn.Linear(24, 10)
        self.out = nn.Linear(10, 13)

    def read(self, source, mask, lengths):
        place = mask.unsqueeze(-1)
        x = self.source(source) * place
        for convolution in self.convolutions:
            x = (x + torch.tanh(convolution(x.transpose(1, 2)).transpose(1, 2))) * place
        h = torch.tanh(self.bridge(x.masked_fill(~place, -math.inf).max(1).values))
        return x, {"h": h.unsqueeze(1)}

    def step(self, token, memory, mask, state):
        y, h = self.decoder(self.target(token).unsqueeze(1), state["h"].transpose(0, 1).contiguous())
        parts = zip(memory.chunk(3, -1), y.chunk(3, -1))
        looks = [look((m * q).sum(-1) / math.sqrt(4), mask, m) for m, q in parts]
        context = torch.cat([c for c, _ in looks], -1)
        r = torch.tanh(self.combine(torch.cat([y[:, 0], context], -1)))
        return self.out(r), {"h": h.transpose(0, 1)}, torch.stack([a for _, a in looks]).mean(0)


class Joint(nn.Module):
    """Additive scores of one matrix over [state; place]; highway connections in the encoder, skip connections in the decoder; the
    context before the word; [state; context; word] straight to the output."""

    def __init__(self):
        super().__init__()
        self.source = nn.Embedding(17, 10)
        self.target = nn.Embedding(14, 6)
        self.encoder = nn.ModuleList(nn.GRU(10, 5, bidirectional=True, batch_first=True) for _ in range(2))
        self.gates = nn.ModuleList(nn.Linear(10, 10) for _ in range(2))
        self.init = nn.ModuleList(nn.Linear(10, 9) for _ in range(2))
        self.first = nn.GRU(10 + 6, 9, batch_first=True)
        self.upper = nn.GRU(9 + 6, 9, batch_first=True)
        self.attn = nn.Linear(9 + 10, 7)
        self.v = nn.Linear(7, 1, bias=False)
        self.out = nn.Linear(9 + 10 + 6, 14)

    def read(self, source, mask, lengths):
        x = self.source(source)
        for layer, gate in zip(self.encoder, self.gates):
            y, h = packed(layer, x, lengths)
            t = torch.sigmoid(gate(x))
            x = t * y + (1 - t) * x
        return x, {"h": torch.stack([torch.tanh(init(sides(h))) for init in self.init], 1)}

    def step(self, token, memory, mask, state):
        word, h = self.target(token), state["h"]
        asked = h[:, 1].unsqueeze(1).expand(-1, memory.shape[1], -1)
        score = self.v(torch.tanh(self.attn(torch.cat([asked, memory], -1)))).squeeze(-1)
        context, a = look(score, mask, memory)
        y, first = self.first(torch.cat([context, word], -1).unsqueeze(1), h[:, 0].unsqueeze(0).contiguous())
        y, upper = self.upper(torch.cat([y[:, 0], word], -1).unsqueeze(1), h[:, 1].unsqueeze(0).contiguous())
        logits = self.out(torch.cat([y[:, 0], context, word], -1))
        return logits, {"h": torch.stack([first[0], upper[0]], 1)}, a


class Pointer(nn.Module):
    """One vocabulary on both sides: the token is generated, or, with the probability that the gate leaves, copied from where the
    attention looks (See et al. 2017)."""

    def __init__(self):
        super().__init__()
        self.source = nn.Embedding(13, 6)
        self.target = nn.Embedding(13, 5)
        self.encoder = nn.GRU(6, 8, batch_first=True)
        self.decoder = nn.GRU(5 + 8, 8, batch_first=True)
        self.combine = nn.Linear(8 + 8, 7)
        self.out = nn.Linear(7, 13)
        self.gate = nn.Linear(8 + 8, 1)

    def read(self, source, mask, lengths):
        y, h = packed(self.encoder, self.source(source), lengths)
        hot = nn.functional.one_hot(source, 13).float()
        return y, {"h": h.transpose(0, 1), "copies": hot}

    def step(self, token, memory, mask, state):
        h = state["h"][:, 0]
        context, a = look((memory * h.unsqueeze(1)).sum(-1), mask, memory)
        x = torch.cat([self.target(token), context], -1).unsqueeze(1)
        y, h = self.decoder(x, state["h"].transpose(0, 1).contiguous())
        parts = torch.cat([y[:, 0], context], -1)
        g = torch.sigmoid(self.gate(parts))
        copied = (a.unsqueeze(-1) * state["copies"]).sum(1)
        p = g * torch.softmax(self.out(torch.tanh(self.combine(parts))), -1) + (1 - g) * copied
        return torch.log(p), {"h": h.transpose(0, 1), "copies": state["copies"]}, a


class CopyOnly(nn.Module):
    """A pointer network (Vinyals et al. 2015): every token is one of the source. What is not there costs 1e-20."""

    def __init__(self):
        super().__init__()
        self.source = self.target = nn.Embedding(9, 6)
        self.encoder = nn.LSTM(6, 7, batch_first=True)
        self.decoder = nn.LSTM(6, 7, batch_first=True)
        self.query = nn.Linear(7, 5, bias=False)
        self.keys = nn.Linear(7, 5)
        self.v = nn.Linear(5, 1, bias=False)

    def read(self, source, mask, lengths):
        y, (h, c) = packed(self.encoder, self.source(source), lengths)
        hot = nn.functional.one_hot(source, 9).float()
        return y, {"h": h.transpose(0, 1), "c": c.transpose(0, 1), "copies": hot}

    def step(self, token, memory, mask, state):
        begin = tuple(state[k].transpose(0, 1).contiguous() for k in "hc")
        y, (h, c) = self.decoder(self.target(token).unsqueeze(1), begin)
        score = self.v(torch.tanh(self.query(y) + self.keys(memory))).squeeze(-1)
        _, a = look(score, mask, memory)
        p = (a.unsqueeze(-1) * state["copies"]).sum(1)
        return torch.log(p.clamp(min=1e-20)), {"h": h.transpose(0, 1), "c": c.transpose(0, 1), "copies": state["copies"]}, a


def greedy(model, memory, mask, state):
    """The best token again and again, END the last; -1 behind it."""
    ids, token = [], BEGIN
    while len(ids) < LONGEST and token != END:
        logits, state, _ = model.step(torch.tensor([token]), memory, mask, state)
        token = int(logits[0].argmax())
        ids.append(token)
    return ids + [-1] * (LONGEST - len(ids))


def beam(model, memory, mask, state, refill):
    """Finished hypotheses (tokens, log-probability) in the order in which they end. Of a step's candidates, best first, those that end
    among the first BEAM are finished. Those that do not go on: of the first BEAM, or with refill the first BEAM of them."""
    live, finished = [([], 0.0, state)], []
    for _ in range(LONGEST):
        candidates = []
        for rank, (ids, score, state) in enumerate(live):
            logits, after, _ = model.step(torch.tensor([ids[-1] if ids else BEGIN]), memory, mask, state)
            scores = torch.log_softmax(logits[0].double(), -1).tolist()
            candidates += [(-(score + s), rank, token, ids, after) for token, s in enumerate(scores)]
        candidates.sort(key=lambda c: c[:3])
        finished += [(c[3] + [c[2]], -c[0]) for c in candidates[:BEAM] if c[2] == END]
        going = [c for c in (candidates if refill else candidates[:BEAM]) if c[2] != END][:BEAM]
        live = [(c[3] + [c[2]], -c[0], c[4]) for c in going]
        if not live:
            break
    return finished + [(ids, score) for ids, score, _ in live]


def nbest(finished, alpha):
    """The BEAM best of them by log-probability / length^alpha, the earlier one of equal ones."""
    ranked = sorted(finished, key=lambda f: -f[1] / len(f[0]) ** alpha)[:BEAM]
    ids = torch.tensor([f[0] + [-1] * (LONGEST - len(f[0])) for f in ranked])
    return ids, torch.tensor([f[1] / len(f[0]) ** alpha for f in ranked], dtype=torch.float32)


@torch.no_grad()
def write(name, model, seed, lengths, steps, least=3):
    model = filled(model, seed)
    generator = torch.Generator().manual_seed(seed + 100)
    words, targets = model.source.num_embeddings, model.target.num_embeddings
    lengths = torch.tensor(lengths)
    places = int(lengths.max())
    source = torch.randint(least, words, (len(lengths), places), generator=generator)
    mask = torch.arange(places)[None] < lengths[:, None]
    source = source * mask
    target = torch.randint(3, targets, (len(lengths), steps), generator=generator)
    target[:, 0] = BEGIN
    memory, state = model.read(source, mask, lengths)
    io = {"in.source": source, "in.source_lengths": lengths, "in.token": target}
    io |= {f"out.{key}": value.transpose(0, 1) if key in "hc" else value for key, value in state.items() if key not in ("feed", "copies")}
    logits, attention = [], []
    after = state
    for t in range(steps):
        scores, after, weights = model.step(target[:, t], memory, mask, after)
        logits.append(scores)
        attention.append(weights)
    io["out.logits"] = torch.stack(logits, 1)
    if attention[0] is not None:
        io |= {"out.memory": memory, "out.attention": torch.stack(attention, 1)}
    lists = {key: [] for key in ["greedy_ids", "nbest_ids", "nbest_score", "nbest_norm_refill_ids", "nbest_norm_refill_score"]}
    for row, length in enumerate(lengths.tolist()):
        alone = mask[row : row + 1, :length]
        memory, state = model.read(source[row : row + 1, :length], alone, lengths[row : row + 1])
        lists["greedy_ids"].append(torch.tensor(greedy(model, memory, alone, state)))
        for key, refill, alpha in [("nbest", False, 0), ("nbest_norm_refill", True, ALPHA)]:
            ids, score = nbest(beam(model, memory, alone, state, refill), alpha)
            lists[key + "_ids"].append(ids)
            lists[key + "_score"].append(score)
    io |= {f"out.{key}": torch.stack(value) for key, value in lists.items()}
    folder = CASES / name
    folder.mkdir(exist_ok=True)
    tensors = {}  # tied ones once
    for key, value in model.state_dict().items():
        if not any(value is known or value.data_ptr() == known.data_ptr() for known in tensors.values()):
            tensors[key] = value
    save_file({key: value.contiguous() for key, value in tensors.items()}, folder / "model.safetensors")
    save_file({key: value.clone().contiguous() for key, value in io.items()}, folder / "io.safetensors")
    print(name, io["out.greedy_ids"].tolist(), [x.shape[0] for x in lists["nbest_ids"]])


torch.set_num_threads(1)
write("seq2seq_last", LastState(), 44, [7, 4, 5], 6)
write("seq2seq_every", EveryStep(), 57, [3, 8], 5)
write("seq2seq_both", Both(), 48, [6, 2], 5)
write("seq2seq_lowrank", LowRank(), 9, [9, 5], 6)
write("seq2seq_conditional", Conditional(), 7, [4, 7], 6)
write("seq2seq_deep", Deep(), 49, [6, 3], 5)
write("seq2seq_heads", Heads(), 16, [5, 8], 5)
write("seq2seq_joint", Joint(), 13, [7, 3], 5)
write("seq2seq_pointer", Pointer(), 265, [6, 4], 5)
write("seq2seq_copy", CopyOnly(), 13, [5, 8], 5, least=2)
