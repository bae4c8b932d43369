package org.processpool.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.chat.ChatFrame.Assigned;
import org.processpool.chat.ChatFrame.Hello;
import org.processpool.chat.ChatFrame.Notice;
import org.processpool.chat.ChatFrame.Queued;
import org.processpool.chat.ChatFrame.Welcome;
import org.processpool.pool.ProcessPool;
import org.processpool.security.Caller;
import org.processpool.security.Role;
import org.processpool.task.TaskName;

/** Members, with time that is turned by hand and workers that are threads of this process. */
@Timeout(60)
class MemberTest {

    private static final TaskName TALK = new TaskName("talk");
    private static final TaskName COUNTER = new TaskName("counter");

    private final ManualAlarm alarm = new ManualAlarm();
    private ProcessPool pool;
    private Seats seats;
    private Chat chat;

    /** Somebody who has come in. */
    private record Guest(Member member, Listening ear, Welcome welcome) {}

    @BeforeEach
    void open() {
        pool = ProcessPool.builder().name("inline").inline().processes(1).open();
        seats = new Seats(pool, 1, 5, Duration.ofSeconds(30));
        chat = new Chat(config(0), seats, _ -> "", alarm);
    }

    @AfterEach
    void end() {
        chat.close();
        pool.close();
    }

