package org.processpool.quarkus;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What the outside says about the chat. How many workers it has is said of its pool, such as {@code
 * process-pool.pools.chat.processes}.
 */
@ConfigMapping(prefix = "process-pool.chat")
public interface ChatSettings {

    /** Whether there is a chat at all; default true. */
    @WithDefault("true")
    boolean enabled();

    /** The pool whose workers are talked to; default {@code chat}, with 5 processes. */
    @WithDefault("chat")
    String pool();

    /** The conversations that can be had, the default first; default {@code talk}. */
    @WithDefault("talk")
    List<String> conversations();

    /**
     * Those of them whose reply takes the place of what was said, instead of being said after it;
     * default {@code talk}.
     */
    @WithDefault("talk")
    Set<String> relays();

    /**
     * Whether everybody who can connect may also run any Java code in a worker: adds the
     * conversation {@code jshell}. That is remote code execution by design, bounded only by what
     * the pool's workers may do; set the pool's {@code sandbox}, too. Default false.
     */
    @WithDefault("false")
    boolean jshell();

    /** Most who may wait for a worker, at least 1; one more is told to come back later (1013). */
    @WithDefault("1000")
    int maxWaiting();

    /**
     * Most WebSockets at once, at least 1; one more is answered with 503. Also the most TCP
     * connections where clients have to say who they are; one more is closed.
     */
    @WithDefault("10000")
    int maxConnections();

    /** Most members of a room, at least 1. */
    @WithDefault("500")
    int maxMembers();

    /** Most rooms, at least 1; empty ones make place. */
    @WithDefault("1000")
    int maxRooms();

    /** Most characters (code points) of a message, 1 to 16,000. */
    @WithDefault("2000")
    int messageLimit();

    /** Messages a minute of one member; more are refused. 0 is no limit. */
    @WithDefault("60")
    int messagesPerMinute();

    /**
     * Whatever one client sends, per second on average; who sends more is cut off (4029). 0 is no
     * limit.
     */
    @WithDefault("20")
    int framesPerSecond();

    /** How long a client may take to say hello; positive. */
    @WithDefault("5s")
    Duration helloTimeout();

    /** How long somebody who has a worker may be silent; over a minute, told a minute before. */
    @WithDefault("10m")
    Duration idleTimeout();

    /** How long a member whose connection broke may stay away and go on; 0 s is not at all. */
    @WithDefault("60s")
    Duration resumeGrace();

    /** Longest answer of a worker before it is killed; 0 s is no limit. */
    @WithDefault("30s")
    Duration turnTimeout();

    /** Bytes that may wait for a client that reads slowly before it is cut off; 256K to 1G. */
    @WithDefault("1M")
    MemorySize maxUnsent();

    /** The plain TCP server. */
    Tcp tcp();

    /** The plain TCP server: it echoes bytes, through a worker. */
    interface Tcp {

        /** Where it listens; 0 is nowhere. Default 8001. */
        @WithDefault("8001")
        int port();

        /**
         * On which address; default 127.0.0.1. If clients have to say who they are to the service,
         * they have to here, in a first line {@code AUTH} and a token or ticket.
         */
        @WithDefault("127.0.0.1")
        String host();

        /** What it talks to: a conversation that takes and gives bytes. Default {@code talk}. */
        @WithDefault("talk")
        String conversation();

        /** How long a client may leave what it is sent unread; positive. */
        @WithDefault("30s")
        Duration writeTimeout();
    }
}
