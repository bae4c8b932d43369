package org.processpool.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.processpool.chat.Frame.BINARY;
import static org.processpool.chat.Frame.CONTINUATION;
import static org.processpool.chat.Frame.PING;
import static org.processpool.chat.Frame.PONG;
import static org.processpool.chat.Frame.TEXT;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.processpool.chat.AutobahnCase.Ending;
import org.processpool.chat.AutobahnCase.Ending.Answered;
import org.processpool.chat.AutobahnCase.Ending.Closed;
import org.processpool.chat.AutobahnCase.Ending.Failed;
import org.processpool.chat.AutobahnCase.Ending.Somehow;
import org.processpool.chat.AutobahnCase.Script;

/** The cases of sections 1 to 7 and 10, as the suite lists them. */
final class AutobahnCases {
    private static final int PROTOCOL_ERROR = 1002;
    private static final int INVALID_PAYLOAD = 1007;

    private static final String HELLO = "Hello, world!";
    private static final byte[] NOT_TEXT = hex("00fffefdfcfb00ff");
    private static final byte[] KOSME = hex("cebae1bdb9cf83cebcceb5");
    private static final byte[] EDITED = hex("656469746564");

    /** Long enough for an answer to arrive, mostly; if it does not, the case is less strict. */
    private static final int A_MOMENT = 200;

    private final List<AutobahnCase> cases = new ArrayList<>();

    private AutobahnCases() {}

    static List<AutobahnCase> all() {
        var all = new AutobahnCases();
        all.framing();
        all.pings();
        all.reservedBits();
        all.opcodes();
        all.fragmentation();
        all.utf8();
        all.utf8Sequences();
        all.closing();
        all.closeCodes();
        all.autoFragmentation();
        return all.cases;
    }

    // what is expected of a case

    private void echoed(String id, String description, Frame expected, Script script) {
        received(id, description, List.of(expected), script);
    }

    private void received(String id, String description, List<Frame> expected, Script script) {
        add(id, description, script, List.of(expected), new Closed());
    }

    private void failed(String id, String description, int code, Script script) {
        add(id, description, script, List.of(List.of()), new Failed(Set.of(code)));
    }

    /** An echo before the failure is expected; the suite takes it less strictly. */
    private void failedAfter(String id, String description, Frame expected, Script script) {
        add(
                id,
                description,
                script,
                List.of(List.of(expected), List.of()),
                new Failed(Set.of(PROTOCOL_ERROR)));
    }

    private void answered(String id, String description, Set<Integer> codes, Script script) {
        add(id, description, script, List.of(List.of()), new Answered(codes));
    }

    private void informs(String id, String description, Script script) {
        add(id, description, script, List.of(), new Somehow());
    }

    private void add(
            String id,
            String description,
            Script script,
            List<List<Frame>> accepted,
            Ending ending) {
        cases.add(new AutobahnCase(id, description, script, accepted, ending));
    }

    // the cases

    private void framing() {
        int[] lengths = {0, 125, 126, 127, 128, 65_535, 65_536};
        for (int i = 0; i < lengths.length; i++) {
            Frame text = Frame.of(TEXT, filled('*', lengths[i]));
            echoed(
                    "1.1." + (i + 1),
                    "text message of %d bytes".formatted(lengths[i]),
                    text,
                    talk -> talk.send(text));
        }
        Frame text = Frame.of(TEXT, filled('*', 65_536));
        echoed(
                "1.1.8",
                "text message of 65536 bytes in chops of 997",
                text,
                talk -> talk.sendChopped(997, text));
        for (int i = 0; i < lengths.length; i++) {
            Frame binary = Frame.of(BINARY, filled(0xFE, lengths[i]));
            echoed(
                    "1.2." + (i + 1),
                    "binary message of %d bytes".formatted(lengths[i]),
                    binary,
                    talk -> talk.send(binary));
        }
        Frame binary = Frame.of(BINARY, filled(0xFE, 65_536));
        echoed(
                "1.2.8",
                "binary message of 65536 bytes in chops of 997",
                binary,
                talk -> talk.sendChopped(997, binary));
    }

