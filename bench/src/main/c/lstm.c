/*
 * An LSTM step in C intrinsics as a peer of dev.rondo.bench.Table; see PeerProgram for the lines it answers.
 *
 * The layout is Rondo's: panels of 16 rows, for each column k 16 consecutive rows of gate i, of f, of g, of o, 64-byte
 * aligned. A panel has eight sums: with AVX-512 four gates by two columns in turn, with AVX2 four gates by two vectors.
 * tanh x = x P(x^2) / Q(x^2) with the coefficients of dev.rondo.kernel.VectorMath; sigmoid x = tanh(x / 2) / 2 + 1/2.
 */
#define _POSIX_C_SOURCE 200809L
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PANEL 16
#define GATES 4

#ifdef __AVX512F__
#define WIDE 1
typedef __m512 vec;
#define LANES 16
#define load _mm512_load_ps
#define loadu _mm512_loadu_ps
#define storeu _mm512_storeu_ps
#define set1 _mm512_set1_ps
#define add _mm512_add_ps
#define mul _mm512_mul_ps
#define quotient _mm512_div_ps
#define fma _mm512_fmadd_ps
#define least _mm512_min_ps
#define most _mm512_max_ps
#else
#define WIDE 2
typedef __m256 vec;
#define LANES 8
#define load _mm256_load_ps
#define loadu _mm256_loadu_ps
#define storeu _mm256_storeu_ps
#define set1 _mm256_set1_ps
#define add _mm256_add_ps
#define mul _mm256_mul_ps
#define quotient _mm256_div_ps
#define fma _mm256_fmadd_ps
#define least _mm256_min_ps
#define most _mm256_max_ps
#endif

static inline vec tanhv(vec x) {
    const vec limit = set1(9.02f);
    x = most(least(x, limit), set1(-9.02f));
    vec u = mul(x, x);
    vec p = fma(u, set1(-0x1.0637c0p-36f), set1(0x1.25c778p-25f));
    p = fma(u, p, set1(0x1.eee37cp-16f));
    p = fma(u, p, set1(0x1.02536ep-8f));
    p = fma(u, p, set1(0x1.195cb2p-3f));
    p = fma(u, p, set1(1));
    vec q = fma(u, set1(0x1.75a4e6p-20f), set1(0x1.aa99f4p-12f));
    q = fma(u, q, set1(0x1.c2caa0p-6f));
    q = fma(u, q, set1(0x1.e203aep-2f));
    q = fma(u, q, set1(1));
    return quotient(mul(p, x), q);
}

static inline vec sigmoidv(vec x) {
    vec half = set1(0.5f);
    return fma(tanhv(mul(x, half)), half, half);
}

/* Sums of one panel: [2][GATES], the second half being odd columns or the panel's upper vectors. */
static inline void product(const float *panel, const float *x, int columns, vec sums[2][GATES]) {
#if WIDE == 1
    int k = 0;
    for (; k + 2 <= columns; k += 2, panel += 2 * GATES * PANEL) {
        vec even = set1(x[k]), odd = set1(x[k + 1]);
        for (int g = 0; g < GATES; g++) {
            sums[0][g] = fma(load(panel + g * PANEL), even, sums[0][g]);
            sums[1][g] = fma(load(panel + (GATES + g) * PANEL), odd, sums[1][g]);
        }
    }
    if (k < columns) {
        vec last = set1(x[k]);
        for (int g = 0; g < GATES; g++) {
            sums[0][g] = fma(load(panel + g * PANEL), last, sums[0][g]);
        }
    }
#else
    for (int k = 0; k < columns; k++, panel += GATES * PANEL) {
        vec value = set1(x[k]);
        for (int g = 0; g < GATES; g++) {
            sums[0][g] = fma(load(panel + g * PANEL), value, sums[0][g]);
            sums[1][g] = fma(load(panel + g * PANEL + LANES), value, sums[1][g]);
        }
    }
#endif
}

static int inputs, hidden, blocks, count;
static float *w, *u, *b, *x, *h, *c, *next;

