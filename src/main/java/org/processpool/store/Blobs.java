package org.processpool.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.processpool.job.JobId;
import org.processpool.job.JobStore.ItemError;

/** The bytes of jobs, in pieces, so that a row stays small. */
final class Blobs {

    /** Most bytes in a piece. */
    static final int PIECE = 256 * 1024;

    /** The chunk of what belongs to the whole job. */
    static final int WHOLE = -1;

    /** Most pieces that are deleted in one transaction. */
    static final int MOST_DELETED = 200;

    /** What the bytes are. */
    enum Kind {
        INPUT,
        RESULT,
        ITEMS,
        OUTPUTS,
        FAILURES,
        LOG;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private Blobs() {}

    static void write(Session session, JobId id, Kind kind, int chunk, byte[] bytes)
            throws SQLException {
        int piece = 0;
        for (int from = 0; from == 0 || from < bytes.length; from += PIECE) {
            byte[] part =
                    bytes.length <= PIECE
                            ? bytes
                            : Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + PIECE));
            session.update(
                    "insert into blob (job_id, kind, chunk, piece, bytes) values (?, ?, ?, ?, ?)",
                    id,
                    kind.word(),
                    chunk,
                    piece++,
                    part);
        }
    }

    static Optional<byte[]> read(Session session, JobId id, Kind kind, int chunk)
            throws SQLException {
        return joined(
                session.list(
                        "select bytes from blob where job_id = ? and kind = ? and chunk = ?"
                                + " order by piece",
                        row -> row.getBytes(1),
                        id,
                        kind.word(),
                        chunk));
    }

    /** Those of several chunks, by chunk. */
    static Map<Integer, byte[]> read(Session session, JobId id, Kind kind, int from, int to)
            throws SQLException {
        @SuppressWarnings("ArrayRecordComponent") // nobody compares pieces
        record Piece(int chunk, byte[] bytes) {}
        Map<Integer, List<byte[]>> pieces = new HashMap<>();
        session.list(
                        "select chunk, bytes from blob where job_id = ? and kind = ?"
                                + " and chunk >= ? and chunk < ? order by chunk, piece",
                        row -> new Piece(row.getInt(1), row.getBytes(2)),
                        id,
                        kind.word(),
                        from,
                        to)
                .forEach(each ->
                        pieces.computeIfAbsent(each.chunk, _ -> new ArrayList<>()).add(each.bytes));
        Map<Integer, byte[]> all = new HashMap<>();
        pieces.forEach((chunk, parts) -> joined(parts).ifPresent(it -> all.put(chunk, it)));
        return all;
    }

    private static Optional<byte[]> joined(List<byte[]> pieces) {
        if (pieces.size() <= 1) {
            return pieces.stream().findFirst();
        }
        byte[] all = new byte[pieces.stream().mapToInt(piece -> piece.length).sum()];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, all, at, piece.length);
            at += piece.length;
        }
        return Optional.of(all);
    }

    static void delete(Session session, JobId id, Kind kind) throws SQLException {
        session.update("delete from blob where job_id = ? and kind = ?", id, kind.word());
    }

    /** Deletes some pieces of the results. @return whether that was all */
    static boolean deleteSomeResults(Session session, JobId id) throws SQLException {
        return session.update(
                        "delete from blob where (job_id, kind, chunk, piece) in (select job_id,"
                                + " kind, chunk, piece from blob where job_id = ? and kind in"
                                + " ('result', 'outputs') limit "
                                + MOST_DELETED
                                + ")",
                        id)
                < MOST_DELETED;
    }

    /** Deletes some pieces of whatever kind. @return whether that was all */
    static boolean deleteSome(Session session, JobId id) throws SQLException {
        return session.update(
                        "delete from blob where (job_id, kind, chunk, piece) in (select job_id,"
                                + " kind, chunk, piece from blob where job_id = ? limit "
                                + MOST_DELETED
                                + ")",
                        id)
                < MOST_DELETED;
    }

    /** Failed items as bytes. */
    static byte[] encoded(List<ItemError> failures) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            for (ItemError each : failures) {
                byte[] problem = each.problem().getBytes(StandardCharsets.UTF_8);
                out.writeInt(each.index());
                out.writeInt(problem.length);
                out.write(problem);
            }
        } catch (IOException never) {
            throw new UncheckedIOException(never); // an array takes everything
        }
        return bytes.toByteArray();
    }

    static List<ItemError> decoded(byte[] bytes) {
        List<ItemError> all = new ArrayList<>();
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            while (in.available() > 0) {
                int index = in.readInt();
                byte[] problem = in.readNBytes(in.readInt());
                all.add(new ItemError(index, new String(problem, StandardCharsets.UTF_8)));
            }
        } catch (IOException torn) {
            throw new UncheckedIOException(torn); // we have written them whole
        }
        return all;
    }
}
