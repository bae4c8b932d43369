package org.processpool.chat;

/**
 * A member of the chat, as an operator sees it.
 *
 * @param id what others know it by
 * @param nick its name
 * @param state talking, waiting, reading or away
 */
public record Guest(String id, String nick, String state) {}