    private void pings() {
        ponged("2.1", "ping without payload", new byte[0]);
        ponged("2.2", "ping with text", HELLO.getBytes(UTF_8));
        ponged("2.3", "ping with bytes that are not UTF-8", NOT_TEXT);
        byte[] longest = filled(0xFE, 125);
        ponged("2.4", "ping of 125 bytes", longest);
        failed(
                "2.5",
                "ping of 126 bytes",
                PROTOCOL_ERROR,
                talk -> talk.send(Frame.of(PING, filled(0xFE, 126))));
        echoed(
                "2.6",
                "ping of 125 bytes, byte by byte",
                Frame.of(PONG, longest),
                talk -> talk.sendChopped(1, Frame.of(PING, longest)));
        answered(
                "2.7",
                "unsolicited pong without payload",
                Set.of(1000),
                talk -> talk.send(Frame.empty(PONG), Frame.close(1000, "")));
        answered(
                "2.8",
                "unsolicited pong with payload",
                Set.of(1000),
                talk ->
                        talk.send(
                                Frame.of(PONG, "unsolicited pong payload"), Frame.close(1000, "")));
        echoed(
                "2.9",
                "unsolicited pong, then ping",
                Frame.of(PONG, "ping payload"),
                talk ->
                        talk.send(
                                Frame.of(PONG, "unsolicited pong payload"),
                                Frame.of(PING, "ping payload")));
        List<String> ten = IntStream.range(0, 10).mapToObj(i -> "payload-" + i).toList();
        Frame[] pings = ten.stream().map(each -> Frame.of(PING, each)).toArray(Frame[]::new);
        List<Frame> pongs = ten.stream().map(each -> Frame.of(PONG, each)).toList();
        received("2.10", "ten pings", pongs, talk -> talk.send(pings));
        received("2.11", "ten pings, byte by byte", pongs, talk -> talk.sendChopped(1, pings));
    }

    private void ponged(String id, String description, byte[] payload) {
        echoed(
                id,
                description,
                Frame.of(PONG, payload),
                talk -> talk.send(Frame.of(PING, payload)));
    }

    private void reservedBits() {
        Frame hello = Frame.text(HELLO);
        Frame ping = Frame.empty(PING);
        failed("3.1", "text with RSV 1", PROTOCOL_ERROR, talk -> talk.send(hello.withRsv(1)));
        failedAfter(
                "3.2",
                "text, text with RSV 2, ping",
                hello,
                talk -> talk.send(hello, hello.withRsv(2), ping));
        failedAfter(
                "3.3",
                "text, text with RSV 3, ping, frame by frame",
                hello,
                talk -> talk.sendEach(hello, hello.withRsv(3), ping));
        failedAfter(
                "3.4",
                "text, text with RSV 4, ping, byte by byte",
                hello,
                talk -> talk.sendChopped(1, hello, hello.withRsv(4), ping));
        failed(
                "3.5",
                "binary with RSV 5",
                PROTOCOL_ERROR,
                talk -> talk.send(Frame.of(BINARY, NOT_TEXT).withRsv(5)));
        failed(
                "3.6",
                "ping with RSV 6",
                PROTOCOL_ERROR,
                talk -> talk.send(Frame.of(PING, HELLO).withRsv(6)));
        failed(
                "3.7",
                "close with RSV 7",
                PROTOCOL_ERROR,
                talk -> talk.send(Frame.empty(Frame.CLOSE).withRsv(7)));
    }

    private void opcodes() {
        reservedOpcodes("4.1.", "reserved data opcode ", 3);
        reservedOpcodes("4.2.", "reserved control opcode ", 11);
    }

