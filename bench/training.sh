#!/bin/sh
# Trains one character model in PyTorch and in Rondo, in turn, and prints characters a second of both.
#
#     bench/training.sh DATA [ROUNDS [STEPS]]
#
# DATA is a text in UTF-8. In each round, PyTorch trains STEPS steps in a process of its own, then Rondo does; a round's
# figure is that of the middle step, so neither the start of a process nor a young JVM counts. What other programs do to
# one round they mostly do to both, so the median of the rounds' ratios is the result.
set -eu

fail() {
    printf 'training.sh: %s\n' "$1" >&2
    exit 2
}

[ $# -ge 1 ] && [ $# -le 3 ] || fail "usage: bench/training.sh DATA [ROUNDS [STEPS]]"
data=$1
rounds=${2:-5}
steps=${3:-30}
threads=2
hidden=512
embedding=128
batch=64
time=128

root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd -P)
python=${PYTHON:-python3}
[ -r "$data" ] || fail "$data: must be a text file; got no such file; give the text to train on"
case $rounds$steps in *[!0-9]*) fail "ROUNDS and STEPS: must be whole numbers; got $rounds and $steps" ;; esac
[ "$rounds" -ge 1 ] && [ "$steps" -ge 3 ] || fail "ROUNDS, STEPS: must be at least 1 and 3; got $rounds and $steps"
"$python" -c 'import torch' 2>/dev/null ||
    fail "$python: must have the module torch; got none; install PyTorch, or name another Python: PYTHON=..."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Builds, so that no round does.
"$root/rondo" --version >"$folder/version"

printf '%s: LSTM %s, embedding %s, batch %s x %s, dropout 0.4, AdamW, clipping 1, %s threads, %s steps a round\n' \
    "$(date +%Y-%m-%d)" $hidden $embedding $batch $time $threads "$steps"
sed -n 's/^model name[^:]*: /processor: /p' /proc/cpuinfo 2>/dev/null | head -n 1
cat "$folder/version"
printf '%6s %20s %20s %8s\n' round 'PyTorch characters/s' 'Rondo characters/s' ratio
round=1
while [ "$round" -le "$rounds" ]; do
    "$python" "$root/bench/training_pytorch.py" "$data" --threads $threads --hidden $hidden --embedding $embedding \
        --batch $batch --time $time --steps "$steps" >"$folder/torch"
    read -r torch version <"$folder/torch"
    "$root/rondo" train lm --data "$data" --out "$folder/model.rondo" --no-curve --json --cell lstm --hidden $hidden \
        --embedding $embedding --batch $batch --steps $time --dropout 0.4 --optimizer adamw --clip-norm 1 \
        --threads $threads --shards 2 --max-steps "$steps" >"$folder/rondo" 2>"$folder/log" || {
        cat "$folder/log" >&2
        exit 1
    }
    rondo=$(sed -n 's/.*"median_step_tokens_per_second" : \([0-9.E]*\).*/\1/p' "$folder/rondo")
    echo "$torch $rondo" | awk -v round="$round" '{ printf "%6d %20.0f %20.0f %8.3f\n", round, $1, $2, $2 / $1 }'
    echo "$torch $rondo" | awk '{ print $2 / $1 }' >>"$folder/ratios"
    round=$((round + 1))
done
sort -n "$folder/ratios" | awk -v version="$version" '
    { ratio[NR] = $1 }
    END {
        middle = NR % 2 ? ratio[(NR + 1) / 2] : (ratio[NR / 2] + ratio[NR / 2 + 1]) / 2
        printf "PyTorch %s; median of ratios %.3f (%.3f to %.3f)\n", version, middle, ratio[1], ratio[NR]
    }'
