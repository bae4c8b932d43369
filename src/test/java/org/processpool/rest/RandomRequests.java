package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * Requests made of an OpenAPI document: those of its examples, and most of them spoilt in some way.
 * The same seed and number always give the same request.
 */
final class RandomRequests {

    /** After these, or with many processes, the service would not be there for the next request. */
    private static final Set<String> VERBS_THAT_END = Set.of("terminate", "drain", "pause");

    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> TASKS =
            List.of("wordcount", "echo", "fib", "primes", "sha256", "sleep", "unencodable");

    private static final List<String> ODD =
            List.of(
                    "",
                    " ",
                    "0",
                    "-1",
                    "2147483648",
                    "9223372036854775808",
                    "1e400",
                    "null",
                    "true",
                    "../../etc/passwd",
                    "%00",
                    "a\u0000b",
                    "\uD83D\uDE00",
                    "\u202Egnp.exe",
                    "进程",
                    "' OR 1=1 --",
                    "<script>alert(1)</script>",
                    "${jndi:ldap://127.0.0.1/a}",
                    "x".repeat(300),
                    "2026-01-01T00:00:00Z",
                    "2026-13-45",
                    "PT1S",
                    "QUEUED",
                    "-createdAt",
                    "a,b;c=d",
                    "\"");

    private static final Map<String, List<String>> HEADERS =
            Map.of(
                    "Prefer",
                    List.of(
                            "wait=0",
                            "wait=1",
                            "wait=-1",
                            "wait=99999999999999999999",
                            "wait",
                            "wait=;;=,",
                            "respond-async",
                            "respond-async, wait=1, wait=2",
                            "return=minimal",
                            "=",
                            ",,,"),
                    "Idempotency-Key",
                    List.of("", "\"", "\"a\"", "a b", "x".repeat(4000), "\"x\";a=1", "\t"),
                    "If-None-Match",
                    List.of("*", "\"", "W/\"1\"", "\"1\", \"2\"", "1", ""),
                    "Last-Event-ID",
                    List.of("0", "-1", "9223372036854775808", "none", ""),
                    "traceparent",
                    List.of(
                            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                            "00-0-0-0",
                            "ff-zz",
                            ""),
                    "Accept",
                    List.of(
                            "*/*",
                            "application/json",
                            "text/html",
                            "application/x-ndjson",
                            "text/event-stream",
                            "image/png",
                            "*/json",
                            "application/json;q=2",
                            "no type",
                            ";",
                            ""),
                    "Content-Type",
                    List.of(
                            "application/json",
                            "application/json;charset=utf-16",
                            "application/x-ndjson",
                            "application/merge-patch+json",
                            "application/octet-stream",
                            "text/plain",
                            "multipart/form-data",
                            "no type",
                            "/",
                            "application/json; charset=",
                            ""),
                    "Accept-Language",
                    List.of("zh", "en;q=0", "*", "xx-yy-zz", ";;"),
                    "Range",
                    List.of("bytes=0-1", "bytes=9-1"));

    /**
     * A request.
     *
     * @param number which one of its seed
     * @param target path and query, encoded
     * @param body nothing if empty
     * @param cut how many characters of the body are sent before the client goes away; -1 for all
     */
    record Request(
            int number,
            String method,
            String target,
            Map<String, String> headers,
            Optional<String> body,
            int cut) {

        /** The line that repeats it. */
        String curl(String origin) {
            var line = new StringBuilder("curl -i -X " + method);
            headers.forEach((name, value) ->
                    line.append(" -H ")
                            .append(quoted(value.isEmpty() ? name + ";" : name + ": " + value)));
            body.ifPresent(text -> line.append(" --data-binary ").append(quoted(text)));
            return line.append(' ').append(quoted(origin + target)).toString();
        }

        private static String quoted(String text) {
            return "'" + text.replace("'", "'\\''") + "'";
        }
    }

    private record Operation(String method, String path, JsonNode node) {}