    private void reservedOpcodes(String section, String description, int first) {
        Frame hello = Frame.text(HELLO);
        Frame ping = Frame.empty(PING);
        failed(
                section + 1,
                description + first,
                PROTOCOL_ERROR,
                talk -> talk.send(Frame.empty(first)));
        failed(
                section + 2,
                description + (first + 1) + " with payload",
                PROTOCOL_ERROR,
                talk -> talk.send(Frame.of(first + 1, "reserved opcode payload")));
        failedAfter(
                section + 3,
                "text, " + description + (first + 2) + ", ping",
                hello,
                talk -> talk.send(hello, Frame.empty(first + 2), ping));
        failedAfter(
                section + 4,
                "text, " + description + (first + 3) + " with payload, ping",
                hello,
                talk -> talk.send(hello, Frame.of(first + 3, HELLO), ping));
        failedAfter(
                section + 5,
                "text, " + description + (first + 4) + " with payload, ping, byte by byte",
                hello,
                talk -> talk.sendChopped(1, hello, Frame.of(first + 4, HELLO), ping));
    }

    private void fragmentation() {
        Frame first = Frame.of(TEXT, "fragment1").more();
        Frame last = Frame.of(CONTINUATION, "fragment2");
        Frame both = Frame.text("fragment1fragment2");
        Frame ping = Frame.of(PING, "ping payload");
        List<Frame> pongAndBoth = List.of(Frame.of(PONG, "ping payload"), both);
        failed(
                "5.1",
                "ping in two fragments",
                PROTOCOL_ERROR,
                talk -> talk.send(Frame.of(PING, "fragment1").more(), last));
        failed(
                "5.2",
                "pong in two fragments",
                PROTOCOL_ERROR,
                talk -> talk.send(Frame.of(PONG, "fragment1").more(), last));
        echoed("5.3", "text in two fragments", both, talk -> talk.send(first, last));
        echoed(
                "5.4",
                "text in two fragments, frame by frame",
                both,
                talk -> talk.sendEach(first, last));
        echoed(
                "5.5",
                "text in two fragments, byte by byte",
                both,
                talk -> talk.sendChopped(1, first, last));
        received(
                "5.6",
                "text in two fragments with a ping between",
                pongAndBoth,
                talk -> talk.send(first, ping, last));
        received(
                "5.7",
                "text in two fragments with a ping between, frame by frame",
                pongAndBoth,
                talk -> talk.sendEach(first, ping, last));
        received(
                "5.8",
                "text in two fragments with a ping between, byte by byte",
                pongAndBoth,
                talk -> talk.sendChopped(1, first, ping, last));
        Frame nothingToContinue = Frame.of(CONTINUATION, "non-continuation payload");
        Frame hello = Frame.text(HELLO);
        outOfNothing(9, "last continuation of nothing, then text", nothingToContinue, hello);
        outOfNothing(12, "continuation of nothing, then text", nothingToContinue.more(), hello);
        failedAfter(
                "5.15",
                "text in two fragments, continuation of nothing, text",
                both,
                talk ->
                        talk.send(
                                first,
                                last,
                                Frame.of(CONTINUATION, "fragment3").more(),
                                Frame.of(TEXT, "fragment4")));
        Frame stray = Frame.of(CONTINUATION, "fragment1");
        Frame begin = Frame.of(TEXT, "fragment2").more();
        Frame end = Frame.of(CONTINUATION, "fragment3");
        failed(
                "5.16",
                "twice: continuation of nothing, then text in two fragments",
                PROTOCOL_ERROR,
                talk -> talk.send(stray.more(), begin, end, stray.more(), begin, end));
        failed(
                "5.17",
                "twice: last continuation of nothing, then text in two fragments",
                PROTOCOL_ERROR,
                talk -> talk.send(stray, begin, end, stray, begin, end));
        failed(
                "5.18",
                "text in two fragments, the second called text too",
                PROTOCOL_ERROR,
                talk -> talk.send(first, Frame.text("fragment2")));
        pingsBetween("5.19", "text in five fragments with two pings between", false);
        pingsBetween("5.20", "text in five fragments with two pings between, frame by frame", true);
    }

