package org.processpool.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.ProcessPool;
import org.processpool.rest.Chats;
import org.processpool.rest.Pools;

/** The chat over JSON, with real workers behind it. */
@QuarkusTest
@TestProfile(ChatPool.class)
@Timeout(120)
class ChatTest {

    @TestHTTPResource("/chat")
    URI http;

    @Inject Pools pools;
    @Inject Chats chats;

    private final List<ChatClient> clients = new ArrayList<>();

    private URI uri() {
        return URI.create(http.toString().replace("http:", "ws:"));
    }

    private ChatClient enter(String nick, String... more) {
        return keep(ChatClient.enter(uri(), nick, more));
    }

    private ChatClient keep(ChatClient client) {
        clients.add(client);
        return client;
    }

    private ProcessPool pool() {
        return pools.named("chat").orElseThrow();
    }

    @AfterEach
    void everybody_leaves() {
        clients.forEach(ChatClient::close);
        await().until(() -> chats.chatters("").stream().allMatch(c -> c.state().equals("away")));
        chats.chatters("").forEach(left -> chats.dismiss("", left.id()));
        await().until(() -> chats.chatters("").isEmpty());
        await().until(() ->
                pool().snapshot().workers().stream()
                                .mapToInt(PoolSnapshot.Worker::conversations)
                                .sum()
                        == 0);
    }

    @Test
    void welcomes_who_says_hello_and_gives_it_a_worker() throws Exception {
        ChatClient alice = enter("alice");
        JsonNode welcome = alice.await("welcome");
        assertThat(alice.subprotocol()).isEqualTo("processpool.chat.v1");
        assertThat(welcome.path("nick").asText()).isEqualTo("alice");
        assertThat(welcome.path("room").asText()).isEqualTo("lobby");
        assertThat(welcome.path("protocol").asInt()).isEqualTo(1);
        assertThat(welcome.path("limits").path("text").asInt()).isEqualTo(2000);
        assertThat(welcome.path("resumed").asBoolean()).isFalse();
        assertThat(welcome.path("conversation").asText()).isEqualTo("talk");
        JsonNode assigned = alice.await("assigned");
        assertThat(pids()).contains(assigned.path("worker").path("pid").asLong());
        assertThat(assigned.path("worker").path("slot").asText()).matches("chat-\\d+");
    }

    private List<Long> pids() {
        return pool().snapshot().workers().stream().map(PoolSnapshot.Worker::pid).toList();
    }

    @Test
    void what_is_said_goes_through_the_speakers_worker_to_everybody_in_the_room() throws Exception {
        ChatClient alice = enter("alice");
        long pid = alice.await("assigned").path("worker").path("pid").asLong();
        ChatClient bob = enter("bob");
        bob.await("assigned");
        String ref = alice.say("你好, world 👋");
        JsonNode own = alice.await("message");
        JsonNode others = bob.await("message");
        assertThat(own.path("text").asText()).isEqualTo("你好, world 👋");
        assertThat(own.path("ref").asText()).isEqualTo(ref);
        assertThat(alice.await("ack").path("seq").asLong()).isEqualTo(own.path("seq").asLong());
        assertThat(others.path("text").asText()).isEqualTo("你好, world 👋");
        assertThat(others.has("ref")).isFalse();
        assertThat(others.path("from").path("nick").asText()).isEqualTo("alice");
        assertThat(others.path("from").path("kind").asText()).isEqualTo("user");
        assertThat(others.path("from").path("pid").asLong()).isEqualTo(pid);
        assertThat(others.path("seq").asLong()).isEqualTo(own.path("seq").asLong());
    }

    @Test
    void many_messages_come_back_in_order_and_numbered_without_a_gap() throws Exception {
        ChatClient alice = enter("alice");
        alice.await("assigned");
        long first = 0;
        for (int i = 0; i < 100; i++) {
            alice.say("message " + i);
            JsonNode message = alice.await("message");
            first = i == 0 ? message.path("seq").asLong() : first;
            assertThat(message.path("text").asText()).isEqualTo("message " + i);
            assertThat(message.path("seq").asLong()).isEqualTo(first + i);
        }
    }

