"""Writes cases/layers_*, cases/tagger_* and cases/classifier_*: what PyTorch computes with layers of every type of a
configuration. Run beside the cases: python3 generate_layers.py

Rows are computed one by one, without padding, so that what stands behind a row's length cannot matter."""

import itertools
import json
import math

import torch
from generate import CASES, filled, write
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F


def numbers(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def config(name, **keys):
    text = json.dumps(keys, indent=1)
    (CASES / name / "config.json").write_text(text + "\n")


def rows(x, lengths, compute):
    """What compute(x[b, :length]) gives, one below the other; it adds the batch axis itself."""
    return torch.cat([compute(x[b : b + 1, :n]) for b, n in enumerate(lengths)])


def padded(parts):
    """Rows [n, K] of several lengths, zeros behind them."""
    return nn.utils.rnn.pad_sequence(parts, batch_first=True)


@torch.no_grad()
def blocks():
    """Standardised numbers; residual with and without a shortcut, highway, branches; windows; lengths."""
    m = filled(
        nn.ModuleDict(
            {
                "body": nn.Linear(4, 4),
                "wide": nn.Linear(4, 6),
                "short": nn.Linear(4, 6, bias=False),
                "gate": nn.Linear(6, 6),
                "high": nn.Linear(6, 6),
                "conv": nn.Conv1d(6, 3, 3, padding=1),
                "even": nn.Conv1d(6, 2, 2, padding="same"),
                "out": nn.Linear(11, 3),
            }
        ),
        21,
    )
    mean, std = [0.5, -0.25, 0, 1], [2, 0.5, 1, 4]

    def compute(x):
        y = (x - torch.tensor(mean)) / torch.tensor(std)
        y = y + torch.tanh(m["body"](y))
        y = m["short"](y) + F.relu(m["wide"](y))
        g = torch.sigmoid(m["gate"](y))
        y = (g * F.elu(m["high"](y)) + (1 - g) * y).transpose(1, 2)
        y = torch.cat([torch.sigmoid(m["conv"](y)), m["even"](y), y], 1)
        y = F.avg_pool1d(F.max_pool1d(y, 2, 1), 3, 2).transpose(1, 2)
        return m["out"](y.max(1).values)

    x = numbers(22, 3, 9, 4)
    lengths = [9, 7, 4]
    write("layers_blocks", m, {"in.x": x, "in.lengths": torch.tensor(lengths), "out.y": rows(x, lengths, compute)})
    config(
        "layers_blocks",
        architecture="layers",
        layers=[
            {"type": "scale", "mean": mean, "std": std},
            {"type": "residual", "layers": [linear("body"), activation("tanh")]},
            {"type": "residual", "layers": [linear("wide"), activation("relu")], "shortcut": [linear("short")]},
            {"type": "highway", "gate": {"prefix": "gate"}, "layers": [linear("high"), activation("elu(1)")]},
            {
                "type": "parallel",
                "branches": [
                    {"layers": [{"type": "conv1d", "prefix": "conv", "padding": 1}, activation("sigmoid")]},
                    {"layers": [{"type": "conv1d", "prefix": "even", "padding": "same"}]},
                    {},
                ],
            },
            {"type": "pool_window", "over": "max", "size": 2, "stride": 1},
            {"type": "pool_window", "over": "mean", "size": 3, "stride": 2},
            {"type": "pool", "over": ["max"]},
            linear("out"),
        ],
    )


def linear(prefix):
    return {"type": "linear", "prefix": prefix}


def activation(name):
    return {"type": "activation", "function": name}


class Transformers(nn.Module):
    def __init__(self):
        super().__init__()
        self.positions = nn.Parameter(torch.empty(1, 8, 6))
        self.attention = nn.MultiheadAttention(6, 3, batch_first=True)
        options = {"dim_feedforward": 10, "batch_first": True}
        self.post = nn.TransformerEncoderLayer(6, 2, **options)
        self.pre = nn.TransformerEncoderLayer(
            6, 3, activation="gelu", norm_first=True, bias=False, layer_norm_eps=1e-3, **options
        )
        self.pool = nn.Linear(6, 5)
        self.vector = nn.Parameter(torch.empty(1, 5))

    def forward(self, x, lengths):
        hidden = torch.arange(x.shape[1])[None] >= torch.tensor(lengths)[:, None]
        y = x + self.positions[:, : x.shape[1]]
        y = self.attention(y, y, y, key_padding_mask=hidden)[0]
        y = self.post(y, src_key_padding_mask=hidden)
        y = self.pre(y, src_key_padding_mask=hidden)
        scores = (torch.tanh(self.pool(y)) @ self.vector[0]).masked_fill(hidden, -math.inf)
        return (torch.softmax(scores, 1)[..., None] * y).sum(1)


@torch.no_grad()
def attention():
    """nn.MultiheadAttention, both forms of nn.TransformerEncoderLayer, pooling by attention; padding masked."""
    m = filled(Transformers(), 31)
    x = numbers(32, 2, 6, 6)
    lengths = [6, 4]
    write("layers_attention", m, {"in.x": x, "in.lengths": torch.tensor(lengths), "out.y": m(x, lengths)})
    config(
        "layers_attention",
        architecture="layers",
        layers=[
            {"type": "positions", "weight": "positions"},
            {"type": "self_attention", "prefix": "attention", "heads": 3},
            {"type": "transformer", "prefix": "post", "heads": 2},
            {
                "type": "transformer",
                "prefix": "pre",
                "heads": 3,
                "activation": "gelu",
                "norm_first": True,
                "epsilon": 1e-3,
            },
            {"type": "attention_pool", "prefix": "pool", "vector": "vector"},
        ],
    )


class Cells(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 5), nn.Linear(3, 5, bias=False)
        self.small = nn.RNNCell(9, 3)
        self.w, self.u = nn.Linear(5, 4, bias=False), nn.Linear(4, 4, bias=False)
        self.r, self.s, self.q = (nn.Linear(3, 4) for _ in range(3))
        self.query, self.key = nn.Linear(4, 6), nn.Linear(4, 6)
        self.value, self.out = nn.Linear(4, 2), nn.Linear(2, 3)

    def forward(self, x):
        x = self.a(x) * self.b(x)
        h, z = torch.zeros(len(x), 4), torch.zeros(len(x), 3)
        states = []
        for t in range(x.shape[1]):
            z = self.small(torch.cat([x[:, t], h], -1), z)
            h = torch.tanh(self.r(z) * self.w(x[:, t]) + self.s(z) * self.u(h) + self.q(z))
            states.append(h)
        y = torch.stack(states, 1)
        heads = [
            F.scaled_dot_product_attention(q, k, v)
            for q, k, v in zip(self.query(y).chunk(2, -1), self.key(y).chunk(2, -1), self.value(y).chunk(2, -1))
        ]
        return self.out(torch.cat(heads, -1))


@torch.no_grad()
def cells():
    """A product of maps, a cell whose weights another one scales, attention of maps of their own sizes."""
    m = filled(Cells(), 41)
    x = numbers(42, 2, 5, 3)
    write("layers_cells", m, {"in.x": x, "out.y": m(x)})
    config(
        "layers_cells",
        architecture="layers",
        layers=[
            {"type": "multiplicative", "a": {"prefix": "a"}, "b": {"weight": "b.weight"}},
            {
                "type": "hypernetwork",
                "small": {"prefix": "small"},
                "input": {"weight": "w.weight"},
                "state": {"prefix": "u"},
                "input_scale": {"prefix": "r"},
                "state_scale": {"prefix": "s"},
                "bias": {"prefix": "q"},
            },
            {
                "type": "self_attention",
                "heads": 2,
                "query": {"prefix": "query"},
                "key": {"prefix": "key"},
                "value": {"prefix": "value"},
                "output": {"prefix": "out"},
            },
        ],
    )


def image_rows(x):
    """Images [B, C, H, W] as the vectors that a converted model reads."""
    return x.permute(0, 2, 3, 1).flatten(1)


@torch.no_grad()
def images():
    """A residual network over images of two channels, flattened as PyTorch does; a classifier."""
    m = filled(
        nn.ModuleDict(
            {
                "first": nn.Conv2d(2, 4, (3, 2), padding="same"),
                "bn": nn.BatchNorm2d(4),
                "one": nn.Conv2d(4, 5, 3, stride=2, padding=1, bias=False),
                "bn1": nn.BatchNorm2d(5),
                "two": nn.Conv2d(5, 5, 3, padding=1, bias=False),
                "bn2": nn.BatchNorm2d(5),
                "short": nn.Conv2d(4, 5, 1, stride=2),
                "last": nn.Conv2d(5, 3, (3, 1), padding=(1, 0)),
                "fc1": nn.Linear(3 * 3 * 2, 6),
                "fc2": nn.Linear(6, 3),
            }
        ),
        51,
    )
    x = numbers(52, 2, 2, 7, 6)
    y = F.relu(m["bn"](m["first"](x)))
    y = F.relu(m["short"](y) + m["bn2"](m["two"](F.relu(m["bn1"](m["one"](y))))))
    y = m["last"](F.max_pool2d(y, 2, 1))
    y = F.relu(m["fc1"](F.relu(torch.flatten(y, 1))))
    centred(m["fc2"], y, 2)
    logits = m["fc2"](y)
    io = {"in.x": image_rows(x), "out.logits": logits, "out.class": logits.argmax(-1)}
    write("classifier_images", m, io)
    norm = lambda prefix: {"type": "batch_norm", "prefix": prefix}
    conv = lambda prefix, padding, **more: {"type": "conv2d", "prefix": prefix, "padding": padding, **more}
    config(
        "classifier_images",
        architecture="classifier",
        input="vectors",
        network=[
            {"type": "image", "height": 7, "width": 6, "channels": 2},
            conv("first", "same"),
            norm("bn"),
            activation("relu"),
            {
                "type": "residual",
                "layers": [conv("one", 1, stride=2), norm("bn1"), activation("relu"), conv("two", 1), norm("bn2")],
                "shortcut": [conv("short", "valid", stride=2)],
            },
            activation("relu"),
            {"type": "pool2d", "over": "max", "size": 2, "stride": 1},
            conv("last", [1, 0]),
            {"type": "flatten"},
            activation("relu"),
            {"type": "dropout", "p": 0.5},
            linear("fc1"),
            activation("relu"),
            linear("fc2"),
        ],
        labels=["circle", "cross", "line"],
    )


@torch.no_grad()
def points():
    """One channel; branches of images, means of squares, the largest of an image; and an image flattened channels-last."""
    m = filled(
        nn.ModuleDict(
            {
                "conv": nn.Conv2d(1, 3, 2, stride=2),
                "slope": nn.PReLU(3),
                "small": nn.Conv2d(3, 2, 1),
                "large": nn.Conv2d(3, 2, 3, padding=1),
                "flat": nn.Linear(16, 3),
            }
        ),
        61,
    )
    x = numbers(62, 3, 1, 8, 8)
    y = m["slope"](m["conv"](x))
    y = torch.cat([m["small"](y), torch.tanh(m["large"](y))], 1)
    y = F.avg_pool2d(y, 2)
    flat = m["flat"](y.permute(0, 2, 3, 1).flatten(1))
    y = torch.cat([y.amax((2, 3)), y.mean((2, 3)), flat], 1)
    write("layers_points", m, {"in.x": image_rows(x), "out.y": F.log_softmax(y, -1)})
    config(
        "layers_points",
        architecture="layers",
        input="vectors",
        input_size=64,
        layers=[
            {"type": "image", "height": 8, "width": 8},
            {"type": "conv2d", "prefix": "conv", "padding": 0, "stride": 2},
            {"type": "prelu", "prefix": "slope"},
            {
                "type": "parallel",
                "branches": [
                    {"layers": [{"type": "conv2d", "prefix": "small", "padding": "valid"}]},
                    {"layers": [{"type": "conv2d", "prefix": "large", "padding": "same"}, activation("tanh")]},
                ],
            },
            {"type": "pool2d", "over": "mean", "size": 2},
            {
                "type": "parallel",
                "branches": [
                    {"layers": [{"type": "global_pool2d", "over": "max"}]},
                    {"layers": [{"type": "global_pool2d", "over": "mean"}]},
                    {"layers": [{"type": "flatten", "order": "channels_last"}, linear("flat")]},
                ],
            },
            {"type": "log_softmax"},
        ],
    )


class Repeated(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("running_mean", torch.zeros(3))
        self.register_buffer("running_var", torch.ones(3))
        self.up = nn.Linear(3, 5)
        self.rnn = nn.LSTM(5, 4, batch_first=True)
        self.out = nn.Linear(4, 2)

    def forward(self, x):
        y = torch.tanh(self.up((x - self.running_mean) / self.running_var))
        return self.out(self.rnn(y[:, None].expand(-1, 4, -1))[0])


@torch.no_grad()
def repeated():
    """One vector to several steps."""
    m = filled(Repeated(), 71)
    x = numbers(72, 3, 3)
    write("layers_repeat", m, {"in.x": x, "out.y": m(x)})
    config(
        "layers_repeat",
        architecture="layers",
        input="vectors",
        layers=[
            {"type": "scale", "mean": "running_mean", "std": "running_var"},
            linear("up"),
            activation("tanh"),
            {"type": "repeat", "steps": 4},
            {"type": "recurrent", "cell": "lstm", "prefix": "rnn"},
            linear("out"),
        ],
    )


WORDS = ["<unk>", "the", "cat", "sleeps", "dogs", "run"]
LETTERS = ["<unk>"] + list("acdeghlnoprstu")
TAGS = ["DET", "NOUN", "VERB"]


def ids(tokens, vocabulary):
    return [vocabulary.index(token) if token in vocabulary else 0 for token in tokens]


def chain_answers(logits, start, transitions, end):
    """The best path and the marginals of a row, by all paths; transitions from row to column."""
    n, k = logits.shape
    marginals, total, best = torch.zeros(n, k, dtype=torch.double), 0.0, (-math.inf, None)
    for path in itertools.product(range(k), repeat=n):
        score = float(start[path[0]] + end[path[-1]] + sum(logits[t, y] for t, y in enumerate(path)))
        score += float(sum(transitions[a, b] for a, b in zip(path, path[1:])))
        best = max(best, (score, path))
        total += math.exp(score)
        for t, y in enumerate(path):
            marginals[t, y] += math.exp(score)
    return best[1], (marginals / total).float()


class Crf(nn.Module):
    """The parameters of pytorch-crf."""

    def __init__(self, tags):
        super().__init__()
        self.start_transitions = nn.Parameter(torch.empty(tags))
        self.end_transitions = nn.Parameter(torch.empty(tags))
        self.transitions = nn.Parameter(torch.empty(tags, tags))


@torch.no_grad()
def spelled(seed):
    """Words and their characters, two directions, a chain."""
    m = filled(
        nn.ModuleDict(
            {
                "words": nn.Embedding(len(WORDS), 4),
                "letters": nn.Embedding(len(LETTERS), 3),
                "conv": nn.Conv1d(3, 5, 3, padding=1),
                "spell": nn.GRU(3, 2, bidirectional=True, batch_first=True),
                "rnn": nn.LSTM(13, 4, bidirectional=True, batch_first=True),
                "out": nn.Linear(8, len(TAGS)),
                "crf": Crf(len(TAGS)),
            }
        ),
        seed,
    )

    m["crf"].transitions *= 2

    def spelling(word):
        x = m["letters"](torch.tensor([ids(word, LETTERS)]))
        wide = torch.relu(m["conv"](x.transpose(1, 2))).max(2).values
        last = m["spell"](x)[1]
        return torch.cat([wide, last[0], last[1]], 1)

    sentences = [["the", "cat", "sleeps", "here"], ["dogs", "run"], ["a", "dog", "sleeps"]]
    features, logits, marginals, paths = [], [], [], []
    for words in sentences:
        rows_ = m["words"](torch.tensor(ids(words, WORDS)))
        y = torch.cat([rows_, torch.cat([spelling(w) for w in words])], 1)
        features.append(m["rnn"](y[None])[0][0])
    centred(m["out"], torch.cat(features), 8)
    for y in features:
        logits.append(m["out"](y))
        path, probable = chain_answers(
            logits[-1], m["crf"].start_transitions, m["crf"].transitions, m["crf"].end_transitions
        )
        marginals.append(probable)
        paths.append(path)
    if not tells(logits, paths, 3):
        return False
    answers = [[TAGS[k] for k in path] for path in paths]
    longest = max(len(w) for s in sentences for w in s)
    tokens = padded([torch.tensor(ids(s, WORDS)) for s in sentences])
    characters = torch.zeros(3, 4, longest, dtype=torch.long)
    character_lengths = torch.ones(3, 4, dtype=torch.long)
    for b, sentence in enumerate(sentences):
        for t, word in enumerate(sentence):
            characters[b, t, : len(word)] = torch.tensor(ids(word, LETTERS))
            character_lengths[b, t] = len(word)
    lengths = torch.tensor([len(s) for s in sentences])
    full = padded(logits)
    for b, n in enumerate(lengths):
        full[b, n:] = m["out"].bias  # of the zeros that stand behind a packed row
    io = {
        "in.tokens": tokens,
        "in.lengths": lengths,
        "in.characters": characters,
        "in.character_lengths": character_lengths,
        "out.logits": full,
    }
    write("tagger_spelled", m, io)
    save_file(
        {"in.logits": full, "in.lengths": lengths, "out.marginals": padded(marginals)},
        CASES / "tagger_spelled" / "io2.safetensors",
    )
    write_answers("tagger_spelled", sentences, answers)
    config(
        "tagger_spelled",
        architecture="tagger",
        embedding="words.weight",
        characters={
            "embedding": "letters.weight",
            "layers": [
                {
                    "type": "parallel",
                    "branches": [
                        {
                            "layers": [
                                {"type": "conv1d", "prefix": "conv", "padding": 1},
                                activation("relu"),
                                {"type": "pool", "over": ["max"]},
                            ]
                        },
                        {
                            "layers": [
                                {"type": "recurrent", "cell": "gru", "reset_after": True, "prefix": "spell"},
                                {"type": "pool", "over": ["ends"]},
                            ]
                        },
                    ],
                }
            ],
            "vocabulary": LETTERS,
            "unknown_token": "<unk>",
        },
        cell="lstm",
        parameters="pytorch",
        recurrent="rnn",
        bidirectional=True,
        output={"prefix": "out"},
        chain={"prefix": "crf", "order": "from_to"},
        segmentation="words",
        vocabulary=WORDS,
        unknown_token="<unk>",
        labels=TAGS,
    )
    return True


def centred(out, features, factor):
    """Makes a linear map whose largest output is not the same everywhere."""
    out.weight *= factor
    out.bias.copy_(-(features @ out.weight.T).mean(0))


def tells(logits, paths, tags):
    """Whether the chain decides something, and every tag occurs."""
    greedy = [tuple(scores.argmax(-1).tolist()) for scores in logits]
    return greedy != list(paths) and len(set(itertools.chain(*paths))) == tags


def write_answers(name, texts, answers):
    lines = [json.dumps({"text": text, "answer": answer}) for text, answer in zip(texts, answers)]
    (CASES / name / "answers.jsonl").write_text("\n".join(lines) + "\n")


@torch.no_grad()
def borders(seed):
    """Transitions to a row from a column, with tags for the borders of a sentence; not two directions but one."""
    tags = TAGS + ["<s>", "</s>"]
    m = filled(
        nn.ModuleDict({"e": nn.Embedding(6, 3), "rnn": nn.GRU(3, 4, batch_first=True), "out": nn.Linear(4, 5)}), seed
    )
    m.transitions = nn.Parameter(torch.empty(5, 5).uniform_(-1, 1, generator=torch.Generator().manual_seed(92)))
    m.transitions[3, :] = -1000
    m.transitions[:, 4] = -1000
    sentences = [WORDS[1:4], [WORDS[5], WORDS[2], WORDS[4], WORDS[1]]]
    features = [m["rnn"](m["e"](torch.tensor([ids(words, WORDS)])))[0][0] for words in sentences]
    centred(m["out"], torch.cat(features), 4)
    logits, marginals, paths = [], [], []
    for y in features:
        logits.append(m["out"](y))
        path, probable = chain_answers(logits[-1], m.transitions[:, 3], m.transitions.T, m.transitions[4])
        marginals.append(probable)
        paths.append(path)
    if not tells(logits, paths, 3):
        return False
    answers = [[tags[k] for k in path] for path in paths]
    lengths = torch.tensor([3, 4])
    full = padded(logits)
    full[0, 3] = m["out"].bias
    tokens = padded([torch.tensor(ids(s, WORDS)) for s in sentences])
    write("tagger_borders", m, {"in.tokens": tokens, "in.lengths": lengths, "out.logits": full})
    save_file(
        {"in.logits": full, "in.lengths": lengths, "out.marginals": padded(marginals)},
        CASES / "tagger_borders" / "io2.safetensors",
    )
    write_answers("tagger_borders", sentences, answers)
    config(
        "tagger_borders",
        architecture="tagger",
        network=[
            {"type": "embedding", "prefix": "e"},
            {"type": "recurrent", "cell": "gru", "reset_after": True, "prefix": "rnn"},
            linear("out"),
        ],
        chain={"transitions": "transitions", "order": "to_from", "start_tag": 3, "end_tag": 4},
        segmentation="words",
        vocabulary=WORDS,
        unknown_token="<unk>",
        labels=tags,
    )
    return True


@torch.no_grad()
def ends():
    """The last states of both directions of two layers, h_n[-2] and h_n[-1], beside the mean."""
    m = filled(
        nn.ModuleDict(
            {
                "e": nn.Embedding(len(WORDS), 3),
                "rnn": nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True, proj_size=2),
                "fc": nn.Linear(8, 4),
                "out": nn.Linear(4, 3),
            }
        ),
        101,
    )
    texts = ["the cat sleeps", "dogs run", "cat", "run the dogs the cat"]
    features = []
    for text in texts:
        y, (h, _) = m["rnn"](m["e"](torch.tensor([ids(text.split(), WORDS)])))
        y = torch.cat([h[-2], h[-1], y.mean(1)], 1)
        features.append(torch.tanh(m["fc"](y)))
    features = torch.cat(features)
    centred(m["out"], features, 8)
    logits = m["out"](features)
    lengths = torch.tensor([len(t.split()) for t in texts])
    tokens = padded([torch.tensor(ids(t.split(), WORDS)) for t in texts])
    io = {"in.tokens": tokens, "in.lengths": lengths, "out.logits": logits, "out.probs": logits.softmax(-1)}
    write("classifier_ends", m, io)
    labels = ["calm", "busy", "strange"]
    write_answers("classifier_ends", texts, [labels[k] for k in logits.argmax(-1)])
    config(
        "classifier_ends",
        architecture="classifier",
        embedding="e.weight",
        cell="lstm",
        parameters="pytorch",
        recurrent="rnn",
        pooling=["ends", "mean"],
        hidden=[{"prefix": "fc", "activation": "tanh"}],
        output={"prefix": "out"},
        segmentation="words",
        vocabulary=WORDS,
        unknown_token="<unk>",
        labels=labels,
    )


blocks()
attention()
cells()
images()
points()
repeated()
next(filter(spelled, range(81, 181)))
next(filter(borders, range(91, 191)))
ends()
