package org.processpool.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Has Node run the tests of the chat page's modules, which lie in {@code src/test/chat}. To see
 * them one by one: {@code node --test src/test/chat/*.test.mjs}.
 */
class ChatPageModulesTest {

    private static final Path TESTS = Path.of("src/test/chat");
    private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)\\..*");
    private static final Pattern PASSED = Pattern.compile("(?m)^# pass (\\d+)$");

    /** From these on Node takes a module for one whatever its name. */
    private static final int OLDEST_MAJOR = 20;

    private static final int OLDEST_MINOR = 19;
    private static final int LONGEST_SECONDS = 120;

    @TempDir Path folder;

    private record Ended(int exitCode, String output) {}

    @Test
    void keep_what_their_own_tests_promise() throws Exception {
        assumeTrue(isThere(), "node is not installed");
        String version = run(List.of("node", "--version")).output().strip();
        assumeTrue(
                understandsModules(version),
                "node %s is older than %d.%d".formatted(version, OLDEST_MAJOR, OLDEST_MINOR));
        List<String> command = new ArrayList<>(List.of("node", "--test", "--test-reporter=tap"));
        try (Stream<Path> files = Files.list(TESTS)) {
            files.map(Path::toString)
                    .filter(file -> file.endsWith(".test.mjs"))
                    .sorted()
                    .forEach(command::add);
        }
        Ended ended = run(command);
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        Matcher passed = PASSED.matcher(ended.output());
        assertThat(passed.find()).as(ended.output()).isTrue();
        assertThat(Integer.parseInt(passed.group(1))).isPositive();
    }

    private static boolean understandsModules(String version) {
        Matcher numbers = VERSION.matcher(version);
        if (!numbers.matches()) {
            return false;
        }
        int major = Integer.parseInt(numbers.group(1));
        int minor = Integer.parseInt(numbers.group(2));
        return major > OLDEST_MAJOR || (major == OLDEST_MAJOR && minor >= OLDEST_MINOR);
    }

    private Ended run(List<String> command) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        return new Ended(process.exitValue(), Files.readString(output, UTF_8));
    }

    private static boolean isThere() throws InterruptedException {
        try {
            return new ProcessBuilder("node", "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException absent) {
            return false; // which is what was asked
        }
    }
}