static inline void cell(const vec gates[GATES], float *cell_state, float *out) {
    vec state = fma(sigmoidv(gates[1]), loadu(cell_state), mul(sigmoidv(gates[0]), tanhv(gates[2])));
    storeu(cell_state, state);
    storeu(out, mul(sigmoidv(gates[3]), tanhv(state)));
}

static void step(const float *in) {
    for (int block = 0; block < blocks; block++) {
        vec sums[2][GATES];
        for (int g = 0; g < GATES; g++) {
            const float *bias = b + (block * GATES + g) * PANEL;
            sums[0][g] = load(bias);
            sums[1][g] = WIDE == 1 ? set1(0) : load(bias + LANES);
        }
        product(w + (size_t)block * inputs * GATES * PANEL, in, inputs, sums);
        product(u + (size_t)block * hidden * GATES * PANEL, h, hidden, sums);
#if WIDE == 1
        for (int g = 0; g < GATES; g++) {
            sums[0][g] = add(sums[0][g], sums[1][g]);
        }
        cell(sums[0], c + block * PANEL, next + block * PANEL);
#else
        cell(sums[0], c + block * PANEL, next + block * PANEL);
        cell(sums[1], c + block * PANEL + LANES, next + block * PANEL + LANES);
#endif
    }
    float *swap = h;
    h = next;
    next = swap;
}

static float *zeros(size_t floats) {
    size_t bytes = (floats * sizeof(float) + 63) / 64 * 64;
    float *memory = aligned_alloc(64, bytes);
    if (!memory) {
        exit(3);
    }
    return memset(memory, 0, bytes);
}

/* A matrix [GATES * hidden, columns] into panels. */
static float *panels(const float *rows, int columns) {
    float *to = zeros((size_t)blocks * columns * GATES * PANEL);
    for (int g = 0; g < GATES; g++) {
        for (int j = 0; j < hidden; j++) {
            for (int k = 0; k < columns; k++) {
                to[(((size_t)(j / PANEL) * columns + k) * GATES + g) * PANEL + j % PANEL] =
                    rows[((size_t)g * hidden + j) * columns + k];
            }
        }
    }
    return to;
}

static const char *prepare(const char *path) {
    blocks = (hidden + PANEL - 1) / PANEL;
    size_t rows = (size_t)GATES * hidden;
    size_t total = rows * (inputs + hidden + 1) + (size_t)count * inputs;
    float *data = zeros(total);
    FILE *file = fopen(path, "rb");
    if (!file || fread(data, sizeof(float), total, file) != total) {
        return "cannot read the weights";
    }
    fclose(file);
    w = panels(data, inputs);
    u = panels(data + rows * inputs, hidden);
    b = panels(data + rows * (inputs + hidden), 1);
    x = data + rows * (inputs + hidden + 1);
    h = zeros((size_t)blocks * PANEL);
    next = zeros((size_t)blocks * PANEL);
    c = zeros((size_t)blocks * PANEL);
    return "ready";
}

static void reset(void) {
    memset(h, 0, sizeof(float) * blocks * PANEL);
    memset(c, 0, sizeof(float) * blocks * PANEL);
}

static long long nanos(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(void) {
    char line[4096], kind[16], path[4000];
    int times, place = 0;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "prepare %15s %d %d %d %3999s", kind, &inputs, &hidden, &count, path) == 5) {
            puts(strcmp(kind, "lstm") == 0 ? prepare(path) : "an LSTM alone");
        } else if (sscanf(line, "outputs %d", &times) == 1) {
            reset();
            for (int i = 0; i < times; i++) {
                step(x + (size_t)(i % count) * inputs);
            }
            for (int j = 0; j < hidden; j++) {
                printf("%.9g ", h[j]);
            }
            puts("");
            reset();
            place = 0;
        } else if (sscanf(line, "run %d", &times) == 1) {
            long long start = nanos();
            for (int i = 0; i < times; i++) {
                step(x + (size_t)place * inputs);
                place = place + 1 == count ? 0 : place + 1;
            }
            printf("%lld\n", nanos() - start);
        }
        fflush(stdout);
    }
    return 0;
}