    @Test
    void who_comes_when_all_workers_are_busy_waits_in_a_visible_line() throws Exception {
        ChatClient first = enter("first");
        ChatClient second = enter("second");
        first.await("assigned");
        second.await("assigned");
        ChatClient third = enter("third");
        JsonNode place = third.await("queued");
        assertThat(place.path("position").asInt()).isEqualTo(1);
        assertThat(place.path("ahead").asInt()).isZero();
        assertThat(place.path("busy").asInt()).isEqualTo(2);
        assertThat(place.path("size").asInt()).isEqualTo(2);
        ChatClient fourth = enter("fourth");
        assertThat(fourth.await("queued").path("position").asInt()).isEqualTo(2);
        third.say("said while waiting");
        first.close();
        third.await("assigned");
        assertThat(third.await("message").path("text").asText()).isEqualTo("said while waiting");
        fourth.await("queued", queued -> queued.path("position").asInt() == 1);
        second.close();
        fourth.await("assigned");
    }

    @Test
    void a_line_that_is_full_refuses_and_a_place_that_is_given_up_is_free_again() throws Exception {
        ChatClient first = enter("first");
        ChatClient second = enter("second");
        first.await("assigned");
        second.await("assigned");
        ChatClient third = enter("third");
        third.await("queued");
        for (String nick : List.of("fourth", "fifth")) {
            enter(nick).await("queued");
        }
        assertThat(enter("sixth").closeCode()).isEqualTo(1013);
        third.ask("leaveQueue");
        third.await("presence", one -> one.path("member").path("state").asText().equals("reading"));
        enter("seventh").await("queued", queued -> queued.path("position").asInt() == 3);
        third.say("so many");
        assertThat(third.await("error").path("problem").path("type").asText())
                .isEqualTo("/problems/busy");
        second.close();
    }

    @Test
    void members_see_each_other_come_rename_and_go() throws Exception {
        ChatClient alice = enter("alice");
        alice.await("members");
        ChatClient bob = enter("bob");
        JsonNode joined = alice.await("joined");
        assertThat(joined.path("member").path("nick").asText()).isEqualTo("bob");
        assertThat(nicks(bob.await("members"))).containsExactly("alice", "bob");
        bob.send(bob.frame("nick").put("nick", "Robert").put("ref", "n1"));
        assertThat(bob.await("ack").path("ref").asText()).isEqualTo("n1");
        JsonNode renamed = alice.await("renamed");
        assertThat(renamed.path("was").asText()).isEqualTo("bob");
        assertThat(renamed.path("member").path("nick").asText()).isEqualTo("Robert");
        bob.send(bob.frame("nick").put("nick", "ALICE").put("ref", "n2"));
        JsonNode taken = bob.await("error");
        assertThat(taken.path("ref").asText()).isEqualTo("n2");
        assertThat(taken.path("problem").path("type").asText()).isEqualTo("/problems/nick-taken");
        bob.ask("bye");
        assertThat(bob.closeCode()).isEqualTo(1000);
        JsonNode left = alice.await("left");
        assertThat(left.path("member").path("nick").asText()).isEqualTo("Robert");
        assertThat(left.path("reason").asText()).isEqualTo("bye");
    }

    private static List<String> nicks(JsonNode members) {
        return StreamSupport.stream(members.path("members").spliterator(), false)
                .map(member -> member.path("nick").asText())
                .toList();
    }

    @Test
    void rooms_keep_what_is_said_to_themselves() throws Exception {
        ChatClient alice = enter("alice");
        ChatClient bob = enter("bob", "room", "Garten-花园");
        alice.await("assigned");
        assertThat(bob.await("welcome").path("room").asText()).isEqualTo("garten-花园");
        bob.await("assigned");
        bob.say("only here");
        bob.await("message");
        alice.send(alice.frame("join").put("room", "garten-花园").put("ref", "j"));
        assertThat(alice.await("ack").path("ref").asText()).isEqualTo("j");
        assertThat(nicks(alice.await("members"))).containsExactly("bob", "alice");
        JsonNode history = alice.await("history");
        assertThat(history.path("messages").get(0).path("text").asText()).isEqualTo("only here");
        assertThat(alice.heard()).noneMatch(frame -> frame.path("type").asText().equals("message"));
        alice.ask("rooms");
        assertThat(alice.await("rooms").path("rooms").get(0).path("members").asInt()).isEqualTo(2);
        alice.ask("leave");
        assertThat(alice.await("members").path("room").asText()).isEqualTo("lobby");
        assertThat(bob.await("left").path("reason").asText()).isEqualTo("moved");
    }

