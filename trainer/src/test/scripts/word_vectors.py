"""Writes five word vectors in the formats of word2vec (text, binary) and GloVe, byte for byte as those programs do.

word2vec.c (-binary 0 and 1) ends each vector with a space and a line feed in text, with a line feed in binary, and counts
words and dimensions in its first line; glove.c has neither the line nor the trailing space.

    python3 word_vectors.py ../resources/word-vectors
"""
import struct
import sys
from pathlib import Path

VECTORS = {
    "</s>": [0.001, -0.002, 0.003, -0.004],
    "the": [0.418, 0.25, -0.41242, 0.1217],
    "König": [-1.5, 2.25, 0.0, 1e-05],
    "Rome": [0.5, -0.5, 0.5, -0.5],
    "漢字": [3.0, -3.25, 100.0, -0.125],
}

folder = Path(sys.argv[1])
header = f"{len(VECTORS)} {len(VECTORS['the'])}\n"
with open(folder / "word2vec.txt", "w", encoding="utf-8", newline="\n") as out:
    out.write(header)
    for word, numbers in VECTORS.items():
        out.write(word + " " + "".join("%f " % n for n in numbers) + "\n")
with open(folder / "word2vec.bin", "wb") as out:
    out.write(header.encode())
    for word, numbers in VECTORS.items():
        out.write(word.encode() + b" " + struct.pack("<%df" % len(numbers), *numbers) + b"\n")
with open(folder / "glove.txt", "w", encoding="utf-8", newline="\n") as out:
    for word, numbers in VECTORS.items():
        out.write(word + "".join(" %f" % n for n in numbers) + "\n")
    # The 840B vectors have words with spaces in them.
    out.write("at name@domain.com 0.500000 0.250000 -1.000000 2.000000\n")
