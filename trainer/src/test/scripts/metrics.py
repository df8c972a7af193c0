"""Translations and what sacrebleu says of them: writes ../resources/metric/lines.tsv (translation, two references, and the
translation cut into tokens by 13a; line feeds and tabulators escaped), scores.tsv, and, for data that is not here, scores-of-shared.tsv
(the scores of perturbed texts; pass the folder with val.en, val.de, test_2016_flickr.en, ...).

Versions: sacrebleu 2.6.0. python metrics.py [FOLDER]
"""

import random
import sys
from pathlib import Path

from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

OUT = Path(__file__).parent.parent / "resources" / "metric"
OUT.mkdir(parents=True, exist_ok=True)

ODD = [
    ("", "a reference without a translation", "another"),
    ("a translation without a reference", "", ""),
    ("", "", ""),
    ("   ", " ", "x"),
    ("one", "one", "two"),
    ("one two", "one two", "one two three"),
    ("one two three", "one two", "three one two"),
    ("the the the the the the the", "the cat is on the mat", "there is a cat on the mat"),
    ("It is a guide to action which ensures that the military always obeys the commands of the party",
     "It is a guide to action that ensures that the military will forever heed Party commands",
     "It is the guiding principle which guarantees the military forces always being under the command of the Party"),
    ("Hello, world! (Really?) \"Yes\": it's 3.14, not 3,14.", "Hello, world! Really? \"Yes\"; it's 3.14, not 3.15.", "Hello world"),
    ("1,000,000.50 dollars - about $5-6 - a 10-year-old's.", "1,000,000.50 dollars, about $5-6, a 10-year-old's.", "1000000.50 dollars"),
    ("A... B.., ,.C .5 5. ,5 5, 5.a a.5 5-5 a-5 5-a --- 5--", "A...", "B..,"),
    ("Über Änderungen läuft Straße – ‘so’ „gut“ … 50 % 20€ naïve", "Über Änderungen läuft die Straße – „gut“ … 50 % 20 €", "naïve"),
    ("ΟΔΥΣΣΕΥΣ İstanbul STRASSE ŒUVRE ΣΑΣ.", "οδυσσευς istanbul strasse œuvre σας.", "Οδυσσεύς"),
    ("日本語のテキスト、句読点。 한국어 텍스트 😀😀 👩‍👩‍👧 e\u0301te\u0301 été", "日本語テキスト、句読点。 한국어 😀 e\u0301te\u0301", "été"),
    ("R&amp;D &lt;b&gt; &quot;x&quot; &amp;lt; &apos;s & &nbsp; <skipped> a<skipped>b", "R&D <b> \"x\" &lt; 's &", "R&amp;D"),
    ("no\u00a0break\u2003wide\u3000ideographic\u200bzero\x1cseparator\x85next\tline", "no break wide ideographic", "no"),
    ("hyph-\nenated words\nand lines-\n", "hyphenated words and lines", "hyph-\nenated"),
    ("  leading and trailing   ", "leading and trailing", "leading and  trailing"),
    ("(hi) 'hello' \"quote\" -dash dash- ... a.b.c. !? ;x x; 'tis o'clock x' _a_ ~b~ {c} [d] |e| ^f `g` @h #i *j* +k= <l> \\m/ %n$",
     "(hi) 'hello' quote dash dash ... a.b.c. !?", "hi hello"),
    ("a b c d e f g h i j k l m n o p", "a b c d x f g h i j y l m n o p", "p o n m l k j i h g f e d c b a"),
    ("a a a b", "a a b b", "a b"),
]


def generated(rng, count):
    words = "the a of in man woman dog two , . sits runs plays with street red blue 12 3.5 children's - and ( ) !".split()
    for _ in range(count):
        reference = rng.choices(words, k=rng.randint(1, 20))
        other = [w for w in reference if rng.random() < 0.8]
        rng.shuffle(other)
        translation = [w if rng.random() < 0.75 else rng.choice(words) for w in reference if rng.random() < 0.9]
        yield " ".join(translation).capitalize(), " ".join(reference).capitalize(), " ".join(other)


def scores(metric, *arguments):
    score = metric(*arguments)
    if hasattr(score, "bp"):
        return [repr(score.score), *map(repr, score.precisions), repr(score.bp), str(score.sys_len), str(score.ref_len)]
    return [repr(score.score)]