    private void outOfNothing(int number, String description, Frame... frames) {
        failed("5." + number, description, PROTOCOL_ERROR, talk -> talk.send(frames));
        failed(
                "5." + (number + 1),
                description + ", frame by frame",
                PROTOCOL_ERROR,
                talk -> talk.sendEach(frames));
        failed(
                "5." + (number + 2),
                description + ", byte by byte",
                PROTOCOL_ERROR,
                talk -> talk.sendChopped(1, frames));
    }

    /** The suite waits a second in the middle; here the first pong is awaited. */
    private void pingsBetween(String id, String description, boolean each) {
        Frame[] before = {
            Frame.of(TEXT, "fragment1").more(),
            Frame.of(CONTINUATION, "fragment2").more(),
            Frame.of(PING, "pongme 1!")
        };
        Frame[] after = {
            Frame.of(CONTINUATION, "fragment3").more(),
            Frame.of(CONTINUATION, "fragment4").more(),
            Frame.of(PING, "pongme 2!"),
            Frame.of(CONTINUATION, "fragment5")
        };
        received(
                id,
                description,
                List.of(
                        Frame.of(PONG, "pongme 1!"),
                        Frame.of(PONG, "pongme 2!"),
                        Frame.text("fragment1fragment2fragment3fragment4fragment5")),
                talk -> {
                    if (each) {
                        talk.sendEach(before);
                        talk.receive(1);
                        talk.sendEach(after);
                    } else {
                        talk.send(before);
                        talk.receive(1);
                        talk.send(after);
                    }
                });
    }

    private void utf8() {
        Frame empty = Frame.text("");
        echoed("6.1.1", "empty text", empty, talk -> talk.send(empty));
        echoed(
                "6.1.2",
                "text in three empty fragments",
                empty,
                talk ->
                        talk.send(
                                empty.more(),
                                Frame.empty(CONTINUATION).more(),
                                Frame.empty(CONTINUATION)));
        echoed(
                "6.1.3",
                "text in three fragments, the first and last empty",
                Frame.text("middle frame payload"),
                talk ->
                        talk.send(
                                empty.more(),
                                Frame.of(CONTINUATION, "middle frame payload").more(),
                                Frame.empty(CONTINUATION)));
        Frame accents = Frame.text("Hello-µ@ßöäüàá-UTF-8!!");
        echoed("6.2.1", "valid UTF-8 in one fragment", accents, talk -> talk.send(accents));
        echoed(
                "6.2.2",
                "valid UTF-8 in two fragments, cut between characters",
                accents,
                talk ->
                        talk.send(
                                Frame.text("Hello-µ@ßöä").more(),
                                Frame.of(CONTINUATION, "üàá-UTF-8!!")));
        echoed(
                "6.2.3",
                "valid UTF-8 in fragments of one byte",
                accents,
                talk -> talk.send(fragments(accents.payload(), 1)));
        echoed(
                "6.2.4",
                "valid UTF-8 in fragments of one byte, Greek",
                Frame.of(TEXT, KOSME),
                talk -> talk.send(fragments(KOSME, 1)));
        byte[] surrogate = joined(KOSME, hex("eda080"), EDITED);
        failed(
                "6.3.1",
                "invalid UTF-8 in one fragment",
                INVALID_PAYLOAD,
                talk -> talk.send(Frame.of(TEXT, surrogate)));
        failed(
                "6.3.2",
                "invalid UTF-8 in fragments of one byte",
                INVALID_PAYLOAD,
                talk -> talk.send(fragments(surrogate, 1)));
        byte[] tooHigh = hex("f4908080");
        byte[] all = joined(KOSME, tooHigh, EDITED);
        failsFast(
                "6.4.1", "invalid UTF-8 in the second of three fragments", KOSME, tooHigh, EDITED);
        failsFast(
                "6.4.2",
                "the same, with nothing behind the wrong byte",
                Arrays.copyOf(all, 12),
                Arrays.copyOfRange(all, 12, 13),
                Arrays.copyOfRange(all, 13, all.length));
        failsFastInFrame(
                "6.4.3",
                "as 6.4.1, in three chops of one frame",
                all,
                KOSME.length,
                tooHigh.length);
        failsFastInFrame("6.4.4", "as 6.4.2, in three chops of one frame", all, 12, 1);
    }

