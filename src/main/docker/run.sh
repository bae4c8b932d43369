#!/bin/sh
# What the image starts, behind an init: the service, or with words the client. Options of the JVM come
# from JDK_JAVA_OPTIONS, which the launcher reads by itself; workers do not inherit it.
app=${0%/*}
if [ "$#" -gt 0 ]; then
    exec java -jar "$app/quarkus-run.jar" "$@"
fi
set --
if [ -r "$app/service.aot" ]; then set -- -XX:AOTCache="$app/service.aot"; fi
exec java "$@" -XX:+ExitOnOutOfMemoryError -XX:ErrorFile=/tmp/hs_err_%p.log \
    -Djava.util.logging.manager=org.jboss.logmanager.LogManager -jar "$app/service.jar"
