package org.processpool.security;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a small deployment: a file with a line {@code name:role:sha256} or {@code
 * name:role:sha256:tenant} for each, where the third part is the SHA-256 of the token's UTF-8 bytes
 * in hexadecimal. Empty lines and those that begin with {@code #} are left out. A name may stand
 * there twice, so that a token can be replaced without a gap.
 *
 * <p>The hash is a plain one, so a token has to be as long as chance can make it (32 random bytes),
 * and not a word that somebody chose. The file is read again when it has changed, looked at every
 * two seconds at most; one that has become wrong is told in the log, and the tokens from before
 * stay good. Safe for use by any number of threads.
 */
public final class TokenFile {

    private static final System.Logger LOG = System.getLogger("org.processpool.security");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@-]{1,64}");
    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    /** No token is longer; whatever is need not be hashed. */
    private static final int LONGEST = 8192;

    private final Path path;
    private final ReentrantLock looking = new ReentrantLock();
    private volatile long looked;
    private volatile Version version;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(Caller caller, byte[] hash) {}

    /** What the file held, and by what a change of it is seen. */
    private record Version(Look look, List<Entry> entries) {}

    /**
     * What a file is told from another by: one with the same time may have been put in its place.
     */
    private record Look(FileTime modified, long size, @Nullable Object key) {
        static Look at(Path path) throws IOException {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            return new Look(now.lastModifiedTime(), now.size(), now.fileKey());
        }
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException with a line number if a line is none, or if there is no
     *     token
     * @throws IOException if it cannot be read
     */
    public TokenFile(Path path) throws IOException {
        this.path = path;
        version = read(path);
        looked = System.nanoTime();
    }

    /** How many tokens there are. */
    public int size() {
        return version.entries().size();
    }

    /**
     * Whose token that is; empty if it is nobody's. Each token takes the same time, whichever it is
     * and however much of it is right. Reads the file if it has changed.
     */
    public Optional<Caller> find(String token) {
        if (token.length() > LONGEST) {
            return Optional.empty();
        }
        lookAgain();
        byte[] hash = sha256(token.getBytes(UTF_8));
        Caller found = null;
        for (Entry entry : version.entries()) {
            if (MessageDigest.isEqual(entry.hash(), hash)) {
                found = entry.caller();
            }
        }
        return Optional.ofNullable(found);
    }

    private void lookAgain() {
        if (System.nanoTime() - looked < LOOK_AGAIN.toNanos() || !looking.tryLock()) {
            return;
        }
        try {
            if (!Look.at(path).equals(version.look())) {
                version = read(path);
                LOG.log(INFO, "{0} has changed: {1} tokens", path, Integer.toString(size()));
            }
        } catch (IOException | IllegalArgumentException wrong) {
            LOG.log(WARNING, "the tokens from before stay good, as {0}: {1}", path, wrong);
        } finally {
            looked = System.nanoTime();
            looking.unlock();
        }
    }

    private static Version read(Path path) throws IOException {
        // asked first, so that a change while it is read is seen the next time
        Look look = Look.at(path);
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(path)) {
            number++;
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                entries.add(entry(text, number));
            }
        }
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("has no token in it");
        }
        return new Version(look, List.copyOf(entries));
    }

    /** What is wrong is told without the line itself, as somebody may have put a token there. */
    private static Entry entry(String line, int number) {
        List<String> parts = Pattern.compile(":").splitAsStream(line).toList();
        if (parts.size() < 3 || parts.size() > 4) {
            throw wrong(number, "is not name:role:sha256 or name:role:sha256:tenant");
        }
        String name = parts.get(0);
        if (!NAME.matcher(name).matches()) {
            throw wrong(number, "begins with a name that is not 1 to 64 of A-Z a-z 0-9 . _ @ -");
        }
        Role role =
                Role.of(parts.get(1))
                        .orElseThrow(() ->
                                wrong(
                                        number,
                                        "names a role that is none of read, submit, operate"));
        if (!HASH.matcher(parts.get(2)).matches()) {
            throw wrong(number, "has a hash that is not 64 hexadecimal digits");
        }
        byte[] hash = HexFormat.of().parseHex(parts.get(2));
        if (Arrays.equals(hash, sha256(new byte[0]))) {
            throw wrong(number, "has the hash of nothing at all, so anybody would have that token");
        }
        String tenant = parts.size() == 4 ? parts.get(3) : "";
        if (!tenant.isEmpty() && !NAME.matcher(tenant).matches()) {
            throw wrong(number, "names a tenant that is not 1 to 64 of A-Z a-z 0-9 . _ @ -");
        }
        return new Entry(new Caller(name, role, tenant), hash);
    }

    private static IllegalArgumentException wrong(int number, String why) {
        return new IllegalArgumentException("line %d %s".formatted(number, why));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
