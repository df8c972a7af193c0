#!/usr/bin/env bash
# Random and Bayesian search over the same space, 30 short trainings each, five seeds: bench/search.sh NAMES FOLDER
# NAMES is a folder of lists of names, a language a file. Prints the best validation accuracy of each search.
set -eu
names=${1:?folder of names} out=${2:?folder for results}
rondo=${RONDO:-$(dirname "$0")/../rondo}
mkdir -p "$out"
for seed in 1 2 3 4 5; do
  for strategy in random bayesian; do
    "$rondo" search --space 'hidden=8..64 log int' --space 'rate=3e-4..1e-1 log' --space 'dropout=0..0.6' --space 'cell=lstm,gru' \
      --strategy "$strategy" --trials 30 --seed "$seed" --out "$out/$strategy-$seed.rondo" --json -- \
      train classify --data "$names"/*.txt --label-of-file --unit characters --threads 1 --shards 1 --batch 64 --max-steps 100 --epochs 1 \
      --network 'embedding(24) {cell}({hidden}, bidirectional) pool(max) dropout({dropout})' --learning-rate '{rate}' \
      > "$out/$strategy-$seed.json" 2> "$out/$strategy-$seed.log"
    echo "$seed $strategy $(awk '/"best"/ { best = 1 } best && /"score"/ { sub(/,/, ""); print $3; exit }' "$out/$strategy-$seed.json")"
  done
done
