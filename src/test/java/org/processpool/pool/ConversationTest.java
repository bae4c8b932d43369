package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.task.Conversation;
import org.processpool.task.Payload;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;
import org.processpool.task.TaskName;

/** Conversations, each with a memory of its own in a worker. */
@Timeout(60)
class ConversationTest {

    private static final TaskName COUNTER = new TaskName("counter");
    private static final TaskName TALK = new TaskName("talk");
    private static final TaskName LENGTH = new TaskName("test.length");

    @TempDir private static Path services;

    private static ProcessPool single;
    private static ProcessPool roomy;

    /** What the conversation {@code counter} replies. */
    private record Count(long messages, long pid) {}

    /** Tells how long a text is, and takes nothing else. */
    @TaskDefinition(name = "test.length")
    public static final class Length implements Conversation<String, Integer> {
        @Override
        public Integer reply(String message, TaskContext context) {
            return message.length();
        }
    }

    @BeforeAll
    static void start_pools() throws IOException {
        Path folder = Files.createDirectories(services.resolve("META-INF/services"));
        Files.writeString(folder.resolve(Conversation.class.getName()), Length.class.getName());
        single = ProcessPool.builder().name("single").processes(1).classPath(services).open();
        roomy = ProcessPool.builder().name("roomy").processes(1).conversationsPerWorker(3).open();
    }

    @AfterAll
    static void end_the_pools() {
        single.close();
        roomy.close();
    }

    private static OpenConversation open(ProcessPool pool, TaskName name)
            throws InterruptedException, TimeoutException {
        return pool.converse(name).get(Occupied.LONG);
    }

    private static long count(OpenConversation conversation) throws InterruptedException {
        return conversation.say("one more", Count.class).messages();
    }

    @Test
    void each_message_has_its_reply() throws Exception {
        try (OpenConversation talk = open(single, TALK)) {
            assertThat(talk.say("hello", String.class)).isEqualTo("hello");
            assertThat(talk.say("你好", String.class)).isEqualTo("你好");
            assertThat(talk.lost()).isFalse();
        }
    }

    @Test
    void bytes_are_said_back_as_bytes_whether_or_not_they_are_text() throws Exception {
        try (OpenConversation talk = open(single, TALK)) {
            Payload bytes = Payload.bytes(new byte[] {'a', 0, (byte) 0xff, (byte) 0xe4});
            assertThat(talk.sayAsync(bytes.bytes(), null).get()).isEqualTo(bytes);
        }
    }

    @Test
    void messages_may_be_sent_ahead_and_are_answered_in_order() throws Exception {
        try (OpenConversation talk = open(single, TALK)) {
            AsyncResult<Payload> first = talk.sayAsync("first", null);
            AsyncResult<Payload> second = talk.sayAsync("second", null);
            assertThat(second.get().text()).isEqualTo("second");
            assertThat(first.ready()).isTrue();
            assertThat(first.get().text()).isEqualTo("first");
        }
    }

    @Test
    void a_conversation_remembers_and_the_next_one_begins_anew() throws Exception {
        try (OpenConversation counter = open(single, COUNTER)) {
            assertThat(count(counter)).isEqualTo(1);
            assertThat(count(counter)).isEqualTo(2);
            assertThat(counter.say("", Count.class).pid()).isEqualTo(counter.pid());
        }
        try (OpenConversation counter = open(single, COUNTER)) {
            assertThat(count(counter)).isEqualTo(1);
        }
    }

    @Test
    void unless_told_otherwise_a_worker_holds_one_and_the_second_waits() throws Exception {
        LeaseRequest<OpenConversation> second;
        try (OpenConversation first = open(single, COUNTER)) {
            second = single.converse(COUNTER);
            assertThat(second.place()).isEqualTo(1);
            assertThat(count(first)).isEqualTo(1);
        }
        try (OpenConversation served = second.get(Occupied.LONG)) {
            assertThat(second.place()).isZero();
            assertThat(count(served)).isEqualTo(1);
        }
    }

