"""Figures of labels and of spans, for LabelMetricsGoldenTest: writes resources/metric/labels.tsv and spans.tsv.

Labels: scikit-learn 1.9 (pip install scikit-learn). Spans: no package is needed; the boundaries of spans are taken from a table of
all pairs of marks, written out here from the description of conlleval (CoNLL-2000 shared task).
Run in trainer/src/test: python3 scripts/label_metrics.py
"""
import random

from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

random.seed(7)


def numbers(values):
    return " ".join(repr(float(v)) for v in values)


def labels():
    lines = []
    for classes, count, skill in [(2, 30, 0.7), (5, 60, 0.5), (7, 20, 0.6), (3, 5, 0.0), (4, 40, 1.0), (18, 300, 0.8)]:
        # The last class of the larger ones is never there.
        right = [random.randrange(max(2, classes - 1)) for _ in range(count)]
        guessed = [r if random.random() < skill else random.randrange(classes) for r in right]
        each = precision_recall_fscore_support(right, guessed, labels=range(classes), zero_division=0)
        macro = precision_recall_fscore_support(right, guessed, average="macro", zero_division=0)[:3]
        weighted = precision_recall_fscore_support(right, guessed, average="weighted", zero_division=0)[:3]
        micro = precision_recall_fscore_support(right, guessed, average="micro", zero_division=0)[:3]
        table = confusion_matrix(right, guessed, labels=range(classes))
        lines.append("\t".join([
            str(classes), " ".join(map(str, right)), " ".join(map(str, guessed)),
            repr(accuracy_score(right, guessed)), numbers(macro), numbers(weighted), numbers(micro),
            numbers(each[0]), numbers(each[1]), numbers(each[2]), " ".join(map(str, each[3])),
            " ".join(str(n) for row in table for n in row)]))
    with open("resources/metric/labels.tsv", "w") as out:
        out.write("\n".join(lines) + "\n")


# Whether a span ends between two tokens of one type, by the marks before and after, and whether one begins there.
ENDS = {"BB", "BO", "BS", "IB", "IO", "IS", "EB", "EI", "EE", "EO", "ES", "SB", "SI", "SE", "SO", "SS"}
BEGINS = {"OB", "BB", "IB", "EB", "SB", "OS", "BS", "IS", "ES", "SS", "OI", "OE", "EI", "EE", "SI", "SE"}


def spans(tags):
    split = [(t[0], t[2:]) for t in ["O"] + tags + ["O"]]
    ends, begins = [], []
    for i in range(1, len(split)):
        (a, x), (b, y) = split[i - 1], split[i]
        pair = a + b
        if a != "O" and (pair in ENDS or x != y):
            ends.append((i - 1, x))
        if b != "O" and (pair in BEGINS or x != y):
            begins.append(i - 1)
    assert len(ends) == len(begins), (tags, ends, begins)
    return {(b, e, x) for b, (e, x) in zip(begins, ends)}


def figures(right, guessed, there):
    p = right / guessed if guessed else 0.0
    r = right / there if there else 0.0
    return p, r, (2 * p * r / (p + r) if p + r else 0.0), there


def random_tags(count):
    return ["O" if random.random() < 0.3 else random.choice("BBIIIES") + "-" + random.choice(["PER", "LOC", "X-Y"])
            for _ in range(count)]


def span_cases():
    lines = []
    for case in range(40):
        count = random.randrange(1, 25)
        right = random_tags(count)
        guessed = [t if random.random() < 0.7 else o for t, o in zip(right, random_tags(count))]
        if case == 0:
            right, guessed = ["O"] * count, ["O"] * count
        a, b = spans(right), spans(guessed)
        row = [" ".join(right), " ".join(guessed), numbers(figures(len(a & b), len(b), len(a)))]
        for kind in sorted({x for _, _, x in a | b}):
            ka, kb = {s for s in a if s[2] == kind}, {s for s in b if s[2] == kind}
            row.append(kind + " " + numbers(figures(len(ka & kb), len(kb), len(ka))))
        lines.append("\t".join(row))
    with open("resources/metric/spans.tsv", "w") as out:
        out.write("\n".join(lines) + "\n")


labels()
span_cases()
