package org.processpool.rest;

import java.util.List;

/** The chat, as far as operators have to do with it. */
public interface Chats {

    /**
     * Somebody in the chat.
     *
     * @param id what others know it by
     * @param nick its name
     * @param state talking, waiting, reading or away
     */
    record Chatter(String id, String nick, String state) {}

    /** Everybody of a tenant in the chat, in the order of names. */
    List<Chatter> chatters(String tenant);

    /**
     * Sends somebody away for good.
     *
     * @return whether it was there, and is of that tenant
     */
    boolean dismiss(String tenant, String id);
}
