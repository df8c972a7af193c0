#!/bin/sh
# Times the conversion of a state dict of 100 MB, JVM start included, on a heap of no more than 1.5 times its largest tensor
# and 128 MB: a conversion that needs more fails.
#
#     bench/convert.sh [FILE]
#
# Writes what it converts, and the result, into bench/target/convert. FILE is another state dict of the same tensors, such as
# a .pt. JAVA_HOME or RONDO_JAVA_HOME name a JDK 25.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd -P)
folder=$root/bench/target/convert
source=${1:-$folder/model.safetensors}
# The largest tensor has 12000 x 710 floats: 34.08 MB.
heap=$((34080000 * 3 / 2 + 128000000))

recent() {
    "$1/bin/java" --version 2>/dev/null | grep -q '^[a-z]* \(2[5-9]\|[3-9][0-9]\)'
}
path_java=$(command -v java || :)
for jdk in "${RONDO_JAVA_HOME:-}" "${JAVA_HOME:-}" "${path_java%/bin/java}" /usr/lib/jvm/*; do
    [ -n "$jdk" ] && recent "$jdk" && break
    jdk=
done
if [ -z "$jdk" ]; then
    echo "convert.sh: must run on JDK 25 or newer; got none; set JAVA_HOME" >&2
    exit 2
fi

RONDO_JAVA_HOME=$jdk "$root/rondo" --version >/dev/null
classes=$root/cli/target/rondo-cli.jar:$(cat "$root/cli/target/class-path")
mkdir -p "$folder"
"$jdk/bin/java" -cp "$classes" "$root/bench/src/main/java/dev/rondo/bench/RandomStateDict.java" "$folder"

for round in 1 2 3 4 5; do
    start=$(date +%s%N)
    "$jdk/bin/java" --add-modules=jdk.incubator.vector -XX:+UseSerialGC -Xmx"$heap" -cp "$classes" dev.rondo.cli.Main \
        convert "$source" --config "$folder/config.json" -o "$folder/model.rondo" >"$folder/log" 2>&1 ||
        { cat "$folder/log" >&2; exit 1; }
    end=$(date +%s%N)
    echo "round $round: $(((end - start) / 1000000)) ms, $(wc -c <"$source") bytes, heap at most $heap bytes"
done