    @Test
    void a_worker_that_may_hold_three_keeps_them_apart() throws Exception {
        try (OpenConversation first = open(roomy, COUNTER);
                OpenConversation second = open(roomy, COUNTER);
                OpenConversation third = open(roomy, COUNTER)) {
            assertThat(first.pid()).isEqualTo(second.pid()).isEqualTo(third.pid());
            assertThat(roomy.snapshot().workers().getFirst().conversations()).isEqualTo(3);
            assertThat(count(first)).isEqualTo(1);
            assertThat(count(first)).isEqualTo(2);
            assertThat(count(second)).isEqualTo(1);
            assertThat(count(third)).isEqualTo(1);
            LeaseRequest<OpenConversation> fourth = roomy.converse(COUNTER);
            assertThat(fourth.place()).isEqualTo(1);
            assertThat(fourth.cancel()).isTrue();
        }
    }

    @Test
    void a_place_given_free_goes_to_the_next_while_the_others_go_on() throws Exception {
        OpenConversation leaving = open(roomy, COUNTER);
        try (OpenConversation second = open(roomy, COUNTER);
                OpenConversation third = open(roomy, COUNTER)) {
            assertThat(count(second)).isEqualTo(1);
            LeaseRequest<OpenConversation> fourth = roomy.converse(COUNTER);
            leaving.close();
            try (OpenConversation served = fourth.get(Occupied.LONG)) {
                assertThat(count(served)).isEqualTo(1);
                assertThat(count(second)).isEqualTo(2);
                assertThat(count(third)).isEqualTo(1);
            }
        }
    }

    @Test
    void a_name_nobody_knows_fails_and_gives_the_worker_back() throws Exception {
        assertThatExceptionOfType(CallException.TaskFailed.class)
                .isThrownBy(() -> open(single, new TaskName("no-such-talk")))
                .withMessageContaining(
                        "no conversation is named 'no-such-talk'; this worker has counter, talk");
        assertThat(single.apply(Tasks::square, 7)).isEqualTo(49);
        assertThat(single.snapshot().workers().getFirst().conversations()).isZero();
    }

    @Test
    void a_turn_that_fails_leaves_the_conversation_open() throws Exception {
        try (OpenConversation length = open(single, LENGTH)) {
            assertThatExceptionOfType(CallException.TaskFailed.class)
                    .isThrownBy(() -> length.say(new int[] {1, 2}, Integer.class));
            assertThat(length.say("still here", Integer.class)).isEqualTo(10);
        }
    }

    @Test
    void a_closed_conversation_takes_no_more_messages() throws Exception {
        OpenConversation talk = open(single, TALK);
        talk.close();
        talk.close();
        assertThat(talk.lost()).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(() -> talk.say("too late", String.class))
                .withMessage("the lease is over: it was closed or its worker has died");
        assertThat(single.apply(Tasks::square, 7)).isEqualTo(49);
    }

    @Test
    void a_conversation_whose_worker_dies_is_lost_and_says_so() throws Exception {
        var told = new CompletableFuture<String>();
        try (OpenConversation talk = open(single, TALK)) {
            talk.onLost(() -> told.complete("lost"));
            single.kill(talk.pid());
            assertThat(told.get(30, TimeUnit.SECONDS)).isEqualTo("lost");
            await().until(talk::lost);
            assertThatIllegalStateException().isThrownBy(() -> talk.say("?", String.class));
        }
        try (OpenConversation next = open(single, TALK)) {
            assertThat(next.say("anew", String.class)).isEqualTo("anew");
        }
    }

    @Test
    void a_lease_can_hold_conversations_besides_its_calls() throws Exception {
        try (Lease lease = single.lease();
                OpenConversation first = lease.converse(COUNTER);
                OpenConversation second = lease.converse(COUNTER)) {
            assertThat(count(first)).isEqualTo(1);
            assertThat(count(second)).isEqualTo(1);
            assertThat(count(first)).isEqualTo(2);
            assertThat(lease.apply(Tasks::square, 7)).isEqualTo(49);
            assertThat(first.pid()).isEqualTo(lease.pid());
        }
    }
}
