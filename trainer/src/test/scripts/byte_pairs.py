"""A text of invented words, the merges that subword-nmt learns from it, and how it cuts another text by them: writes
../resources/byte-pairs/text.txt, merges.txt, held-out.txt and pieces.txt; pieces-known.txt is cut into pieces of vocabulary.txt.

Versions: subword-nmt 0.3.9. From its checkout: PYTHONPATH=subword-nmt python byte_pairs.py
"""

import io
import random
from collections import Counter
from pathlib import Path

from subword_nmt.apply_bpe import BPE
from subword_nmt.learn_bpe import learn_bpe

OUT = Path(__file__).parent.parent / "resources" / "byte-pairs"
OUT.mkdir(parents=True, exist_ok=True)
SYLLABLES = "ba na na ka lo wer lo st ny ü ßa é 😀 漢 aa aaa an ana ing heit un".split()
ODD = ["aaaa", "aaaaaaa", "ababab", "x", "漢字", "😀😀😀", "e\u0301te\u0301", "don't", "3.14", "a-b-c"]


def lines(rng, count):
    vocabulary = ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 5))) for _ in range(300)] + ODD
    weights = [1 / (rank + 1) for rank in range(len(vocabulary))]
    rng.shuffle(vocabulary)
    return [" ".join(rng.choices(vocabulary, weights, k=rng.randint(0, 14))) for _ in range(count)]


text = lines(random.Random(1), 200)
held_out = lines(random.Random(2), 60)
merges = io.StringIO()
learn_bpe(io.StringIO("\n".join(text) + "\n"), merges, 400)
codes = merges.getvalue().splitlines()[1:]  # without the line with the version
merges.seek(0)
bpe = BPE(merges)


def cut(line):
    pieces = []
    for word in line.split():
        parts = bpe.segment_tokens([word])
        pieces += [p.removesuffix("@@") for p in parts[:-1]] + [parts[-1] + "</w>"]
    return " ".join(pieces)


for name, content in {
    "text": text,
    "merges": codes,
    "held-out": held_out,
    "pieces": [cut(line) for line in held_out],
}.items():
    (OUT / f"{name}.txt").write_text("\n".join(content) + "\n", encoding="utf-8")

# The same with a vocabulary: code points and pieces that occur thrice in the text.
counts = Counter(piece for line in text for piece in cut(line).split())
vocabulary = {piece for piece, count in counts.items() if count >= 3}
vocabulary |= {c + end for line in text + held_out for c in line if c != " " for end in ("", "</w>")}
known = {v.removesuffix("</w>") if v.endswith("</w>") else v + "@@" for v in vocabulary}
merges.seek(0)
bpe = BPE(merges, vocab=known)
(OUT / "vocabulary.txt").write_text("\n".join(sorted(vocabulary)) + "\n", encoding="utf-8")
(OUT / "pieces-known.txt").write_text("\n".join(cut(line) for line in held_out) + "\n", encoding="utf-8")