    /** The suite waits a second after each frame; here a ping tells whether it was accepted. */
    private void failsFast(String id, String description, byte[]... parts) {
        Frame stillAccepted = Frame.of(PONG, "accepted what is wrong");
        add(
                id,
                description,
                talk -> {
                    talk.send(Frame.of(TEXT, parts[0]).more());
                    if (!talk.isAnswered()) {
                        throw new AssertionError(id + ": what is right so far was refused");
                    }
                    talk.send(Frame.of(CONTINUATION, parts[1]).more());
                    if (talk.isAnswered()) {
                        talk.note(stillAccepted);
                        talk.send(Frame.of(CONTINUATION, parts[2]));
                    }
                },
                List.of(List.of(), List.of(stillAccepted)),
                new Failed(Set.of(INVALID_PAYLOAD)));
    }

    private void failsFastInFrame(
            String id, String description, byte[] payload, int right, int wrong) {
        Frame stillAccepted = Frame.of(PONG, "accepted what is wrong");
        byte[] octets = Frame.of(TEXT, payload).octets();
        int end = octets.length - payload.length + right;
        add(
                id,
                description,
                talk -> {
                    talk.write(Arrays.copyOf(octets, end));
                    if (talk.hearsWithin(A_MOMENT)) {
                        throw new AssertionError(id + ": what is right so far was refused");
                    }
                    talk.write(Arrays.copyOfRange(octets, end, end + wrong));
                    if (!talk.hearsWithin(A_MOMENT)) {
                        talk.note(stillAccepted);
                        talk.write(Arrays.copyOfRange(octets, end + wrong, octets.length));
                    }
                },
                List.of(List.of(), List.of(stillAccepted)),
                new Failed(Set.of(INVALID_PAYLOAD)));
    }

