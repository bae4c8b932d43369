package org.processpool.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenFileTest {

    @TempDir Path directory;

    private static String hash(String token) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
    }

    private Path file(String... lines) throws Exception {
        return Files.writeString(directory.resolve("tokens"), String.join("\n", lines));
    }

    @Test
    void knows_each_token_by_its_hash() throws Exception {
        TokenFile tokens =
                new TokenFile(
                        file(
                                "# ours",
                                "",
                                "alice:submit:" + hash("a-token"),
                                "  bob@example.com:operate:"
                                        + hash("b-token").toUpperCase(Locale.ROOT)
                                        + ":acme ",
                                "alice:read:" + hash("another")));
        assertThat(tokens.size()).isEqualTo(3);
        assertThat(tokens.find("a-token")).contains(new Caller("alice", Role.SUBMIT, ""));
        assertThat(tokens.find("b-token"))
                .contains(new Caller("bob@example.com", Role.OPERATE, "acme"));
        assertThat(tokens.find("another")).contains(new Caller("alice", Role.READ, ""));
        assertThat(tokens.find("c-token")).isEmpty();
        assertThat(tokens.find("")).isEmpty();
        assertThat(tokens.find(hash("a-token"))).isEmpty();
        assertThat(tokens.find("x".repeat(100_000))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "alice:submit, name:role:sha256",
        "alice:submit:HASH:acme:more, name:role:sha256",
        "al ice:submit:HASH, a name",
        ":submit:HASH, a name",
        "alice:admin:HASH, 'read, submit, operate'",
        "alice:submit:my-secret-token, 64 hexadecimal",
        "alice:submit:HASH:a c, tenant",
    })
    void says_which_line_is_wrong_and_does_not_repeat_it(String line, String why) throws Exception {
        Path file = file("# first", line.replace("HASH", hash("x")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenFile(file))
                .withMessageContaining("line 2")
                .withMessageContaining(why)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("my-secret-token"));
    }

    /** As {@code sha256sum} makes one of a variable that was never set. */
    @Test
    void refuses_a_token_of_nothing() throws Exception {
        Path file = file("alice:operate:" + hash(""));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenFile(file))
                .withMessageContaining("line 1 has the hash of nothing");
    }

    @Test
    void sees_another_file_in_its_place_that_is_as_old_and_as_long() throws Exception {
        Path file = file("alice:submit:" + hash("old"));
        TokenFile tokens = new TokenFile(file);
        Path other = Files.writeString(directory.resolve("other"), "alice:submit:" + hash("new"));
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        await().atMost(Duration.ofSeconds(30)).until(() -> tokens.find("new").isPresent());
        assertThat(tokens.find("old")).isEmpty();
    }

    @Test
    void refuses_a_file_without_tokens_and_one_that_is_not_there() throws Exception {
        Path empty = file("# none yet");
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenFile(empty));
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> new TokenFile(directory.resolve("missing")));
    }

    @Test
    void reads_a_changed_file_again_and_keeps_what_it_knows_while_that_is_wrong() throws Exception {
        Path file = file("alice:submit:" + hash("old"));
        TokenFile tokens = new TokenFile(file);
        assertThat(tokens.find("old")).isPresent();

        file("alice:submit:" + hash("new"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(5)));
        await().atMost(Duration.ofSeconds(30)).until(() -> tokens.find("new").isPresent());
        assertThat(tokens.find("old")).isEmpty();

        file("alice:nonsense");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(10)));
        await().pollDelay(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(tokens.find("new")).isPresent());

        file("bob:read:" + hash("third"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(15)));
        await().atMost(Duration.ofSeconds(30)).until(() -> tokens.find("third").isPresent());
        assertThat(tokens.find("new")).isEmpty();
    }
}
