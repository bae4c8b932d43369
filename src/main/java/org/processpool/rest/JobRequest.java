package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.processpool.job.NewJob;

/**
 * The body of a submission. What goes to the task is cut out of it as it is and not opened.
 *
 * @param task name of the task
 * @param kind apply or map; a map if there are items
 * @param args the positional arguments: a JSON array
 * @param kwargs the named arguments: a JSON object
 * @param items the items of a map, each a JSON value
 * @param pool name of the pool
 * @param timeoutMillis longest run of one call, of a map of one item; 0 is no limit
 * @param queueTimeoutMillis longest wait until it starts; 0 is no limit
 * @param memoryMiB most memory of its worker; 0 is the pool's limit
 * @param retries how often it is tried again after its worker died
 * @param priority 0 to 9
 * @param labels names and values
 * @param resultTtlMillis how long the result is kept
 * @param onLost what happens if the service dies meanwhile
 * @param callbacks whom to tell
 * @param chunkSize items per call
 * @param star whether each item is an array of positional arguments
 * @param onError what a failed item means for the others
 */
@SuppressWarnings("ArrayRecordComponent") // read once and compared with nothing
record JobRequest(
        String task,
        Optional<String> kind,
        byte @Nullable [] args,
        byte @Nullable [] kwargs,
        @Nullable List<byte[]> items,
        Optional<String> pool,
        OptionalLong timeoutMillis,
        OptionalLong queueTimeoutMillis,
        OptionalInt memoryMiB,
        OptionalInt retries,
        OptionalInt priority,
        Map<String, String> labels,
        OptionalLong resultTtlMillis,
        NewJob.OnLost onLost,
        List<NewJob.Callback> callbacks,
        OptionalInt chunkSize,
        boolean star,
        NewJob.OnError onError) {

    private static final long TEN_YEARS_MILLIS = 3650L * 24 * 60 * 60 * 1000;
    private static final int MOST_LABELS = 32;
    private static final int LONGEST_LABEL = 63;
    private static final int LONGEST_VALUE = 255;
    private static final int MOST_MEBIBYTES = 1 << 20;

    private static final List<String> SUCCESS = List.of("job.succeeded");
    private static final List<String> TROUBLE = List.of("job.failed", "job.cancelled");
    private static final Set<String> EVENTS =
            Set.of("job.succeeded", "job.failed", "job.cancelled", "map.progress");

    static final Set<String> MEMBERS =
            Set.of(
                    "task",
                    "kind",
                    "args",
                    "kwargs",
                    "items",
                    "pool",
                    "timeoutMillis",
                    "queueTimeoutMillis",
                    "memoryMiB",
                    "retries",
                    "priority",
                    "labels",
                    "resultTtlMillis",
                    "onLost",
                    "callback",
                    "errorCallback",
                    "chunkSize",
                    "star",
                    "order",
                    "onError");

    /**
     * Reads a body.
     *
     * @param maxItems most items of a map
     * @throws ProblemException malformed-json, or invalid-request with all that is wrong
     */
    static JobRequest read(byte[] body, int maxItems) {
        JsonSyntax.check(body);
        try (JsonParser parser = JsonSyntax.parser(body)) {
            return new Reader(body, parser, maxItems).read();
        } catch (JsonProcessingException checkedBefore) {
            throw new IllegalStateException(checkedBefore);
        } catch (IOException impossible) {
            throw new UncheckedIOException("an array cannot fail to be read", impossible);
        }
    }

    /** The problem of a map that is larger than may be stored. */
    static ProblemException tooMany(int maxItems) {
        return new ProblemException(
                new Problem(ProblemType.CONTENT_TOO_LARGE, Phrase.TOO_MANY_ITEMS, maxItems)
                        .with("limitItems", maxItems));
    }

    /** Reads one body, and notes what is wrong with it. */
    private static final class Reader {
        private final byte[] body;
        private final JsonParser in;
        private final int maxItems;
        private final Violations violations = new Violations();

        private @Nullable String task;
        private @Nullable String kind;
        private byte @Nullable [] args;
        private byte @Nullable [] kwargs;
        private @Nullable List<byte[]> items;
        private @Nullable String pool;
        private OptionalLong timeoutMillis = OptionalLong.empty();
        private OptionalLong queueTimeoutMillis = OptionalLong.empty();
        private OptionalLong memoryMiB = OptionalLong.empty();
        private OptionalLong retries = OptionalLong.empty();
        private OptionalLong priority = OptionalLong.empty();
        private final Map<String, String> labels = new LinkedHashMap<>();
        private OptionalLong resultTtlMillis = OptionalLong.empty();
        private NewJob.OnLost onLost = NewJob.OnLost.RETRY;
        private final List<NewJob.Callback> callbacks = new ArrayList<>();
        private OptionalLong chunkSize = OptionalLong.empty();
        private boolean star;
        private NewJob.OnError onError = NewJob.OnError.CONTINUE;

        Reader(byte[] body, JsonParser in, int maxItems) {
            this.body = body;
            this.in = in;
            this.maxItems = maxItems;
        }

        JobRequest read() throws IOException {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                wrong("", Phrase.AN_OBJECT);
                throw violations.problem();
            }
            Set<String> seen = new HashSet<>();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                in.nextToken();
                if (!seen.add(name)) {
                    violations.add(Violations.pointer("", name), Phrase.TWICE);
                    in.skipChildren();
                } else {
                    member(name);
                }
            }
            if (task == null && !violations.has("/task")) {
                violations.add("/task", Phrase.REQUIRED);
            }
            check();
            violations.throwIfAny();
            return new JobRequest(
                    String.valueOf(task),
                    Optional.ofNullable(kind),
                    args,
                    kwargs,
                    items,
                    Optional.ofNullable(pool),
                    timeoutMillis,
                    queueTimeoutMillis,
                    integer(memoryMiB),
                    integer(retries),
                    integer(priority),
                    labels,
                    resultTtlMillis,
                    onLost,
                    callbacks,
                    integer(chunkSize),
                    star,
                    onError);
        }

        private void check() {
            boolean map = "map".equals(kind) || (kind == null && items != null);
            if (map && items == null) {
                violations.add("/items", Phrase.REQUIRED_FOR_MAP);
            }
            if (!map && items != null) {
                violations.add("/items", Phrase.ONLY_FOR_MAP);
            }
            if (map && args != null) {
                violations.add("/args", Phrase.NOT_FOR_MAP);
            }
            if (map && kwargs != null) {
                violations.add("/kwargs", Phrase.NOT_FOR_MAP);
            }
            if (!map && chunkSize.isPresent()) {
                violations.add("/chunkSize", Phrase.ONLY_FOR_MAP);
            }
            if (!map && star) {
                violations.add("/star", Phrase.ONLY_FOR_MAP);
            }
        }

        private void member(String name) throws IOException {
            String at = Violations.pointer("", name);
            if (in.currentToken() == JsonToken.VALUE_NULL && MEMBERS.contains(name)) {
                return; // as if it were not there
            }
            switch (name) {
                case "task" -> task = text(at, 200);
                case "kind" -> kind = oneOf(at, List.of("apply", "map"));
                case "args" -> args = raw(at, JsonToken.START_ARRAY);
                case "kwargs" -> kwargs = raw(at, JsonToken.START_OBJECT);
                case "items" -> items = items(at);
                case "pool" -> pool = text(at, 63);
                case "timeoutMillis" -> timeoutMillis = number(at, 0, TEN_YEARS_MILLIS);
                case "queueTimeoutMillis" -> queueTimeoutMillis = number(at, 0, TEN_YEARS_MILLIS);
                case "memoryMiB" -> memoryMiB = number(at, 0, MOST_MEBIBYTES);
                case "retries" -> retries = number(at, 0, 100);
                case "priority" -> priority = number(at, 0, 9);
                case "labels" -> labels(at);
                case "resultTtlMillis" -> resultTtlMillis = number(at, 1, TEN_YEARS_MILLIS);
                case "onLost" -> {
                    String wish = oneOf(at, List.of("retry", "fail"));
                    onLost = "fail".equals(wish) ? NewJob.OnLost.FAIL : NewJob.OnLost.RETRY;
                }
                case "callback" -> callback(at, SUCCESS);
                case "errorCallback" -> callback(at, TROUBLE);
                case "chunkSize" -> chunkSize = number(at, 1, Integer.MAX_VALUE);
                case "star" -> star = flag(at);
                case "order" -> oneOf(at, List.of("input")); // a stored result has no other
                case "onError" -> {
                    String wish = oneOf(at, List.of("continue", "stop"));
                    onError = "stop".equals(wish) ? NewJob.OnError.STOP : NewJob.OnError.CONTINUE;
                }
                default -> {
                    violations.addUnknown(at, name, MEMBERS);
                    in.skipChildren();
                }
            }
        }

        private byte @Nullable [] raw(String at, JsonToken first) throws IOException {
            if (in.currentToken() != first) {
                wrong(at, first == JsonToken.START_ARRAY ? Phrase.AN_ARRAY : Phrase.AN_OBJECT);
                return null;
            }
            return slice();
        }

        /** The bytes of the value that begins at the current token; moves to its end. */
        private byte[] slice() throws IOException {
            int from = (int) in.currentTokenLocation().getByteOffset();
            if (in.currentToken().isStructStart()) {
                in.skipChildren();
            } else {
                in.finishToken();
            }
            int to = (int) in.currentLocation().getByteOffset();
            while (to > from && isBlankOrEnd(body[to - 1])) {
                to--; // behind a number the parser has looked at what follows
            }
            return Arrays.copyOfRange(body, from, to);
        }

        private static boolean isBlankOrEnd(byte last) {
            return last == ' ' || last == '\t' || last == '\n' || last == '\r' || last == ',';
        }

        private @Nullable List<byte[]> items(String at) throws IOException {
            if (in.currentToken() != JsonToken.START_ARRAY) {
                wrong(at, Phrase.AN_ARRAY);
                return null;
            }
            List<byte[]> all = new ArrayList<>();
            while (in.nextToken() != JsonToken.END_ARRAY) {
                if (all.size() == maxItems) {
                    throw tooMany(maxItems);
                }
                all.add(slice());
            }
            return all;
        }

        private void labels(String at) throws IOException {
            if (in.currentToken() != JsonToken.START_OBJECT) {
                wrong(at, Phrase.AN_OBJECT);
                return;
            }
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                in.nextToken();
                String here = Violations.pointer(at, name);
                if (name.isEmpty()
                        || name.length() > LONGEST_LABEL
                        || name.indexOf(':') >= 0
                        || name.indexOf('\0') >= 0
                        || !UTF_8.newEncoder().canEncode(name)) {
                    violations.add(here, Phrase.LABEL_NAME, LONGEST_LABEL);
                }
                String value = text(here, LONGEST_VALUE);
                if (value != null) {
                    labels.put(name, value);
                }
            }
            if (labels.size() > MOST_LABELS) {
                violations.add(at, Phrase.AT_MOST_MEMBERS, MOST_LABELS);
            }
        }

        private void callback(String at, List<String> events) throws IOException {
            if (in.currentToken() == JsonToken.VALUE_STRING) {
                String url = text(at, 2000);
                if (url != null) {
                    callbacks.add(new NewJob.Callback(url, events, Optional.empty()));
                }
                return;
            }
            if (in.currentToken() != JsonToken.START_OBJECT) {
                wrong(at, Phrase.A_URL_OR_OBJECT);
                return;
            }
            String url = null;
            String secret = null;
            List<String> wanted = events;
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                in.nextToken();
                String here = Violations.pointer(at, name);
                switch (name) {
                    case "url" -> url = text(here, 2000);
                    case "secretRef" -> secret = text(here, 63);
                    case "events" -> wanted = events(here);
                    default -> {
                        violations.addUnknown(here, name, Set.of("url", "secretRef", "events"));
                        in.skipChildren();
                    }
                }
            }
            if (url == null) {
                violations.add(at + "/url", Phrase.REQUIRED);
            } else {
                callbacks.add(new NewJob.Callback(url, wanted, Optional.ofNullable(secret)));
            }
        }

        private List<String> events(String at) throws IOException {
            if (in.currentToken() != JsonToken.START_ARRAY) {
                wrong(at, Phrase.AN_ARRAY);
                return List.of();
            }
            List<String> wanted = new ArrayList<>();
            for (int i = 0; in.nextToken() != JsonToken.END_ARRAY; i++) {
                String event = oneOf(at + "/" + i, EVENTS.stream().sorted().toList());
                if (event != null && !wanted.contains(event)) {
                    wanted.add(event);
                }
            }
            if (wanted.isEmpty()) {
                violations.add(at, Phrase.ONE_EVENT);
            }
            return wanted;
        }

        private @Nullable String text(String at, int longest) throws IOException {
            if (in.currentToken() != JsonToken.VALUE_STRING) {
                wrong(at, Phrase.A_STRING);
                return null;
            }
            String text = in.getText();
            if (text.indexOf('\0') >= 0 || !UTF_8.newEncoder().canEncode(text)) {
                violations.add(at, Phrase.NOT_TEXT);
                return null;
            }
            if (text.length() > longest) {
                violations.add(at, Phrase.AT_MOST_CHARACTERS, longest);
                return null;
            }
            return text;
        }

        private @Nullable String oneOf(String at, List<String> allowed) throws IOException {
            String text = text(at, 100);
            if (text != null && !allowed.contains(text)) {
                violations.add(at, Phrase.AMONG, String.join(" | ", allowed), text);
                return null;
            }
            return text;
        }

        private boolean flag(String at) throws IOException {
            if (in.currentToken() != JsonToken.VALUE_TRUE
                    && in.currentToken() != JsonToken.VALUE_FALSE) {
                wrong(at, Phrase.A_TRUTH);
                return false;
            }
            return in.getBooleanValue();
        }

        private OptionalLong number(String at, long least, long most) throws IOException {
            if (in.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                wrong(at, Phrase.AN_INTEGER);
                return OptionalLong.empty();
            }
            boolean fits =
                    in.getNumberType() == JsonParser.NumberType.INT
                            || in.getNumberType() == JsonParser.NumberType.LONG;
            if (!fits || in.getLongValue() < least || in.getLongValue() > most) {
                violations.add(at, Phrase.FROM_TO, least, most, in.getText());
                return OptionalLong.empty();
            }
            return OptionalLong.of(in.getLongValue());
        }

        private void wrong(String at, Phrase expected) throws IOException {
            violations.add(
                    at,
                    Phrase.MUST_BE,
                    Sentence.of(expected),
                    Sentence.of(kindOf(in.currentToken())));
            in.skipChildren();
        }

        private static Phrase kindOf(JsonToken token) {
            return switch (token) {
                case START_OBJECT -> Phrase.AN_OBJECT;
                case START_ARRAY -> Phrase.AN_ARRAY;
                case VALUE_STRING -> Phrase.A_STRING;
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Phrase.A_NUMBER;
                case VALUE_TRUE, VALUE_FALSE -> Phrase.A_BOOLEAN;
                case VALUE_NULL -> Phrase.A_NULL;
                default -> throw new IllegalStateException("no value begins with " + token);
            };
        }

        private static OptionalInt integer(OptionalLong value) {
            return value.isPresent()
                    ? OptionalInt.of((int) value.getAsLong())
                    : OptionalInt.empty();
        }
    }
}
