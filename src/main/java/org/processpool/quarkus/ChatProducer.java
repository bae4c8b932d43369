package org.processpool.quarkus;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.processpool.chat.Chat;
import org.processpool.chat.ChatConfig;
import org.processpool.chat.ChatServer;
import org.processpool.chat.ChatSocket;
import org.processpool.chat.Seats;
import org.processpool.chat.TcpDoor;
import org.processpool.pool.CallException;
import org.processpool.pool.PoolConfig;
import org.processpool.pool.PoolRejectedException;
import org.processpool.pool.ProcessPool;
import org.processpool.rest.Callers;
import org.processpool.rest.Chats;
import org.processpool.rest.OpenRequests;
import org.processpool.rest.Pools;
import org.processpool.task.TaskName;

/** Opens the chat with the service and ends it before the pools end. */
@Startup
@Singleton
public class ChatProducer {

    private static final Logger LOG = Logger.getLogger(ChatProducer.class);

    /** What lets anybody run anything; offered only where it is asked for. */
    static final String JSHELL = "jshell";

    private static final Duration LEARN = Duration.ofSeconds(60);

    /** How much later than its grace the plain server may be closed, in nanoseconds. */
    private static final long LATE = 1_000_000_000;

    private final Optional<Chat> chat;
    private final Optional<ChatSocket> socket;
    private final Optional<ChatServer> server;
    private final Duration grace;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Map<TaskName, String> summaries = new ConcurrentHashMap<>();

    /**
     * Opens it.
     *
     * @throws ConfigurationException naming the setting that cannot be
     */
    ChatProducer(
            ChatSettings settings,
            PoolSettings poolSettings,
            Pools pools,
            Config config,
            Callers callers,
            Entrance entrance,
            Vertx vertx,
            OpenRequests requests,
            MeterRegistry registry) {
        grace = poolSettings.shutdownGrace();
        if (!settings.enabled()) {
            chat = Optional.empty();
            server = Optional.empty();
            socket = Optional.empty();
            return;
        }
        ProcessPool pool =
                pools.named(settings.pool())
                        .orElseThrow(() ->
                                refusal(
                                        "pool",
                                        "must be one of %s, was '%s'"
                                                .formatted(
                                                        pools.all().stream()
                                                                .map(ProcessPool::name)
                                                                .collect(Collectors.joining(", ")),
                                                        settings.pool())));
        PoolSettings.Pool of = poolSettings.pool(settings.pool());
        if (of.whenFull() == PoolConfig.WhenFull.BLOCK) {
            throw new ConfigurationException(
                    "process-pool.pools.%s.when-full must be refuse, as the chat uses the pool"
                            .formatted(settings.pool()));
        }
        if (settings.jshell() && of.conversationsPerWorker() > 1) {
            throw refusal(
                    "jshell",
                    "needs a worker for each, but process-pool.pools.%s.conversations-per-worker"
                                    .formatted(settings.pool())
                            + " is "
                            + of.conversationsPerWorker());
        }
        if (settings.maxWaiting() < 1) {
            throw refusal("max-waiting", "must be at least 1, was " + settings.maxWaiting());
        }
        ChatConfig checked =
                checked(settings, config.getValue("quarkus.application.version", String.class));
        Seats line =
                new Seats(
                        pool,
                        of.conversationsPerWorker(),
                        settings.maxWaiting(),
                        settings.turnTimeout());
        Chat opened = new Chat(checked, line, name -> summaries.getOrDefault(name, ""));
        Gauge.builder("processpool.chat.conversations", line, Seats::talking)
                .description("Conversations that have a worker")
                .register(registry);
        Gauge.builder("processpool.chat.waiting", line, Seats::waiting)
                .description("Who waits for a worker to talk to")
                .register(registry);
        Gauge.builder("processpool.chat.waiting.max", settings::maxWaiting)
                .description("Most who may wait for a worker to talk to")
                .register(registry);
        Gauge.builder("processpool.chat.members", opened, Chat::members)
                .description("Who is in the chat")
                .register(registry);
        FunctionCounter.builder("processpool.chat.messages", opened, Chat::messages)
                .description("Messages that went through a worker")
                .register(registry);
        chat = Optional.of(opened);
        socket = Optional.of(new ChatSocket(opened, callers::of, requests::left));
        server =
                settings.tcp().port() == 0
                        ? Optional.empty()
                        : Optional.of(server(settings, entrance, vertx, line));
        Thread.ofVirtual().name("process-pool-chat-tasks").start(() -> learn(pool));
    }

