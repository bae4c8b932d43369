package org.processpool.chat;

import java.util.Locale;

/** All that the chat says itself, in each language, with gaps as {@link java.util.Formatter}'s. */
enum Words {
    // lines of the plain subprotocol
    HERE("you are %s in %s (%d here)", "你是 %s，在房间 %s（共 %d 人）"),
    HINT("/help lists the commands", "输入 /help 查看命令"),
    JOINED("%s joined (%d here)", "%s 加入了（共 %d 人）"),
    LEFT("%s left (%d here)", "%s 离开了（共 %d 人）"),
    RENAMED("%s is now %s", "%s 改名为 %s"),
    PLACE("you are %s in line, %d of %d workers busy", "你排在第 %s 位，%d/%d 个工作进程正忙"),
    YOURS("worker %d is yours", "工作进程 %d 为你服务"),
    WHO("here: %s", "在场：%s"),
    ROOMS("rooms: %s", "房间：%s"),
    NO_MESSAGES("nothing was said here yet", "这里还没有人说话"),
    RESTARTS("the service restarts; come back in a moment", "服务正在重启，请稍后再来"),
    HELP(
            "/nick NAME, /who, /rooms, /join ROOM, /leave, /cancel, /quit; all else is said",
            "/nick 名字、/who、/rooms、/join 房间、/leave、/cancel、/quit；其余内容均作为发言"),
    NO_COMMAND("there is no command %s; /help lists them", "没有命令 %s；输入 /help 查看"),
    NEEDS_NAME("%s needs a name", "%s 后面需要一个名字"),

    // the worker
    CRASHED("worker %d died; a new one takes over", "工作进程 %d 已死亡，新的进程将接替"),
    RAN_TOO_LONG(
            "worker %d was ended because its answer took longer than %s; a new one takes over",
            "工作进程 %d 的回答超过了 %s，已被终止，新的进程将接替"),
    TOO_LONG_STOPPED("the answer took longer than %s and was stopped", "回答超过了 %s，已被停止"),
    OUT_OF_MEMORY("worker %d ran out of memory; a new one takes over", "工作进程 %d 内存耗尽，新的进程将接替"),
    RECYCLED("worker %d was replaced; a new one takes over", "工作进程 %d 已被更换，新的进程将接替"),
    STOPPED("the answer was stopped", "回答已停止"),
    STOPPED_HARD(
            "the answer was stopped together with worker %d; a new one takes over",
            "回答已随工作进程 %d 一起终止，新的进程将接替"),
    FORGOTTEN("the new worker does not remember what was said before", "新的工作进程不记得之前的内容"),
    FRESH("the earlier session is over; this is a new one", "之前的会话已结束，这是一个新会话"),
    IDLE_SOON("the connection will be closed in %d s if nothing is said", "如果继续没有发言，连接将在 %d 秒后关闭"),

    // what is refused
    BAD_FRAME("this is no message of the protocol: %s", "这不是协议中的消息：%s"),
    SAID_TWICE("hello was said already", "已经发送过 hello"),
    EMPTY("a message must not be empty", "消息不能为空"),
    NOT_TEXT("the message has characters that no text has", "消息包含不合法的字符"),
    TOO_LONG("a message has at most %,d characters, this one has %,d", "一条消息最多 %,d 个字符，这条有 %,d 个"),
    BAD_REF("ref must have 1 to %d visible characters", "ref 应为 1 到 %d 个可见字符"),
    BAD_NICK(
            "a nick has 1 to %d characters, and none that cannot be seen or that turn the direction of"
                    + " writing",
            "昵称为 1 到 %d 个字符，且不能包含不可见字符或改变书写方向的字符"),
    NICK_TAKEN("the nick %s is taken; you are %s", "昵称 %s 已被占用；你是 %s"),
    BAD_ROOM(
            "a room's name has 1 to %d letters, digits, dashes and underscores",
            "房间名为 1 到 %d 个字母、数字、连字符或下划线"),
    ROOM_FULL("room %s is full: %d are in it", "房间 %s 已满：已有 %d 人"),
    TOO_MANY_ROOMS("there are %d rooms, and no more can be opened", "已有 %d 个房间，不能再开新的"),
    NOT_IN_ROOM("you are not in room %s", "你不在房间 %s 中"),
    TOO_MANY_MESSAGES(
            "more than %d messages a minute; try again in %d s", "每分钟超过了 %d 条消息，请在 %d 秒后重试"),
    STILL_BUSY("%d messages wait for their answer already", "已有 %d 条消息在等待回答"),
    GAVE_UP("you gave up your place in line, so this was not said", "你已放弃排队，因此这条消息没有发送"),
    LINE_FULL("too many wait for a worker; try again later", "等待工作进程的人太多，请稍后再试"),
    NO_WORKERS("no worker can be had now; try again later", "目前没有可用的工作进程，请稍后再试"),
    TURN_FAILED("the worker could not answer: %s", "工作进程无法回答：%s"),
    NO_CONVERSATION("there is no conversation %s; there are: %s", "没有会话 %s；可用的有：%s");

    private final String english;
    private final String chinese;

    Words(String english, String chinese) {
        this.english = english;
        this.chinese = chinese;
    }

    /** The words in a language, their gaps filled. */
    String in(Tongue tongue, Object... gaps) {
        String words =
                switch (tongue) {
                    case ENGLISH -> english;
                    case CHINESE -> chinese;
                };
        return String.format(Locale.ROOT, words, gaps);
    }

    /** {@code 1st}, {@code 2nd}, {@code 3rd}, {@code 11th} … */
    static String ordinal(int number, Tongue tongue) {
        if (tongue == Tongue.CHINESE) {
            return Integer.toString(number);
        }
        int lastTwo = number % 100;
        String ending =
                lastTwo >= 11 && lastTwo <= 13
                        ? "th"
                        : switch (number % 10) {
                            case 1 -> "st";
                            case 2 -> "nd";
                            case 3 -> "rd";
                            default -> "th";
                        };
        return number + ending;
    }
}
