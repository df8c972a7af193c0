#!/bin/sh
# Builds the peers that are no Java into bench/target/peers, and says what it cannot build.
#
#     bench/peers.sh
#
# C intrinsics need gcc or clang (CC). RTNeural also needs its sources: RTNEURAL=FOLDER, a clone with modules/Eigen.
# DJL=1 downloads DJL's PyTorch engine by Maven, for Linux on x86-64, some 130 MB.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd -P)
out=$root/bench/target/peers
source=$root/bench/src/main/c
cc=${CC:-gcc}
cxx=${CXX:-g++}
mkdir -p "$out"

if command -v "$cc" >/dev/null; then
    "$cc" -std=c11 -O3 -march=native -Wall -Wextra -o "$out/lstm-c" "$source/lstm.c" -lm
    echo "peers.sh: built lstm-c"
else
    echo "peers.sh: no $cc, so no C intrinsics; install a C compiler, or name one: CC=..."
fi

if [ -z "${RTNEURAL:-}" ]; then
    echo "peers.sh: no sources of RTNeural; RTNEURAL=FOLDER builds it"
elif ! command -v "$cxx" >/dev/null; then
    echo "peers.sh: no $cxx, so no RTNeural; install a C++ compiler, or name one: CXX=..."
else
    "$cxx" -std=c++17 -O3 -march=native -DNDEBUG -DRTNEURAL_USE_EIGEN=1 -DRTNEURAL_DEFAULT_ALIGNMENT=32 \
 -DEIGEN_STACK_ALLOCATION_LIMIT=0 \
        -I"$RTNEURAL" -I"$RTNEURAL/modules/Eigen" -o "$out/lstm-rtneural" "$source/rtneural.cpp"
    echo "peers.sh: built lstm-rtneural"
fi

if [ -n "${DJL:-}" ]; then
    mvn -q -f "$root/bench/src/main/djl/pom.xml" dependency:copy-dependencies -DoutputDirectory="$out/djl"
    echo "peers.sh: fetched DJL"
else
    echo "peers.sh: DJL is not fetched; DJL=1 does"
fi