    private static ChatConfig config(int messagesPerMinute) {
        return new ChatConfig(
                List.of(TALK, COUNTER),
                Set.of(TALK),
                2_000,
                messagesPerMinute,
                0,
                100,
                10,
                3,
                Duration.ofSeconds(5),
                Duration.ofMinutes(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                1 << 20,
                "test");
    }

    private Guest enter(Hello hello) throws InterruptedException {
        return enter(hello, Caller.ANYBODY);
    }

    private Guest enter(Hello hello, Caller caller) throws InterruptedException {
        Listening ear = new Listening(caller);
        var member = new AtomicReference<Member>();
        chat.enter(hello, ear, Tongue.ENGLISH, member::set);
        Welcome welcome = ear.await(Welcome.class);
        return new Guest(await().until(member::get, found -> found != null), ear, welcome);
    }

    private Guest enter(String nick) throws InterruptedException {
        return enter(new Hello(nick, null, null, null, null));
    }

    private static void say(Guest guest, String text) {
        guest.member().said(guest.ear(), new ChatFrame.Say("r", text), () -> {});
    }

    private void awaitAlarms(int at) {
        await().until(() -> alarm.pending() >= at);
    }

    @Test
    void who_is_silent_for_long_is_warned_and_then_closed() throws Exception {
        Guest quiet = enter("quiet");
        quiet.ear().await(Assigned.class);
        awaitAlarms(1);
        alarm.turn(Duration.ofMinutes(9));
        assertThat(quiet.ear().await(Notice.class).code()).isEqualTo(Notice.Code.IDLE);
        awaitAlarms(1);
        alarm.turn(Duration.ofMinutes(1));
        assertThat(quiet.ear().closeCode()).isEqualTo(CloseCode.IDLE);
        await().until(() -> seats.talking() == 0 && chat.members() == 0);
    }

    @Test
    void who_says_something_in_time_stays() throws Exception {
        Guest guest = enter("guest");
        guest.ear().await(Assigned.class);
        awaitAlarms(1);
        alarm.turn(Duration.ofMinutes(9));
        guest.ear().await(Notice.class);
        say(guest, "still here");
        guest.ear().await(ChatFrame.Message.class);
        awaitAlarms(1);
        alarm.turn(Duration.ofMinutes(1));
        awaitAlarms(1);
        say(guest, "and now");
        assertThat(guest.ear().await(ChatFrame.Message.class).text()).isEqualTo("and now");
    }

    @Test
    void who_waits_is_not_idle() throws Exception {
        Guest first = enter("first");
        first.ear().await(Assigned.class);
        Guest second = enter("second");
        assertThat(second.ear().await(Queued.class).position()).isEqualTo(1);
        for (int i = 0; i < 3; i++) {
            awaitAlarms(2);
            say(first, "talking on");
            first.ear().await(ChatFrame.Message.class);
            alarm.turn(Duration.ofMinutes(9));
        }
        first.member().dismiss(ChatFrame.Reason.BYE, CloseCode.BYE, "bye");
        second.ear().await(Assigned.class);
    }

    @Test
    void who_does_not_come_back_in_time_is_gone_and_its_name_and_worker_are_free()
            throws Exception {
        Guest lost = enter("lost");
        lost.ear().await(Assigned.class);
        lost.member().disconnected(lost.ear(), 1006);
        await().until(() -> lost.member().person().state() == ChatFrame.State.AWAY);
        awaitAlarms(3);
        assertThat(seats.talking()).isEqualTo(1);
        alarm.turn(Duration.ofSeconds(61));
        await().until(() -> seats.talking() == 0 && chat.members() == 0);
        assertThat(enter("lost").welcome().nick()).isEqualTo("lost");
    }

    @Test
    void after_a_code_on_which_nobody_connects_again_it_is_gone_at_once() throws Exception {
        Guest guest = enter("guest");
        guest.ear().await(Assigned.class);
        guest.member().disconnected(guest.ear(), 1009);
        await().until(() -> chat.members() == 0 && seats.talking() == 0);
    }

    @Test
    void a_page_that_is_loaded_anew_keeps_its_worker_although_somebody_waits() throws Exception {
        Guest first = enter("first");
        first.ear().await(Assigned.class);
        Guest second = enter("second");
        second.ear().await(Queued.class);
        first.member().disconnected(first.ear(), 1001);
        Guest back = resume(first, 0);
        assertThat(back.welcome().resumed()).isTrue();
        back.ear().await(Assigned.class);
        back.member().disconnected(back.ear(), 1001);
        await().until(() -> back.member().person().state() == ChatFrame.State.AWAY);
        alarm.turn(Duration.ofSeconds(4));
        second.ear().await(Assigned.class);
    }

    private Guest resume(Guest before, long lastSeq) throws InterruptedException {
        return resume(before, lastSeq, Caller.ANYBODY);
    }

    private Guest resume(Guest before, long lastSeq, Caller caller) throws InterruptedException {
        return enter(
                new Hello(
                        null,
                        null,
                        null,
                        null,
                        new ChatFrame.Resume(before.welcome().session(), lastSeq)),
                caller);
    }

    @Test
    void a_session_is_given_back_to_its_owner_only() throws Exception {
        Caller alice = new Caller("alice", Role.SUBMIT, "");
        Guest first = enter(new Hello("first", null, null, null, null), alice);
        first.member().disconnected(first.ear(), 1006);
        Guest other = resume(first, 0, new Caller("bob", Role.OPERATE, ""));
        assertThat(other.welcome().resumed()).isFalse();
        assertThat(other.member()).isNotSameAs(first.member());
        Guest elsewhere = resume(first, 0, new Caller("alice", Role.SUBMIT, "acme"));
        assertThat(elsewhere.welcome().resumed()).isFalse();
        Guest back = resume(first, 0, new Caller("alice", Role.READ, ""));
        assertThat(back.welcome().resumed()).isTrue();
        assertThat(back.member()).isSameAs(first.member());
    }

    @Test
    void members_of_two_tenants_neither_hear_nor_see_each_other() throws Exception {
        Guest ours = enter("same name");
        Caller eve = new Caller("eve", Role.OPERATE, "elsewhere");
        Guest theirs = enter(new Hello("same name", null, null, null, null), eve);
        assertThat(theirs.welcome().nick()).isEqualTo(ours.welcome().nick());
        assertThat(chat.guests(""))
                .extracting(org.processpool.chat.Guest::id)
                .containsExactly(ours.member().id());
        assertThat(chat.guests("elsewhere"))
                .extracting(org.processpool.chat.Guest::id)
                .containsExactly(theirs.member().id());
        assertThat(chat.lobby("")).isNotSameAs(chat.lobby("elsewhere"));
        assertThat(chat.room("", "den").orElseThrow())
                .isNotSameAs(chat.room("elsewhere", "den").orElseThrow());
        assertThat(chat.dismiss("elsewhere", ours.member().id())).isFalse();
        assertThat(chat.dismiss("", ours.member().id())).isTrue();
    }

    @Test
    void who_gave_up_its_place_does_not_get_one_by_coming_back() throws Exception {
        Guest first = enter("first");
        first.ear().await(Assigned.class);
        Guest second = enter("second");
        second.ear().await(Queued.class);
        second.member().said(second.ear(), new ChatFrame.LeaveQueue(), () -> {});
        await().until(() -> seats.waiting() == 0);
        second.member().disconnected(second.ear(), 1006);
        Guest back = resume(second, 0);
        assertThat(back.welcome().resumed()).isTrue();
        say(back, "a message asks for a place again");
        back.ear().await(Queued.class);
        first.member().dismiss(ChatFrame.Reason.BYE, CloseCode.BYE, "bye");
        assertThat(
                        back.ear()
                                .await(
                                        ChatFrame.Message.class,
                                        message -> message.from().nick().equals("second"))
                                .text())
                .isEqualTo("a message asks for a place again");
    }

    @Test
    void an_answer_follows_what_was_said_as_a_message_of_the_worker() throws Exception {
        Guest guest = enter(new Hello("guest", null, null, "counter", null));
        assertThat(guest.welcome().conversation()).isEqualTo("counter");
        guest.ear().await(Assigned.class);
        say(guest, "how often?");
        ChatFrame.Message question = guest.ear().await(ChatFrame.Message.class);
        assertThat(question.text()).isEqualTo("how often?");
        assertThat(question.from().kind()).isEqualTo(ChatFrame.Kind.USER);
        assertThat(guest.ear().await(ChatFrame.Ack.class).seq()).isEqualTo(question.seq());
        ChatFrame.Message answer = guest.ear().await(ChatFrame.Message.class);
        assertThat(answer.from().kind()).isEqualTo(ChatFrame.Kind.WORKER);
        assertThat(answer.replyTo()).isEqualTo(question.seq());
        assertThat(answer.text()).contains("\"messages\":1");
        assertThat(guest.ear().await(ChatFrame.Done.class).replyTo()).isEqualTo(question.seq());
    }

    @Test
    void what_was_said_in_a_room_is_heard_there_even_by_who_has_moved_on() throws Exception {
        Guest busy = enter("busy");
        busy.ear().await(Assigned.class);
        Guest mover = enter("mover");
        mover.ear().await(Queued.class);
        say(mover, "for the lobby");
        mover.member().said(mover.ear(), new ChatFrame.Join("den", null), () -> {});
        mover.ear().await(ChatFrame.Members.class, members -> members.room().equals("den"));
        Guest reader = enter("reader");
        busy.member().dismiss(ChatFrame.Reason.BYE, CloseCode.BYE, "bye");
        ChatFrame.Message message = reader.ear().await(ChatFrame.Message.class);
        assertThat(message.text()).isEqualTo("for the lobby");
        assertThat(message.room()).isEqualTo("lobby");
        assertThat(mover.ear().await(ChatFrame.Ack.class).seq()).isNull();
        assertThat(mover.ear().hasHeard(ChatFrame.Message.class)).isFalse();
    }

    @Test
    void rooms_are_as_many_as_may_be_and_empty_ones_make_place() throws Exception {
        Guest guest = enter("guest");
        for (String room : List.of("one", "two", "three", "four")) {
            guest.member().said(guest.ear(), new ChatFrame.Join(room, null), () -> {});
            guest.ear().await(ChatFrame.Members.class, members -> members.room().equals(room));
        }
    }

    @Test
    void too_many_messages_are_refused_with_the_time_to_wait() throws Exception {
        chat = new Chat(config(2), seats, _ -> "", alarm);
        Guest guest = enter("guest");
        guest.ear().await(Assigned.class);
        say(guest, "one");
        say(guest, "two");
        say(guest, "three");
        ChatFrame.Failure refused = guest.ear().await(ChatFrame.Failure.class);
        assertThat(refused.problem().type()).isEqualTo("/problems/rate-limited");
        assertThat(refused.problem().retryAfterMillis()).isBetween(1L, 30_000L);
        assertThat(refused.ref()).isEqualTo("r");
    }

    @Test
    void a_restart_is_told_before_the_connection_is_closed() throws Exception {
        Guest talking = enter("talking");
        talking.ear().await(Assigned.class);
        Guest waiting = enter("waiting");
        waiting.ear().await(Queued.class);
        chat.drain(Duration.ofSeconds(30));
        for (Guest each : List.of(talking, waiting)) {
            assertThat(each.ear().await(ChatFrame.Draining.class).reconnectInMillis()).isPositive();
            assertThat(each.ear().closeCode()).isEqualTo(CloseCode.RESTART);
        }
        assertThat(chat.admit()).isFalse();
        assertThat(seats.talking()).isZero();
    }
}
