#!/bin/sh
# Makes the AOT caches (JEP 483) of the service and of its workers with the JVM that will use them: a
# JVM takes no cache that another build of it has made, and then starts as slowly as without.
# Run once while the image is built, as root; the service answers one request meanwhile.
#
#   train.sh [directory of the service, default /app]
set -eu
app=$(cd "${1:-/app}" && pwd)
cd "$app"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# the workers, with the flags that workers have; the pool compares the checksums before it passes the cache
set -- app/*.jar lib/main/com.fasterxml.jackson.core.jackson-core-*.jar \
    lib/main/com.fasterxml.jackson.dataformat.jackson-dataformat-cbor-*.jar
rm -f worker.aot worker.aot.sha256 service.aot
java -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -XX:AOTCacheOutput="$app/worker.aot" \
    -cp "$app/$1:$app/$2:$app/$3" org.processpool.worker.WorkerMain --train
for jar in "$@"; do
    printf '%s  %s\n' "$(sha256sum "$jar" | cut -d' ' -f1)" "$(basename "$jar")"
done > worker.aot.sha256

# the service, until its own client has asked it for something; service.jar has a plain class path, as a
# cache takes no classes from Quarkus' own class loader
java -XX:AOTCacheOutput="$app/service.aot" -Djava.util.logging.manager=org.jboss.logmanager.LogManager \
    -Djava.io.tmpdir="$work" \
    -Dquarkus.http.port=18080 -Dprocess-pool.chat.tcp.port=0 -Dprocess-pool.store.directory="$work/store" \
    -Dprocess-pool.pools.default.processes=1 -Dprocess-pool.pools.chat.min-processes=0 \
    -jar "$app/service.jar" &
service=$!
asked=no
for _ in $(seq 60); do
    if java -jar quarkus-run.jar --server http://127.0.0.1:18080 apply wordcount '"to be"'; then
        asked=yes
        break
    fi
    sleep 1
done
kill -TERM "$service"
wait "$service" || true
if [ "$asked" = no ] || [ ! -s service.aot ] || [ ! -s worker.aot ]; then
    echo "the training run wrote no AOT cache" >&2
    exit 1
fi
chmod a+r service.aot worker.aot worker.aot.sha256