    /** From Markus Kuhn's UTF-8 decoder stress test; v is valid, x is not. */
    private void utf8Sequences() {
        sequences(
                5,
                "valid sequences",
                "v 68656c6c6f24776f726c64",
                "v 68656c6c6fc2a2776f726c64",
                "v 68656c6c6fe282ac776f726c64",
                "v 68656c6c6ff0a4ada2776f726c64",
                "v cebae1bdb9cf83cebcceb5");
        sequences(
                6,
                "all prefixes of a valid text",
                "x ce",
                "v ceba",
                "x cebae1",
                "x cebae1bd",
                "v cebae1bdb9",
                "x cebae1bdb9cf",
                "v cebae1bdb9cf83",
                "x cebae1bdb9cf83ce",
                "v cebae1bdb9cf83cebc",
                "x cebae1bdb9cf83cebcce",
                "v cebae1bdb9cf83cebcceb5");
        sequences(7, "first sequence of a length", "v 00", "v c280", "v e0a080", "v f0908080");
        sequences(8, "first sequence of length 5 and 6", "x f888808080", "x fc8480808080");
        sequences(9, "last sequence of a length", "v 7f", "v dfbf", "v efbfbf", "v f48fbfbf");
        sequences(
                10,
                "last sequence of length 4, 5 and 6",
                "x f7bfbfbf",
                "x fbbfbfbfbf",
                "x fdbfbfbfbfbf");
        sequences(
                11,
                "other boundaries",
                "v ed9fbf",
                "v ee8080",
                "v efbfbd",
                "v f48fbfbf",
                "x f4908080");
        sequences(
                12,
                "unexpected continuation bytes",
                "x 80",
                "x bf",
                "x 80bf",
                "x 80bf80",
                "x 80bf80bf",
                "x 80bf80bf80",
                "x 80bf80bf80bf",
                "x " + range(0x80, 0xBF, ""));
        sequences(
                13,
                "lonely first bytes",
                "x " + range(0xC0, 0xDF, "20"),
                "x " + range(0xE0, 0xEF, "20"),
                "x " + range(0xF0, 0xF7, "20"),
                "x " + range(0xF8, 0xFB, "20"),
                "x " + range(0xFC, 0xFD, "20"));
        String[] cut = {
            "c0",
            "e080",
            "f08080",
            "f8808080",
            "fc80808080",
            "df",
            "efbf",
            "f7bfbf",
            "fbbfbfbf",
            "fdbfbfbfbf"
        };
        sequences(
                14,
                "last continuation byte missing",
                Stream.of(cut).map(each -> "x " + each).toArray(String[]::new));
        sequences(15, "incomplete sequences one after the other", "x " + String.join("", cut));
        sequences(16, "impossible bytes", "x fe", "x ff", "x fefeffff");
        sequences(
                17,
                "overlong ASCII",
                "x c0af",
                "x e080af",
                "x f08080af",
                "x f8808080af",
                "x fc80808080af");
        sequences(
                18,
                "longest overlong sequences",
                "x c1bf",
                "x e09fbf",
                "x f08fbfbf",
                "x f887bfbfbf",
                "x fc83bfbfbfbf");
        sequences(
                19,
                "overlong NUL",
                "x c080",
                "x e08080",
                "x f0808080",
                "x f880808080",
                "x fc8080808080");
        sequences(
                20,
                "single surrogates",
                "x eda080",
                "x edadbf",
                "x edae80",
                "x edafbf",
                "x edb080",
                "x edbe80",
                "x edbfbf");
        sequences(
                21,
                "paired surrogates",
                "x eda080edb080",
                "x eda080edbfbf",
                "x edadbfedb080",
                "x edadbfedbfbf",
                "x edae80edb080",
                "x edae80edbfbf",
                "x edafbfedb080",
                "x edafbfedbfbf");
        // U+FFFE and U+FFFF, and the last two code points of each other plane
        sequences(
                22,
                "code points that are no characters, yet valid",
                IntStream.rangeClosed(0, 16)
                        .flatMap(plane -> IntStream.of(plane << 16 | 0xFFFE, plane << 16 | 0xFFFF))
                        .mapToObj(point -> "v " + hexOf(Character.toString(point)))
                        .toArray(String[]::new));
        sequences(
                23,
                "specials such as the replacement character",
                "v efbfb9",
                "v efbfba",
                "v efbfbb",
                "v efbfbc",
                "v efbfbd",
                "v efbfbe",
                "v efbfbf");
    }

    private void sequences(int section, String description, String... sequences) {
        for (int i = 0; i < sequences.length; i++) {
            String id = "6.%d.%d".formatted(section, i + 1);
            String hex = sequences[i].substring(2);
            Frame text = Frame.of(TEXT, hex(hex));
            String about = description + ": " + hex;
            if (sequences[i].startsWith("v")) {
                echoed(id, about, text, talk -> talk.send(text));
            } else {
                failed(id, about, INVALID_PAYLOAD, talk -> talk.send(text));
            }
        }
    }

