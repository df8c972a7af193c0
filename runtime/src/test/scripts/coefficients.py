#!/usr/bin/env python3
"""Derives the coefficients of VectorMath and measures the error they reach in f32 arithmetic.

Run: python3 runtime/src/test/scripts/coefficients.py     (needs numpy and mpmath; some minutes)
     python3 runtime/src/test/scripts/coefficients.py 6,3,9.02 5,4,9.02     (other degrees, coarser measure)

tanh x = x P(x^2) / Q(x^2) on |x| <= LIMIT, weighted for the relative error;
e^r = 1 + r + r^2 P(r) on |r| <= ln 2 / 2.
Fit: linearised least squares (Sanathanan-Koerner) with Lawson's reweighting, which moves it to the minimax solution,
in 60 digits; then rounded to f32 and measured on every f32 of the range (tanh: every 7th), with fma rounded once.
"""
import sys

import numpy as np
import mpmath as mp

mp.mp.dps = 60
f32 = np.float32


def fma(a, b, c):
    """f32 fma: the product is exact in f64; the sum's double rounding is far below what is measured."""
    return (a.astype(np.float64) * b + c).astype(f32)


def lawson(xs, rows, target, rounds, weight_of):
    """Minimises max |rows(x) . c - target(x)| * weight; returns c as mpf list."""
    n = len(xs)
    w = [mp.mpf(1) / n] * n
    c = None
    best = None
    for _ in range(rounds):
        scale = weight_of(c)
        a = mp.matrix(n, len(rows(xs[0])))
        b = mp.matrix(n, 1)
        for i, x in enumerate(xs):
            s = mp.sqrt(w[i]) * scale(x)
            for j, v in enumerate(rows(x)):
                a[i, j] = v * s
            b[i] = target(x) * s
        c = mp.lu_solve(a.T * a, a.T * b)
        errors = [abs(sum(v * c[j] for j, v in enumerate(rows(x))) - target(x)) * scale(x) for x in xs]
        worst = max(errors)
        if best is None or worst < best[0]:
            best = (worst, c)
        total = sum(wi * e for wi, e in zip(w, errors))
        w = [wi * (e / total) ** mp.mpf("0.9") + mp.mpf(10) ** -12 / n for wi, e in zip(w, errors)]
        s = sum(w)
        w = [wi / s for wi in w]
    return best[1], best[0]


def chebyshev(lo, hi, n):
    return [lo + (hi - lo) * (1 - mp.cos(mp.pi * (2 * i + 1) / (2 * n))) / 2 for i in range(n)]


def fit_tanh(p, q, limit, rounds):
    """x P(u)/Q(u), u = x^2, Q(0) = 1; error relative to tanh."""
    xs = chebyshev(mp.mpf(0), limit, 160)
    f = {x: mp.tanh(x) / x for x in xs}

    def rows(x):
        u = x * x
        return [u ** i for i in range(p + 1)] + [-f[x] * u ** i for i in range(1, q + 1)]

    def weight_of(c):
        if c is None:
            return lambda x: 1 / f[x] / (1 + x * x / 3) ** min(p, q)
        return lambda x: 1 / f[x] / (1 + sum(c[p + i] * (x * x) ** i for i in range(1, q + 1)))

    c, worst = lawson(xs, rows, lambda x: f[x], rounds, weight_of)
    return [c[i] for i in range(p + 1)], [mp.mpf(1)] + [c[p + i] for i in range(1, q + 1)], worst


def fit_exp(degree, rounds):
    half = mp.log(2) / 2
    xs = chebyshev(-half, half, 120)

    def rows(r):
        return [r ** i for i in range(2, degree + 1)]

    c, worst = lawson(xs, rows, lambda r: mp.exp(r) - 1 - r, rounds, lambda _: lambda r: mp.exp(-r))
    return [c[i] for i in range(degree - 1)], worst