    @Test
    void older_messages_can_be_read_back_page_by_page() throws Exception {
        ChatClient alice = enter("alice", "room", "diary");
        alice.await("assigned");
        for (int i = 0; i < 30; i++) {
            alice.say("entry " + i);
            alice.await("message");
        }
        alice.send(alice.frame("history").put("limit", 10));
        JsonNode newest = alice.await("history");
        assertThat(newest.path("messages")).hasSize(10);
        assertThat(newest.path("messages").get(9).path("text").asText()).isEqualTo("entry 29");
        assertThat(newest.path("more").asBoolean()).isTrue();
        long before = newest.path("messages").get(0).path("seq").asLong();
        alice.send(alice.frame("history").put("before", before).put("limit", 100));
        JsonNode older = alice.await("history");
        assertThat(older.path("messages")).hasSize(20);
        assertThat(older.path("more").asBoolean()).isFalse();
    }

    @Test
    void a_killed_worker_interrupts_only_its_conversation_which_goes_on_with_another()
            throws Exception {
        ChatClient alice = enter("alice");
        ChatClient bob = enter("bob");
        long pid = alice.await("assigned").path("worker").path("pid").asLong();
        bob.await("assigned");
        pool().kill(pid);
        JsonNode interrupted = alice.await("interrupted");
        assertThat(interrupted.path("text").asText())
                .isEqualTo("worker %d died; a new one takes over".formatted(pid));
        long next = alice.await("assigned").path("worker").path("pid").asLong();
        assertThat(next).isNotEqualTo(pid);
        alice.say("still here");
        assertThat(alice.await("message").path("from").path("pid").asLong()).isEqualTo(next);
        assertThat(bob.await("message").path("text").asText()).isEqualTo("still here");
        assertThat(bob.heard())
                .noneMatch(frame -> frame.path("type").asText().equals("interrupted"));
    }

    @Test
    void a_broken_connection_is_resumed_with_all_that_was_missed() throws Exception {
        ChatClient alice = enter("alice");
        JsonNode welcome = alice.await("welcome");
        alice.await("assigned");
        ChatClient bob = enter("bob");
        bob.await("assigned");
        long last = alice.await("joined").path("seq").asLong();
        alice.abort();
        bob.await("presence", one -> one.path("member").path("state").asText().equals("away"));
        for (int i = 0; i < 5; i++) {
            bob.say("missed " + i);
            bob.await("message");
        }
        ChatClient again = keep(ChatClient.resume(uri(), welcome.path("session").asText(), last));
        JsonNode resumed = again.await("welcome");
        assertThat(resumed.path("resumed").asBoolean()).isTrue();
        assertThat(resumed.path("missed").asLong()).isZero();
        assertThat(resumed.path("nick").asText()).isEqualTo("alice");
        for (int i = 0; i < 5; i++) {
            JsonNode message = again.await("message");
            assertThat(message.path("text").asText()).isEqualTo("missed " + i);
            assertThat(message.path("seq").asLong()).isEqualTo(last + 1 + i);
        }
        again.await("assigned");
        again.say("back");
        assertThat(bob.await("message", m -> m.path("text").asText().equals("back"))).isNotNull();
    }

    @Test
    void what_happened_beyond_memory_is_counted_as_missed() throws Exception {
        ChatClient alice = enter("alice", "room", "busy");
        String session = alice.await("welcome").path("session").asText();
        alice.await("assigned");
        ChatClient bob = enter("bob", "room", "busy");
        bob.await("assigned");
        long last = alice.await("joined").path("seq").asLong();
        alice.abort();
        for (int i = 0; i < Room.RECENT + 7; i++) {
            bob.say("" + i);
            bob.await("message");
        }
        ChatClient again = keep(ChatClient.resume(uri(), session, last));
        assertThat(again.await("welcome").path("missed").asLong()).isEqualTo(7);
        assertThat(again.await("message").path("text").asText()).isEqualTo("7");
    }

    @Test
    void a_session_that_is_no_more_begins_anew_and_is_told_so() throws Exception {
        ChatClient client = keep(ChatClient.resume(uri(), "no-such-session", 5));
        assertThat(client.await("welcome").path("resumed").asBoolean()).isFalse();
        assertThat(client.await("notice").path("code").asText()).isEqualTo("fresh");
    }

    @Test
    void a_session_opened_elsewhere_closes_the_first_connection() throws Exception {
        ChatClient alice = enter("alice");
        String session = alice.await("welcome").path("session").asText();
        ChatClient elsewhere = keep(ChatClient.resume(uri(), session, 0));
        assertThat(elsewhere.await("welcome").path("resumed").asBoolean()).isTrue();
        assertThat(alice.closeCode()).isEqualTo(4090);
        String ref = elsewhere.say("from here");
        assertThat(elsewhere.await("ack").path("ref").asText()).isEqualTo(ref);
    }

