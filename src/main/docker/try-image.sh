#!/usr/bin/env bash
# Builds Dockerfile.jvm for real and runs it as strictly as a cluster would, on a Debian machine without a
# container engine and without a registry. As root:
#
#   apt-get install --no-install-recommends podman buildah runc mmdebstrap
#   ./mvnw -DskipTests package && src/main/docker/try-image.sh
#
# The base is made of Debian packages and the JDK of JAVA_HOME. Everything lies in one directory (about
# 2 GB, $TRY_IMAGE_DIR or a new one) that is removed at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
: "${JAVA_HOME:?the JDK 25 to put into the base image}"

work=${TRY_IMAGE_DIR:-$(mktemp -d /var/tmp/try-image.XXXXXX)}
mkdir -p "$work"
export CONTAINERS_CONF=$work/containers.conf STORAGE_DRIVER=vfs
cat > "$CONTAINERS_CONF" <<'EOF'
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
EOF
store=(--root "$work/storage" --runroot "$work/run")
name=process-pool-try-$$
finish() {
    podman "${store[@]}" rm -f -t 0 "$name" >/dev/null 2>&1 || true # perhaps it was never started
    rm -rf "$work"
}
trap finish EXIT

say() { printf '\n== %s\n' "$*"; }

say "the base image"
mmdebstrap --quiet --variant=extract \
    --include=libc6,zlib1g,base-files,netbase,tzdata,dash,coreutils,sed,grep,mawk,util-linux,tini \
    "${TRY_IMAGE_SUITE:-bookworm}" "$work/base.tar"
base=$(buildah "${store[@]}" from scratch)
buildah "${store[@]}" add -q "$base" "$work/base.tar" / >/dev/null
buildah "${store[@]}" copy -q "$base" "$JAVA_HOME" /opt/java >/dev/null
buildah "${store[@]}" config --env PATH=/opt/java/bin:/usr/sbin:/usr/bin:/sbin:/bin "$base"
buildah "${store[@]}" commit -q "$base" localhost/java:25 >/dev/null

say "the image"
buildah "${store[@]}" bud --pull-never --isolation chroot --build-arg JAVA_IMAGE=localhost/java:25 \
    -f src/main/docker/Dockerfile.jvm -t localhost/process-pool:jvm . >"$work/build.log" 2>&1 ||
    { tail -50 "$work/build.log"; exit 1; }
podman "${store[@]}" images

say "running: read-only, no capabilities, no new privileges, no network, 1 GiB, 200 processes"
podman "${store[@]}" run -d --name "$name" --network none --read-only --cap-drop all \
    --security-opt no-new-privileges --user 10001:10001 --memory 1g --pids-limit 200 \
    -e QUARKUS_HTTP_HOST=127.0.0.1 localhost/process-pool:jvm
inside() { podman "${store[@]}" exec "$name" "$@"; }
began=$(date +%s)
until inside /app/run.sh apply wordcount '"to be or not to be"'; do
    [ $(($(date +%s) - began)) -lt 120 ] || { podman "${store[@]}" logs "$name"; exit 1; }
    sleep 1
done
inside /app/run.sh submit fib 20
inside /app/run.sh workers

say "who runs, with what"
inside sh -c 'for p in /proc/[0-9]*; do
    printf "%s %s\n" "${p#/proc/}" "$(grep -E "^(Name|Uid|NoNewPrivs|CapBnd):" "$p/status" | tr "\n\t" "  ")"
done' || true # processes end while they are listed
say "processes that were started from an AOT cache"
inside sh -c 'grep -l "[A]OTCache=" /proc/[0-9]*/cmdline | wc -l' || true # as above
say "what may be written"
inside sh -c 'for d in / /app /etc /data /tmp /dev/shm; do
    if ( : > "$d/try" ) 2>/dev/null; then rm "$d/try"; echo "$d: yes"; else echo "$d: no"; fi
done; ls -la /data'
say "told to stop"
podman "${store[@]}" stop -t 40 "$name" >/dev/null
podman "${store[@]}" logs --tail 12 "$name"
echo "exit code $(podman "${store[@]}" inspect -f '{{.State.ExitCode}}' "$name")"
