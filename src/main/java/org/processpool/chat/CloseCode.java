package org.processpool.chat;

/**
 * Why a WebSocket is closed (RFC 6455, 7.4). A client should connect again after 1001, 1006, 1011,
 * 1012 and 1013, and after no other.
 */
enum CloseCode {
    BYE(1000),
    BINARY(1003),
    POLICY(1008),
    RESTART(1012),
    LINE_FULL(1013),
    BAD_FRAMES(4000),
    NO_HELLO(4001),
    IDLE(4008),
    FLOODING(4029),
    OPENED_ELSEWHERE(4090),
    OPERATOR(4403);

    private final int number;

    CloseCode(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