    private void closing() {
        Frame close = Frame.close(1000, "");
        Frame hello = Frame.text("Hello World!");
        echoed("7.1.1", "text, then close", hello, talk -> talk.send(hello));
        answered(
                "7.1.2",
                "two close frames",
                Set.of(1000),
                talk -> talk.send(close, Frame.empty(Frame.CLOSE)));
        answered(
                "7.1.3",
                "ping after close",
                Set.of(1000),
                talk -> talk.send(close, Frame.empty(PING)));
        answered("7.1.4", "text after close", Set.of(1000), talk -> talk.send(close, hello));
        answered(
                "7.1.5",
                "close between two fragments",
                Set.of(1000),
                talk ->
                        talk.send(
                                Frame.of(TEXT, "fragment1").more(),
                                close,
                                Frame.of(CONTINUATION, "fragment2")));
        informs(
                "7.1.6",
                "text of 256 KiB, text, close, ping",
                talk ->
                        talk.send(
                                Frame.text("BAsd7&jh23".repeat(26_215).substring(0, 262_144)),
                                hello,
                                close,
                                Frame.empty(PING)));
        answered(
                "7.3.1",
                "close without code",
                Set.of(1000),
                talk -> talk.send(Frame.empty(Frame.CLOSE)));
        answered(
                "7.3.2",
                "close with half a code",
                Set.of(PROTOCOL_ERROR),
                talk -> talk.send(Frame.of(Frame.CLOSE, "a")));
        answered("7.3.3", "close with code", Set.of(1000), talk -> talk.send(close));
        answered(
                "7.3.4",
                "close with code and reason",
                Set.of(1000),
                talk -> talk.send(Frame.close(1000, "Hello World!")));
        answered(
                "7.3.5",
                "close with the longest reason, 123 bytes",
                Set.of(1000),
                talk -> talk.send(Frame.close(1000, "*".repeat(123))));
        answered(
                "7.3.6",
                "close with a reason too long, 124 bytes",
                Set.of(PROTOCOL_ERROR),
                talk -> talk.send(Frame.close(1000, "*".repeat(124))));
        answered(
                "7.5.1",
                "close with a reason that is not UTF-8",
                Set.of(PROTOCOL_ERROR, INVALID_PAYLOAD),
                talk -> talk.send(Frame.close(1000, joined(KOSME, hex("eda080"), EDITED))));
    }

    private void closeCodes() {
        int[] valid = {
            1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999
        };
        for (int i = 0; i < valid.length; i++) {
            int code = valid[i];
            answered(
                    "7.7." + (i + 1),
                    "close with the valid code " + code,
                    code == 1000 ? Set.of(1000) : Set.of(1000, code),
                    talk -> talk.send(Frame.close(code, "")));
        }
        int[] invalid = {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999};
        for (int i = 0; i < invalid.length; i++) {
            int code = invalid[i];
            answered(
                    "7.9." + (i + 1),
                    "close with the invalid code " + code,
                    Set.of(PROTOCOL_ERROR),
                    talk -> talk.send(Frame.close(code, "")));
        }
        informs("7.13.1", "close with code 5000", talk -> talk.send(Frame.close(5000, "")));
        informs("7.13.2", "close with code 65535", talk -> talk.send(Frame.close(65_535, "")));
    }

    private void autoFragmentation() {
        byte[] payload = filled('*', 65_536);
        echoed(
                "10.1.1",
                "text message of 65536 bytes in fragments of 1300",
                Frame.of(TEXT, payload),
                talk -> talk.send(fragments(payload, 1300)));
    }

    // bytes

    private static Frame[] fragments(byte[] payload, int size) {
        int count = (payload.length + size - 1) / size;
        Frame[] frames = new Frame[count];
        for (int i = 0; i < count; i++) {
            int end = Math.min(payload.length, (i + 1) * size);
            frames[i] =
                    new Frame(
                            i == count - 1,
                            0,
                            i == 0 ? TEXT : CONTINUATION,
                            Arrays.copyOfRange(payload, i * size, end));
        }
        return frames;
    }

    private static byte[] filled(int octet, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) octet);
        return bytes;
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static String hexOf(String text) {
        return HexFormat.of().formatHex(text.getBytes(UTF_8));
    }

    /** From the first to before the second, each with the same behind it. */
    private static String range(int from, int to, String behind) {
        var all = new StringBuilder();
        for (int octet = from; octet < to; octet++) {
            all.append("%02x".formatted(octet)).append(behind);
        }
        return all.toString();
    }

    private static byte[] joined(byte[]... parts) {
        return hex(Stream.of(parts).map(HexFormat.of()::formatHex).reduce("", String::concat));
    }
}