OPTIONS = [
    dict(tokenize="13a"),
    dict(tokenize="none"),
    dict(tokenize="13a", lowercase=True),
    dict(tokenize="none", lowercase=True, effective_order=True),
    dict(tokenize="13a", effective_order=True),
    dict(tokenize="13a", smooth_method="floor"),
    dict(tokenize="13a", smooth_method="floor", smooth_value=0.01, effective_order=True),
    dict(tokenize="none", smooth_method="add-k"),
    dict(tokenize="13a", smooth_method="add-k", smooth_value=0.5, effective_order=True),
    dict(tokenize="13a", smooth_method="none"),
    dict(tokenize="13a", max_ngram_order=2),
    dict(tokenize="13a", max_ngram_order=6, effective_order=True),
]
CHRF_OPTIONS = [
    dict(),
    dict(word_order=2),
    dict(lowercase=True),
    dict(whitespace=True),
    dict(beta=1, char_order=3, word_order=1),
    dict(beta=3, char_order=0, word_order=2),
]


def bleu_columns(o):
    return [o["tokenize"], o.get("lowercase", False), o.get("smooth_method", "exp"), o.get("smooth_value", ""),
            o.get("effective_order", False), o.get("max_ngram_order", 4)]


def chrf_columns(o):
    return [o.get("char_order", 6), o.get("word_order", 0), o.get("beta", 2), o.get("lowercase", False), o.get("whitespace", False)]


def escaped(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def write(name, rows):
    text = "".join("\t".join(str(c).lower() if isinstance(c, bool) else str(c) for c in row) + "\n" for row in rows)
    (OUT / name).write_text(text, encoding="utf-8", newline="\n")


def perturbed(lines):
    """Leaves out, doubles, exchanges and shortens words, by the number of line and word alone."""
    for number, line in enumerate(lines):
        words = []
        tokens = line.split()
        for i, word in enumerate(tokens):
            h = (number * 2654435761 + i * 40503 + 12345) % 4294967296 // 65536 % 100
            if h < 8:
                continue
            if h < 12:
                words += [word, word]
            elif h < 17:
                words.append(tokens[(i + 3) % len(tokens)])
            elif h < 20:
                words.append(word[: len(word) // 2 + 1])
            elif h < 22:
                words.append(word.upper())
            else:
                words.append(word)
        yield " ".join(words)


def main():
    lines = ODD + list(generated(random.Random(7), 60))
    thirteen = Tokenizer13a()
    write("lines.tsv", [[escaped(c) for c in row] + [thirteen(row[0].rstrip())] for row in lines])
    hypotheses, first, second = (list(column) for column in zip(*lines))
    rows = []
    # All lines, the odd ones alone, each odd one alone; the number of references.
    ranges = [(0, len(lines)), (0, len(ODD)), (4, 7)] + [(i, i + 1) for i in range(len(ODD))]
    for begin, end in ranges:
        for count in (1, 2):
            references = [r[begin:end] for r in (first, second)][:count]
            for o in OPTIONS:
                rows.append(["bleu", begin, end, count, *bleu_columns(o),
                             *scores(BLEU(force=True, **o).corpus_score, hypotheses[begin:end], references)])
            for o in CHRF_OPTIONS:
                rows.append(["chrf", begin, end, count, *chrf_columns(o),
                             *scores(CHRF(**o).corpus_score, hypotheses[begin:end], references)])
    write("scores.tsv", rows)
    if len(sys.argv) > 1:
        rows = []
        for part in ("val", "test_2016_flickr"):
            for language in ("en", "de"):
                text = (Path(sys.argv[1]) / f"{part}.{language}").read_text(encoding="utf-8").rstrip("\n").split("\n")
                translation = list(perturbed(text))
                for o in OPTIONS:
                    rows.append(["bleu", f"{part}.{language}", "", 1, *bleu_columns(o),
                                 *scores(BLEU(force=True, **o).corpus_score, translation, [text])])
                for o in CHRF_OPTIONS:
                    rows.append(["chrf", f"{part}.{language}", "", 1, *chrf_columns(o),
                                 *scores(CHRF(**o).corpus_score, translation, [text])])
        write("scores-of-shared.tsv", rows)


main()
