#!/bin/sh
# Measures everything that bench/RESULTS.md promises, against every peer that is here, and prints Markdown.
#
#     bench/table.sh [--quick] [GROUP|WORK]...
#
# Groups: limits steps sequences projection attention generation products tail scaling cold voice translation layers training translation-training. A work
# is one row of a table, such as lstm-256x256 or lstm-256x256-t64. From the environment: JAVA_HOME or RONDO_JAVA_HOME of a JDK 25,
# PYTHON with PyTorch, RTNEURAL with its sources, DJL=1 for DJL, DATA, a text to train on, VOICE, the folder
# of a Silero network and audio.wav, MODEL, a translation model, SOURCES, sentences for it, CC and CXX.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd -P)
cd "$root"
jar=bench/target/rondo-bench-0.1.0-SNAPSHOT.jar

# A JDK 25 or newer: the one that is named, that of the PATH, or one in the usual place.
recent() {
    "$1/bin/java" --version 2>/dev/null | grep -q '^[a-z]* \(2[5-9]\|[3-9][0-9]\)'
}
path_java=$(command -v java || :)
for jdk in "${RONDO_JAVA_HOME:-}" "${JAVA_HOME:-}" "${path_java%/bin/java}" /usr/lib/jvm/*; do
    [ -n "$jdk" ] && recent "$jdk" && break
    jdk=
done
if [ -z "$jdk" ]; then
    echo "table.sh: must run on JDK 25 or newer; got none; set JAVA_HOME" >&2
    exit 2
fi

if [ ! -f "$jar" ] || [ -n "$(find ./*/src/main ./*/pom.xml pom.xml -newer "$jar" -type f | head -n 1)" ]; then
    PATH=$jdk/bin:$PATH JAVA_HOME=$jdk mvn -q -pl bench -am package -DskipTests
fi
bench/peers.sh >&2

exec "$jdk/bin/java" --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC \
    -Xms128m -Xmn64m -Xmx2g -Dpython="${PYTHON:-python3}" ${DATA:+-Ddata="$DATA"} ${VOICE:+-Dvoice="$VOICE"} \
    ${MODEL:+-Dmodel="$MODEL"} ${SOURCES:+-Dsources="$SOURCES"} \
    -cp "$jar" dev.rondo.bench.Table "$@"
