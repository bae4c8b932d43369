package org.processpool.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.processpool.chat.ChatFrame.FromClient;
import org.processpool.chat.ChatFrame.Kind;
import org.processpool.chat.ChatFrame.Message;
import org.processpool.chat.ChatFrame.Person;
import org.processpool.chat.ChatFrame.ToClient;

/**
 * The same as plain lines, for a person at a terminal: subprotocol {@code processpool.chat.text}.
 * For one connection; not safe for use by several threads.
 */
final class Lines {

    private final Tongue tongue;
    private String me = "";
    private int here;
    private int position;
    private long said;
    private List<String> nicks = List.of();

    Lines(Tongue tongue) {
        this.tongue = tongue;
    }

    // What is read

    /**
     * What a line means.
     *
     * @param frame something for the member to do
     * @param answer something to be answered at once
     */
    record Meaning(Optional<FromClient> frame, Optional<String> answer) {

        static Meaning of(FromClient frame) {
            return new Meaning(Optional.of(frame), Optional.empty());
        }

        static Meaning of(String answer) {
            return new Meaning(Optional.empty(), Optional.of("* " + answer));
        }
    }

    /** Reads a line, which is said or is a command. */
    Meaning read(String line) {
        if (!line.startsWith("/") || line.startsWith("//")) {
            String text = line.startsWith("//") ? line.substring(1) : line;
            return Meaning.of(new ChatFrame.Say("line-" + ++said, text));
        }
        String[] words = line.strip().split("\\s+", 2);
        String name = words.length > 1 ? words[1] : null;
        return switch (words[0].toLowerCase(Locale.ROOT)) {
            case "/nick" ->
                    name == null ? needsName("/nick") : Meaning.of(new ChatFrame.Nick(name, null));
            case "/join" ->
                    name == null ? needsName("/join") : Meaning.of(new ChatFrame.Join(name, null));
            case "/leave" -> Meaning.of(new ChatFrame.Leave(name, null));
            case "/rooms" -> Meaning.of(new ChatFrame.ListRooms());
            case "/cancel" -> Meaning.of(new ChatFrame.Cancel());
            case "/quit" -> Meaning.of(new ChatFrame.Bye());
            case "/who" -> Meaning.of(Words.WHO.in(tongue, String.join(", ", nicks)));
            case "/help" -> Meaning.of(Words.HELP.in(tongue));
            default ->
                    Meaning.of(
                            Words.NO_COMMAND.in(tongue, Texts.printable(Texts.cut(words[0], 100))));
        };
    }

    private Meaning needsName(String command) {
        return Meaning.of(Words.NEEDS_NAME.in(tongue, command));
    }

    // What is written

    /** The lines for a frame; most frames need none. */
    List<String> write(ToClient frame) {
        return switch (frame) {
            case ChatFrame.Welcome welcome -> {
                me = welcome.nick();
                yield List.of();
            }
            case ChatFrame.Members(String room, _, var people) -> {
                here = people.size();
                nicks = people.stream().map(Person::nick).toList();
                yield star(Words.HERE.in(tongue, me, room, here) + "; " + Words.HINT.in(tongue));
            }
            case ChatFrame.Joined(_, _, _, Person member) -> {
                here++;
                nicks = with(nicks, member.nick());
                yield star(Words.JOINED.in(tongue, member.nick(), here));
            }
            case ChatFrame.Left(_, _, _, Person member, _) -> {
                here--;
                nicks = without(nicks, member.nick());
                yield star(Words.LEFT.in(tongue, member.nick(), here));
            }
            case ChatFrame.Renamed(_, _, _, Person member, String was) -> {
                me = was.equals(me) ? member.nick() : me;
                nicks = with(without(nicks, was), member.nick());
                yield star(Words.RENAMED.in(tongue, was, member.nick()));
            }
            case Message message -> lines(message);
            case ChatFrame.History(_, var messages, _) ->
                    messages.stream().flatMap(message -> lines(message).stream()).toList();
            case ChatFrame.Queued(int at, _, int busy, int size, _) -> {
                boolean news = at != position;
                position = at;
                yield news
                        ? star(Words.PLACE.in(tongue, Words.ordinal(at, tongue), busy, size))
                        : List.of();
            }
            case ChatFrame.Assigned(ChatFrame.Worker(_, long pid), _) -> {
                position = 0;
                yield star(Words.YOURS.in(tongue, pid));
            }
            case ChatFrame.RoomList(var rooms) ->
                    star(
                            Words.ROOMS.in(
                                    tongue,
                                    rooms.stream()
                                            .map(room ->
                                                    "%s (%d)"
                                                            .formatted(room.room(), room.members()))
                                            .collect(Collectors.joining(", "))));
            case ChatFrame.Interrupted interrupted -> star(interrupted.text());
            case ChatFrame.Notice notice -> star(notice.text());
            case ChatFrame.Failure failure -> star(failure.problem().detail());
            case ChatFrame.Draining _ -> star(Words.RESTARTS.in(tongue));
            case ChatFrame.Presence _, ChatFrame.Delta _, ChatFrame.Done _ -> List.of();
            case ChatFrame.Typing _, ChatFrame.Ack _, ChatFrame.Pong _ -> List.of();
        };
    }

    private static List<String> star(String text) {
        return List.of("* " + Texts.printable(text));
    }

    private static List<String> lines(Message message) {
        // in brackets that no nick has, so that nobody can speak as somebody else
        String from =
                message.from().kind() == Kind.WORKER
                        ? "[%s %d]".formatted(message.from().nick(), message.from().pid())
                        : "<%s>"
                                .formatted(
                                        message.from().nick().replace('<', '‹').replace('>', '›'));
        return message.text()
                .lines()
                .map(line -> "%s %s".formatted(from, Texts.printable(line)))
                .toList();
    }

    private static List<String> with(List<String> nicks, String nick) {
        List<String> more = new ArrayList<>(nicks);
        more.add(nick);
        return more;
    }

    private static List<String> without(List<String> nicks, String nick) {
        List<String> fewer = new ArrayList<>(nicks);
        boolean _ = fewer.remove(nick);
        return fewer;
    }
}
