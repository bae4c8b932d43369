package org.processpool.chat;

/** What can be wrong with something that a client asks for. Titles stay the same for programs. */
enum Slug {
    BAD_MESSAGE("bad-message", "Bad message"),
    NICK_TAKEN("nick-taken", "Nick taken"),
    INVALID_NICK("invalid-nick", "Invalid nick"),
    INVALID_ROOM("invalid-room", "Invalid room"),
    TOO_LONG("too-long", "Message too long"),
    RATE_LIMITED("rate-limited", "Too many messages"),
    ROOM_FULL("room-full", "Room full"),
    BUSY("busy", "Busy"),
    TURN_FAILED("turn-failed", "No answer"),
    UNKNOWN_CONVERSATION("unknown-conversation", "Unknown conversation"),
    NOT_FOUND("not-found", "Not found");

    private final String slug;
    private final String title;

    Slug(String slug, String title) {
        this.slug = slug;
        this.title = title;
    }

    /** The problem, in words. */
    ChatFrame.Trouble says(String detail) {
        return new ChatFrame.Trouble("/problems/" + slug, title, Texts.cut(detail, 500), null);
    }

    /** The problem, and when to try again. */
    ChatFrame.Trouble says(String detail, long retryAfterMillis) {
        return new ChatFrame.Trouble(
                "/problems/" + slug, title, Texts.cut(detail, 500), retryAfterMillis);
    }
}