    private final Contract contract;
    private final long seed;
    private final List<Operation> operations = new ArrayList<>();

    RandomRequests(Contract contract, long seed) {
        this.contract = contract;
        this.seed = seed;
        for (var path : contract.document().path("paths").properties()) {
            String verb = path.getKey().replaceFirst(".*:", "");
            for (var method : path.getValue().properties()) {
                if (METHODS.contains(method.getKey()) && !VERBS_THAT_END.contains(verb)) {
                    operations.add(
                            new Operation(
                                    method.getKey().toUpperCase(Locale.ROOT),
                                    path.getKey(),
                                    method.getValue()));
                }
            }
        }
    }

    /** Names of operations, for a test that none is forgotten. */
    List<String> operations() {
        return operations.stream().map(it -> it.method() + " " + it.path()).toList();
    }

    /** The request of that number; each operation has its turn. */
    Request request(int number) {
        var random = new Random(seed * 1_000_003 + number);
        random.nextInt(); // neighbours begin alike
        Operation operation = operations.get(number % operations.size());
        String method =
                random.nextInt(40) == 0
                        ? pick(random, "PUT", "DELETE", "PATCH", "POST", "GET")
                        : operation.method();
        if (method.equals("DELETE") || method.equals("PATCH")) {
            method = operation.method(); // not by chance
        }
        var headers = new LinkedHashMap<String, String>();
        Optional<String> body = body(operation, random, headers);
        HEADERS.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(_ -> random.nextInt(8) == 0)
                .forEach(header -> headers.put(header.getKey(), pick(random, header.getValue())));
        int cut =
                body.isPresent() && random.nextInt(15) == 0
                        ? random.nextInt(body.get().length() + 1)
                        : -1;
        return new Request(
                number,
                method,
                path(operation, random) + query(operation, random),
                headers,
                body,
                cut);
    }

    private String path(Operation operation, Random random) {
        String path = operation.path();
        for (JsonNode each : operation.node().path("parameters")) {
            JsonNode parameter = contract.resolve(each);
            if (parameter.path("in").asText().equals("path")) {
                String name = parameter.path("name").asText();
                path = path.replace("{" + name + "}", encoded(pathValue(name, parameter, random)));
            }
        }
        // "//" is no path: Vert.x answers that with 400 and no body, before any of our code
        return random.nextInt(60) == 0 && !path.equals("/")
                ? path + pick(random, "/", "//", "/../..", ";a=b", ":", ":x")
                : path;
    }

    private static String pathValue(String name, JsonNode parameter, Random random) {
        if (random.nextInt(5) == 0) {
            return pick(random, ODD);
        }
        if (name.equals("task")) {
            return pick(random, TASKS);
        }
        return parameter.path("example").asText("1");
    }

    private String query(Operation operation, Random random) {
        String query =
                StreamSupport.stream(operation.node().path("parameters").spliterator(), false)
                        .map(contract::resolve)
                        .filter(parameter -> parameter.path("in").asText().equals("query"))
                        .filter(_ -> random.nextInt(3) == 0)
                        .map(parameter ->
                                parameter.path("name").asText()
                                        + "="
                                        + encoded(
                                                random.nextBoolean()
                                                        ? parameter.path("example").asText("1")
                                                        : pick(random, ODD)))
                        .collect(Collectors.joining("&"));
        if (random.nextInt(20) == 0) {
            query += pick(random, "&", "=", "&&a", "unknown=1", "a[]=1", "%F0%9F");
        }
        return query.isEmpty() ? "" : "?" + query;
    }