    @Test
    void who_is_away_gives_its_worker_to_who_waits_and_is_served_first_when_it_is_back()
            throws Exception {
        ChatClient first = enter("first");
        String session = first.await("welcome").path("session").asText();
        first.await("assigned");
        ChatClient second = enter("second");
        second.await("assigned");
        ChatClient third = enter("third");
        third.await("queued");
        first.abort();
        third.await("assigned");
        ChatClient fourth = enter("fourth");
        fourth.await("queued", queued -> queued.path("position").asInt() == 1);
        ChatClient back = keep(ChatClient.resume(uri(), session, 0));
        assertThat(back.await("queued").path("position").asInt()).isEqualTo(1);
        fourth.await("queued", queued -> queued.path("position").asInt() == 2);
        second.close();
        back.await("assigned");
    }

    @Test
    void names_are_checked_and_taken_ones_replaced() throws Exception {
        enter("alice").await("welcome");
        ChatClient other = enter("Alice");
        assertThat(other.await("welcome").path("nick").asText()).startsWith("guest-");
        assertThat(other.await("error").path("problem").path("type").asText())
                .isEqualTo("/problems/nick-taken");
        ChatClient turned = enter("abc\u202Edef");
        assertThat(turned.await("welcome").path("nick").asText()).startsWith("guest-");
        assertThat(turned.await("error").path("problem").path("type").asText())
                .isEqualTo("/problems/invalid-nick");
    }

    @Test
    void tells_in_chinese_who_asks_for_it() throws Exception {
        ChatClient alice = enter("爱丽丝", "lang", "zh-CN");
        alice.await("assigned");
        alice.send(alice.frame("say").put("ref", "x").put("text", "  "));
        assertThat(alice.await("error").path("problem").path("detail").asText())
                .isEqualTo("消息不能为空");
    }

    @Test
    void refuses_texts_that_are_empty_too_long_or_no_text_and_stays_open() throws Exception {
        ChatClient alice = enter("alice");
        alice.await("assigned");
        alice.send("{\"type\":\"say\",\"ref\":\"a\",\"text\":\"\\ud800\"}");
        assertThat(alice.await("error").path("ref").asText()).isEqualTo("a");
        alice.send(alice.frame("say").put("ref", "b").put("text", "😀".repeat(2001)));
        assertThat(alice.await("error").path("problem").path("type").asText())
                .isEqualTo("/problems/too-long");
        alice.send(alice.frame("say").put("ref", "c").put("text", "😀".repeat(2000)));
        assertThat(alice.await("message").path("ref").asText()).isEqualTo("c");
        alice.send(alice.frame("say").put("text", "no ref"));
        assertThat(alice.await("error").path("problem").path("type").asText())
                .isEqualTo("/problems/bad-message");
    }

    @Test
    void three_frames_that_are_none_close_the_connection() throws Exception {
        ChatClient alice = enter("alice");
        alice.await("assigned");
        alice.send("{\"type\":\"say\",\"ref\":\"1\",\"text\":\"hi\",\"colour\":\"red\"}");
        assertThat(alice.await("error").path("problem").path("detail").asText())
                .isEqualTo("this is no message of the protocol: unknown member \"colour\"");
        alice.send("{\"type\":\"shout\"}");
        assertThat(alice.await("error").path("problem").path("detail").asText())
                .contains("unknown type \"shout\"");
        alice.send("not json");
        assertThat(alice.closeCode()).isEqualTo(4000);
        await().until(() -> chats.chatters("").isEmpty());
    }

    @Test
    void binary_messages_and_large_ones_close_the_connection() throws Exception {
        ChatClient alice = enter("alice");
        alice.await("welcome");
        alice.sendBinary(new byte[] {1, 2, 3});
        assertThat(alice.closeCode()).isEqualTo(1003);
        ChatClient bob = enter("bob");
        bob.await("welcome");
        bob.send("x".repeat(ChatSocket.LONGEST_MESSAGE + 1));
        assertThat(bob.closeCode()).isEqualTo(1009);
    }

    @Test
    void who_does_not_say_hello_first_is_closed() throws Exception {
        ChatClient rude = keep(ChatClient.connect(uri(), "processpool.chat.v1"));
        rude.say("hi");
        assertThat(rude.closeCode()).isEqualTo(4001);
    }

    @Test
    void who_says_nothing_is_closed() throws Exception {
        ChatClient silent = keep(ChatClient.connect(uri(), "processpool.chat.v1"));
        assertThat(silent.closeCode()).isEqualTo(4001);
    }