    private static ChatServer server(
            ChatSettings settings, Entrance entrance, Vertx vertx, Seats line) {
        ChatSettings.Tcp tcp = settings.tcp();
        entrance.refuseOpen("process-pool.chat.tcp.host", tcp.host());
        Optional<TcpDoor> asks =
                entrance.isGuarded()
                        ? Optional.of(
                                new TcpDoor(
                                        entrance::mayChat,
                                        settings.helloTimeout(),
                                        settings.maxConnections()))
                        : Optional.empty();
        try {
            ChatServer opened =
                    new ChatServer(
                            vertx,
                            line,
                            name(tcp.conversation(), "tcp.conversation"),
                            tcp.host(),
                            tcp.port(),
                            settings.idleTimeout(),
                            tcp.writeTimeout(),
                            asks);
            opened.start();
            return opened;
        } catch (IllegalArgumentException | IllegalStateException refused) {
            throw refusal("tcp", "cannot be: " + refused.getMessage());
        }
    }

    /** Learns how the conversations describe themselves, once a worker can be asked. */
    private void learn(ProcessPool pool) {
        try {
            if (pool.snapshot().minProcesses() > 0) {
                pool.tasks(LEARN).stream()
                        .filter(task -> task.conversation())
                        .forEach(task -> summaries.put(task.name(), task.summary()));
            }
        } catch (PoolRejectedException | CallException | TimeoutException later) {
            LOG.debugf(later, "the conversations of pool '%s' stay undescribed", pool.name());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static ChatConfig checked(ChatSettings settings, String version) {
        List<TaskName> conversations =
                settings.conversations().stream()
                        .map(name -> name(name, "conversations"))
                        .collect(Collectors.toCollection(ArrayList::new));
        if (settings.jshell()) {
            conversations.add(new TaskName(JSHELL));
        } else if (conversations.contains(new TaskName(JSHELL))) {
            throw refusal(
                    "conversations",
                    "has jshell, which lets everybody who can connect run any code: say so with"
                            + " process-pool.chat.jshell=true");
        }
        try {
            return new ChatConfig(
                    conversations,
                    settings.relays().stream()
                            .map(name -> name(name, "relays"))
                            .collect(Collectors.toSet()),
                    settings.messageLimit(),
                    settings.messagesPerMinute(),
                    settings.framesPerSecond(),
                    settings.maxConnections(),
                    settings.maxMembers(),
                    settings.maxRooms(),
                    settings.helloTimeout(),
                    settings.idleTimeout(),
                    settings.resumeGrace(),
                    settings.turnTimeout(),
                    (int) Math.min(Integer.MAX_VALUE, settings.maxUnsent().asLongValue()),
                    version);
        } catch (IllegalArgumentException refused) {
            String[] words = String.valueOf(refused.getMessage()).split(" ", 2);
            throw refusal(SettingKeys.kebab(words[0]), words.length > 1 ? words[1] : "");
        }
    }

    private static TaskName name(String name, String key) {
        try {
            return new TaskName(name);
        } catch (IllegalArgumentException none) {
            throw refusal(key, none.getMessage());
        }
    }

    private static ConfigurationException refusal(String key, @Nullable String why) {
        return new ConfigurationException("process-pool.chat.%s %s".formatted(key, why));
    }

    /** Frames no longer than messages may be, and the subprotocols. */
    @Singleton
    static class Frames implements HttpServerOptionsCustomizer {
        @Override
        public void customizeHttpServer(HttpServerOptions options) {
            ChatSocket.prepare(options);
        }

        @Override
        public void customizeHttpsServer(HttpServerOptions options) {
            ChatSocket.prepare(options);
        }
    }

    void route(@Observes Router router) {
        socket.ifPresent(door -> router.get("/chat").handler(door::handle));
    }

    /** What operators see of it and do to it. */
    @Produces
    @Singleton
    Chats chats() {
        return new Chats() {
            @Override
            public List<Chatter> chatters(String tenant) {
                return chat.map(open -> open.guests(tenant)).orElse(List.of()).stream()
                        .map(guest -> new Chatter(guest.id(), guest.nick(), guest.state()))
                        .toList();
            }

            @Override
            public boolean dismiss(String tenant, String id) {
                return chat.map(open -> open.dismiss(tenant, id)).orElse(false);
            }
        };
    }

    /** Where the service ends without {@link Drain}, as in dev mode; while the pools are alive. */
    void stop(@Observes @Priority(100) ShutdownEvent event) throws InterruptedException {
        end(grace);
    }

    /**
     * Nobody is let in any more, answers under way may come, all say goodbye. Blocks until then;
     * the second time it does nothing.
     *
     * @param patience how long answers may take
     * @throws InterruptedException if it was interrupted, which ends the patience
     */
    void end(Duration patience) throws InterruptedException {
        if (chat.isEmpty() || !ended.compareAndSet(false, true)) {
            return;
        }
        long deadline = System.nanoTime() + patience.toNanos();
        Thread plain =
                Thread.ofVirtual()
                        .name("process-pool-chat-end")
                        .start(() -> server.ifPresent(open -> open.close(patience)));
        try {
            chat.get().drain(patience);
            plain.join(Duration.ofNanos(Math.max(1, deadline + LATE - System.nanoTime())));
        } catch (InterruptedException hurry) {
            plain.interrupt();
            plain.join(Duration.ofNanos(LATE));
            throw hurry;
        } finally {
            chat.get().close();
        }
    }
}
