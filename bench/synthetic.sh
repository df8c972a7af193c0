#!/usr/bin/env bash
# How long cells remember: the adding problem and copy memory over 100 and 400 steps, brackets in 200 characters.
#   bench/synthetic.sh FOLDER [ROW...]
# trains every network of the table, or the rows named (adding-100, copy-400, brackets-200 ...), one after the other on one
# thread, keeps models in FOLDER, with a chart of gradients for each row of all three cells, and prints a line of a table for each. RONDO names the
# command, CELLS the cells, EPOCHS how long copy-400 takes (the GRU needs 60).
set -euo pipefail
folder=${1:?a folder for models}
shift
rondo=${RONDO:-$(dirname "$0")/../rondo}
rows=("$@")
[ ${#rows[@]} -gt 0 ] || rows=(adding-100 adding-400 copy-100 copy-400 brackets-200)
mkdir -p "$folder"

options() {
    case $1 in
    adding-100) echo "--task adding --length 100 --hidden 32 --learning-rate 0.01 --batches 200 --epochs 10" ;;
    adding-400) echo "--task adding --length 400 --hidden 32 --learning-rate 0.01 --shortest 10 --batches 500 --epochs 6 --tests 320" ;;
    copy-100) echo "--task copy --length 100 --hidden 128 --learning-rate 0.003 --shortest 1 --batches 500 --epochs 20 --tests 320" ;;
    copy-400) echo "--task copy --length 400 --hidden 128 --learning-rate 0.003 --shortest 1 --batches 500 --epochs ${EPOCHS:-30} --schedule cosine --tests 320" ;;
    brackets-200) echo "--task brackets --length 200 --hidden 128 --learning-rate 0.003 --shortest 10 --batches 500 --epochs 8 --schedule cosine --tests 320" ;;
    *)
        echo "no row $1" >&2
        exit 2
        ;;
    esac
}

echo "| task | cell | loss | right answers, % | best after batch | s |"
echo "|---|---|--:|--:|--:|--:|"
for row in "${rows[@]}"; do
    for cell in ${CELLS:-elman lstm gru}; do
        model=$folder/$row-$cell.rondo
        rm -f "${model%.rondo}.checkpoint"
        charts=()
        if [ "$cell" = gru ] && [ -f "$folder/$row-elman.rondo" ] && [ -f "$folder/$row-lstm.rondo" ]; then
            charts=(--gradients "$folder/$row-gradients.svg" --gradients-with "$folder/$row-elman.rondo" "$folder/$row-lstm.rondo")
        fi
        # shellcheck disable=SC2046
        "$rondo" train synthetic $(options "$row") --cell "$cell" --threads 1 --seed 1 --out "$model" --json "${charts[@]}" \
            >"${model%.rondo}.json" 2>"${model%.rondo}.log"
        python3 - "$row" "$cell" "${model%.rondo}.json" <<'PY'
import json
import sys

row, cell, file = sys.argv[1:]
r = json.load(open(file))
print(f"| {row} | {cell} | {r['validation_loss']:.5f} | {r['validation_accuracy']:.2f} | {r['best_step']} | {r['seconds']:.0f} |",
      flush=True)
PY
    done
done