    @Test
    void an_operator_can_send_somebody_away() throws Exception {
        ChatClient alice = enter("alice");
        String id = alice.await("welcome").path("id").asText();
        alice.await("assigned");
        io.restassured.RestAssured.when()
                .get("/v1/chat/members")
                .then()
                .statusCode(200)
                .body("members.nick", org.hamcrest.Matchers.hasItem("alice"));
        io.restassured.RestAssured.when().delete("/v1/chat/members/" + id).then().statusCode(204);
        assertThat(alice.closeCode()).isEqualTo(4403);
        io.restassured.RestAssured.when().delete("/v1/chat/members/" + id).then().statusCode(404);
    }

    @Test
    void answers_pings_and_shows_who_is_typing() throws Exception {
        ChatClient alice = enter("alice");
        alice.await("assigned");
        ChatClient bob = enter("bob");
        bob.await("welcome");
        alice.ask("ping");
        alice.await("pong");
        alice.send(alice.frame("typing").put("on", true));
        JsonNode typing = bob.await("typing");
        assertThat(typing.path("member").path("nick").asText()).isEqualTo("alice");
        assertThat(typing.path("on").asBoolean()).isTrue();
    }

    @Test
    void plain_lines_are_for_people_at_a_terminal() throws Exception {
        ChatClient alice = keep(ChatClient.connect(uri()));
        String first = alice.line(line -> line.startsWith("* you are"));
        assertThat(first).matches("\\* you are guest-\\w+ in lobby \\(1 here\\); /help lists .*");
        alice.line(line -> line.matches("\\* worker \\d+ is yours"));
        alice.send("/nick alice");
        alice.line(line -> line.endsWith(" is now alice"));
        ChatClient bob = keep(ChatClient.connect(uri(), "processpool.chat.text"));
        bob.line(line -> line.matches("\\* worker \\d+ is yours"));
        alice.line(line -> line.matches("\\* guest-\\w+ joined \\(2 here\\)"));
        bob.send("hello\r\nthere\u001b[2J\n");
        assertThat(alice.line(line -> line.startsWith("<guest"))).endsWith("> hello");
        assertThat(alice.line()).endsWith("> there\ufffd[2J");
        ChatClient third = keep(ChatClient.connect(uri()));
        third.line(line -> line.equals("* you are 1st in line, 2 of 2 workers busy"));
        alice.send("/who");
        assertThat(alice.line(line -> line.startsWith("* here:"))).contains("alice, guest-");
        alice.send("/dance");
        alice.line(line -> line.equals("* there is no command /dance; /help lists them"));
        alice.send("/join den");
        alice.line(line -> line.startsWith("* you are alice in den (1 here)"));
        alice.send("/quit");
        assertThat(alice.closeCode()).isEqualTo(1000);
        third.line(line -> line.matches("\\* worker \\d+ is yours"));
    }

    @Test
    void who_never_reads_is_cut_off_and_nobody_waits_for_it() throws Exception {
        Socket narrow = new Socket();
        narrow.setReceiveBufferSize(4 << 10);
        try (RawWebSocket deaf =
                RawWebSocket.open(
                        narrow,
                        http.getPort(),
                        "/chat",
                        "Sec-WebSocket-Protocol: processpool.chat.v1")) {
            deaf.send(Frame.text("{\"type\":\"hello\",\"nick\":\"deaf\"}"));
            ChatClient alice = enter("alice");
            alice.await("assigned");
            await().until(() -> states().get("deaf"), "talking"::equals);
            String much = "x".repeat(2000);
            int said = 0;
            while (!"away".equals(states().get("deaf"))) {
                assertThat(said++).as("messages of 2,000 bytes").isLessThan(20_000);
                alice.say(much);
                alice.await("message");
            }
        }
    }

    private Map<String, String> states() {
        return chats.chatters("").stream()
                .collect(Collectors.toMap(Chats.Chatter::nick, Chats.Chatter::state));
    }

    @Test
    void text_that_is_no_utf8_closes_the_connection() throws Exception {
        try (RawWebSocket raw =
                RawWebSocket.open(
                        http.getPort(), "/chat", "Sec-WebSocket-Protocol: processpool.chat.v1")) {
            raw.send(Frame.of(Frame.TEXT, new byte[] {(byte) 0xff, (byte) 0xfe}));
            Frame answer = raw.next();
            assertThat(answer).isNotNull();
            assertThat(answer.opcode()).isEqualTo(Frame.CLOSE);
            assertThat(answer.closeCode()).isEqualTo(1007);
        }
    }
}