    private Optional<String> body(Operation operation, Random random, Map<String, String> headers) {
        JsonNode content = operation.node().path("requestBody").path("content");
        if (content.isEmpty()) {
            return random.nextInt(20) == 0 ? Optional.of("{}") : Optional.empty();
        }
        var types = new ArrayList<String>();
        content.fieldNames().forEachRemaining(types::add);
        String type = pick(random, types);
        headers.put("Content-Type", type);
        JsonNode media = content.path(type);
        var examples = new ArrayList<JsonNode>();
        if (media.has("example")) {
            examples.add(media.get("example"));
        }
        media.path("examples").forEach(it -> examples.add(contract.resolve(it).path("value")));
        JsonNode example = examples.isEmpty() ? any(random, 2) : pick(random, examples);
        if (!type.endsWith("json") || (example.isTextual() && type.contains("ndjson"))) {
            return Optional.of(random.nextBoolean() ? example.asText() : pick(random, ODD));
        }
        return Optional.of(
                switch (random.nextInt(10)) {
                    case 0, 1, 2 -> example.toString();
                    case 3 -> broken(example.toString(), random);
                    case 4 -> any(random, 4).toString();
                    case 5 ->
                            pick(
                                    random,
                                    "",
                                    "[",
                                    "{\"a\":",
                                    "nul",
                                    "\"\\ud800\"",
                                    "1e999999",
                                    "[".repeat(5000),
                                    "{\"a\":".repeat(1500) + "1" + "}".repeat(1500),
                                    "\uFEFF1",
                                    "01",
                                    "'a'",
                                    "{\"a\":1,\"a\":2}");
                    default -> spoilt(example.deepCopy(), random).toString();
                });
    }

    /** The same with one member or item changed, taken away or added. */
    private static JsonNode spoilt(JsonNode value, Random random) {
        if (value instanceof ObjectNode object && !object.isEmpty()) {
            String name = pick(random, names(object));
            switch (random.nextInt(5)) {
                case 0 -> object.remove(name);
                case 1 -> object.set("unknown" + random.nextInt(3), any(random, 1));
                case 2 -> object.set(name, spoilt(object.get(name), random));
                default -> object.set(name, any(random, 2));
            }
            return object;
        }
        if (value instanceof ArrayNode array && !array.isEmpty() && random.nextBoolean()) {
            array.set(random.nextInt(array.size()), any(random, 2));
            return array;
        }
        return any(random, 3);
    }

    /** Never a middling number, which might be a size that a pool takes up. */
    private static JsonNode any(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 9 : 7)) {
            case 0 -> JSON.nullNode();
            case 1 -> JSON.getNodeFactory().booleanNode(random.nextBoolean());
            case 2 ->
                    JSON.getNodeFactory()
                            .numberNode(
                                    pick(
                                            random,
                                            List.of(
                                                    -1L,
                                                    0L,
                                                    1L,
                                                    2L,
                                                    Long.MIN_VALUE,
                                                    Long.MAX_VALUE,
                                                    2_147_483_648L)));
            case 3 ->
                    JSON.getNodeFactory()
                            .numberNode(pick(random, List.of(0.5, -0.0, 1e300, 4.9e-324)));
            case 4, 5, 6 -> JSON.getNodeFactory().textNode(pick(random, ODD));
            case 7 -> {
                ArrayNode array = JSON.createArrayNode();
                IntStream.range(0, random.nextInt(4))
                        .forEach(_ -> array.add(any(random, depth - 1)));
                yield array;
            }
            default -> {
                ObjectNode object = JSON.createObjectNode();
                IntStream.range(0, random.nextInt(4))
                        .forEach(_ -> object.set(pick(random, ODD), any(random, depth - 1)));
                yield object;
            }
        };
    }

    private static String broken(String text, Random random) {
        int at = random.nextInt(text.length() + 1);
        return switch (random.nextInt(3)) {
            case 0 -> text.substring(0, at);
            case 1 ->
                    text.substring(0, at)
                            + pick(random, "\u0000", "}", ",", "\n", "\"")
                            + text.substring(at);
            default -> text + text;
        };
    }

    private static List<String> names(ObjectNode object) {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    @SafeVarargs
    private static <T> T pick(Random random, T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static <T> T pick(Random random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