def horner(c, u):
    s = np.full_like(u, f32(c[-1]))
    for v in c[-2::-1]:
        s = fma(s, u, f32(v))
    return s


def ulps(got, want):
    """Error in units of the last place of the f32 nearest to want (f64)."""
    near = np.abs(want.astype(f32))
    return np.abs(got.astype(np.float64) - want) / np.spacing(np.maximum(near, f32(2.0 ** -126))).astype(np.float64)


def every_float(lo, hi, step):
    a = f32(lo).view(np.uint32)
    b = f32(hi).view(np.uint32)
    return np.arange(a, b, step, dtype=np.uint32).view(f32)


def tanh_f32(p, q, limit, x):
    """As VectorMath computes it: the square is cut off at limit^2, the result at 1."""
    u = np.minimum(x * x, f32(limit * limit))
    return np.minimum((x * horner(p, u)) / horner(q, u), f32(1))


def measure_tanh(p, q, limit, step):
    worst, at = 0.0, 0.0
    x = every_float(1e-30, 20.0, step)
    for part in np.array_split(x, max(1, len(x) // 4_000_000)):
        e = ulps(tanh_f32(p, q, limit, part), np.tanh(part.astype(np.float64)))
        i = int(np.argmax(e))
        if e[i] > worst:
            worst, at = float(e[i]), float(part[i])
    return worst, at


LN2_HI = f32(float.fromhex("0x1.62e4p-1"))  # 16 bits: n * LN2_HI is exact for |n| < 256
LN2_LO = f32(float(mp.log(2) - mp.mpf(float(LN2_HI))))
MAGIC = f32(1.5 * 2 ** 23)


def exp_f32(c, x):
    n = (fma(x, f32(1 / np.log(2)), np.full_like(x, MAGIC)) - MAGIC).astype(f32)
    r = fma(-n, LN2_LO, fma(-n, LN2_HI, x))
    s = horner(c, r)
    y = fma(fma(s, r, np.full_like(r, f32(1))), r, np.full_like(r, f32(1)))
    half = np.floor(n / 2).astype(np.int32)
    rest = n.astype(np.int32) - half
    return (np.ldexp(y, rest).astype(f32) * np.ldexp(f32(1), half).astype(f32)).astype(f32)


def measure_exp(c, step):
    worst, at = 0.0, 0.0
    for sign, hi in ((1, 88.72), (-1, 103.9)):
        x = every_float(1e-10, hi, step) * f32(sign)
        for part in np.array_split(x, max(1, len(x) // 4_000_000)):
            want = np.exp(part.astype(np.float64))
            e = ulps(exp_f32(c, part), want)
            i = int(np.argmax(e))
            if e[i] > worst:
                worst, at = float(e[i]), float(part[i])
    return worst, at


def show(name, values):
    print(f"{name}:", ", ".join(f"{float(f32(v)).hex()}f /* {float(f32(v)):.9g} */" for v in values))


def main():
    step = 997 if len(sys.argv) > 1 else 7
    for p, q, limit in [tuple(map(float, a.split(","))) for a in sys.argv[1:]] or [(5, 4, 9.02)]:
        p, q = int(p), int(q)
        ps, qs, worst = fit_tanh(p, q, mp.mpf(limit), 30)
        pf, qf = [f32(float(v)) for v in ps], [f32(float(v)) for v in qs]
        print(f"tanh {p}/{q} on {limit}: relative error of the fit {mp.nstr(worst, 4)}")
        show("P", pf)
        show("Q", qf)
        print("   measured ulp, at x:", *measure_tanh(pf, qf, limit, step))
    for d in (5, 6):
        c, worst = fit_exp(d, 30)
        cf = [f32(float(v)) for v in c]
        print(f"exp degree {d}: relative error of the fit {mp.nstr(worst, 4)}")
        show("C", cf)
        print("   measured ulp, at x:", *measure_exp(cf, step))


if __name__ == "__main__":
    main()
