package org.processpool.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.processpool.chat.AutobahnCase.Verdict;

/**
 * The server cases of the Autobahn Testsuite (crossbario/autobahn-testsuite), which runs on Python
 * 2 only and is therefore written anew: the same numbers, the same bytes, the same expectations;
 * where the suite waits for a second to see that nothing comes, these ask by a ping. In one thing
 * they are stricter: where the suite is content with a dropped connection, a close frame with the
 * code it names is expected.
 *
 * <p>Left out are section 9, which measures, and sections 12 and 13, compression, which is off.
 */
class AutobahnTest {
    private static final int MAX_MESSAGE = 1 << 18;

    /** Frames are checked when they are whole, which the suite calls less strict. */
    private static final Set<String> WRONG_WITHIN_A_FRAME = Set.of("6.4.3", "6.4.4");

    private static SocketServer server;

    @BeforeAll
    static void open() {
        server = SocketServer.open(MAX_MESSAGE, socket -> new Echo(socket).text.start());
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private static final class Echo implements TextSocket.Listener {
        private final ServerWebSocket socket;
        private final TextSocket text;

        Echo(ServerWebSocket socket) {
            this.socket = socket;
            text =
                    new TextSocket(
                            socket, MAX_MESSAGE, 4 * MAX_MESSAGE, Duration.ofMinutes(1), this);
        }

        @Override
        public void said(String message) {
            text.send(message);
        }

        @Override
        public boolean sent(byte[] binary) {
            socket.writeFinalBinaryFrame(Buffer.buffer(binary));
            return true;
        }

        @Override
        public void ended(int code) {}
    }

    @TestFactory
    Stream<DynamicTest> answers_as_the_suite_expects() {
        return AutobahnCases.all().stream()
                .map(each -> DynamicTest.dynamicTest(each.toString(), () -> run(each)));
    }

    private static void run(AutobahnCase each) throws IOException {
        Verdict verdict = each.run(server.port());
        if (WRONG_WITHIN_A_FRAME.contains(each.id())) {
            assertThat(verdict).isIn(Verdict.OK, Verdict.NON_STRICT);
        } else {
            assertThat(verdict).isIn(Verdict.OK, Verdict.INFORMATIONAL);
        }
    }

    @Test
    void lists_every_case_of_its_sections() {
        assertThat(AutobahnCases.all())
                .extracting(AutobahnCase::id)
                .doesNotHaveDuplicates()
                .hasSize(247);
    }
}
