package org.processpool.rest;

/**
 * All that is said in problems, in each language, with gaps as {@link java.util.Formatter} has
 * them. The titles of problems are no phrases, as they stay the same for programs to see.
 */
enum Phrase {
    QUOTED("%s", "%s"),

    // requests
    NOTHING_HERE("there is nothing at %s", "%s 处没有任何资源"),
    PATH_HAS_METHODS("%s has %s", "%s 支持的方法为：%s"),
    ONLY_AS_JSON("this is there as JSON", "该资源仅以 JSON 格式提供"),
    ANSWERS_NONE_OF("'%s' answers none of: %s", "任务“%s”不提供以下任何一种格式的结果：%s"),
    UNREADABLE_BODY("cannot read a body of type %s", "无法读取类型为 %s 的请求体"),
    UNSUPPORTED_BODY("the body's media type is none of those supported", "不支持该请求体的媒体类型"),
    BODY_OVER_LIMIT("the body is over the limit of %,d bytes", "请求体超过了 %,d 字节的上限"),
    BODY_TOO_LARGE("the body is too large", "请求体过大"),
    NOT_UNDERSTOOD("the path, the query or a header cannot be understood", "无法理解请求的路径、查询参数或标头"),
    BLANK_BODY("the body is blank", "请求体是空白的"),
    MORE_AFTER_JSON("more follows after the JSON value", "JSON 值之后还有多余的内容"),
    NOT_JSON("%s", "不是合法的 JSON：%s"),
    HEADER_ONCE("header %s must be sent once, was sent %d times", "标头 %s 只能出现一次，实际出现了 %d 次"),
    IDEMPOTENCY_KEY(
            "header %s must be a string in quotes or a bare token of 1 to 255 visible characters",
            "标头 %s 应为带引号的字符串或不带引号的标记，长度为 1 到 255 个可见字符"),
    ENTITY_TAGS(
            "header %s must be * or a list of entity tags such as \"v1\", W/\"v2\"",
            "标头 %s 应为 *，或形如 \"v1\", W/\"v2\" 的实体标签列表"),
    OVER_QUOTA(
            "more than %,d requests in %d s; try again in %d s",
            "%2$d 秒内的请求超过了 %1$,d 个，请在 %3$d 秒后重试"),

    // what there is not
    NO_TASK("no worker offers a task '%s'", "没有工作进程提供任务“%s”"),
    NO_POOL("there is no pool '%s'", "没有名为“%s”的进程池"),
    NO_WORKER("pool '%s' has no worker '%s' now", "进程池“%s”目前没有工作进程“%s”"),
    NO_PROBLEM("there is no problem '%s'", "没有名为“%s”的问题类型"),
    NO_WORKER_READY("no worker was ready within %s", "%s 内没有工作进程就绪"),

    // calls
    WAIT_EXCEEDED("'%s' had not ended after %s and was cancelled", "任务“%s”在 %s 后仍未结束，已被取消"),
    RAN_TOO_LONG("ran longer than %s in worker %d", "在工作进程 %2$d 中的运行时间超过了 %1$s"),
    QUEUED_TOO_LONG(
            "waited longer than %s for a worker and was not started", "等待工作进程的时间超过了 %s，未曾开始运行"),
    WORKER_DIED("worker %d died%s", "工作进程 %d 已死亡%s"),
    WORKER_EXITED("worker %d died with exit code %d%s", "工作进程 %d 已死亡，退出码为 %d%s"),
    WORKER_GARBLED(
            "worker %d was killed because what it wrote was no message%s",
            "工作进程 %d 写出的内容不是合法消息，已被杀死%s"),
    WORKER_SILENT(
            "worker %d was killed because it did not answer the heartbeat%s",
            "工作进程 %d 没有回应心跳，已被杀死%s"),
    WORKER_KILLED("worker %d was killed on request%s", "工作进程 %d 已应请求被杀死%s"),
    OUT_OF_MEMORY("worker %d ran out of memory: %s", "工作进程 %d 内存耗尽：%s"),
    RESULT_NOT_CBOR(
            "the result of '%s' is not CBOR as its worker says", "任务“%s”的结果并不像其工作进程所说的那样是 CBOR"),
    CANCELLED_RUNNING("cancelled while it ran", "在运行中被取消"),
    CANCELLED_WAITING("cancelled before it started", "在开始之前被取消"),
    GIVEN_UP("the call was given up: %s", "调用已被放弃：%s"),
    QUEUE_FULL("%s", "进程池已满：%2$,d 个调用正在等待，上限为 %3$,d（%1$s）"),
    ARGUMENT_TOO_LARGE("%s", "参数有 %2$,d 字节，超过了 %3$,d 字节的上限（%1$s）"),
    POOL_CLOSED("%s", "进程池不再接受调用（%s）"),
    POOL_BROKEN("%s", "无法启动工作进程（%s）"),
    BUG("the service's log has it under error %s", "详情见服务日志，错误编号为 %s"),

    // arguments
    MISFIT("the input does not fit '%s': %s", "输入不符合任务“%s”的要求：%s"),
    AT("at %s: %s", "在 %s 处：%s"),
    MUST_BE("must be %s, was %s", "应为%s，实际为%s"),
    MUST_BE_ONE_OF("must be one of %s, was %s", "应为以下值之一：%s，实际为%s"),
    AT_LEAST("must be at least %s, was %s", "不得小于 %s，实际为%s"),
    AT_MOST("must be at most %s, was %s", "不得大于 %s，实际为%s"),
    MEMBER_MISSING("member \"%s\" is missing", "缺少成员“%s”"),
    MEMBER_UNKNOWN("is unknown", "未知的成员"),
    MEMBER_UNKNOWN_BUT("is unknown; there are: %s", "未知的成员；可用的成员有：%s"),
    MEMBER_TWICE("is given by position and by name", "同时按位置和按名称给出"),
    POSITIONAL_AND_NAMED(
            "the task takes no named arguments besides positional ones", "该任务不能同时接受位置参数和命名参数"),
    ELEMENTS_AT_LEAST("must have at least %s elements, had %d", "至少应有 %s 个元素，实际有 %d 个"),
    ELEMENTS_AT_MOST("must have at most %s elements, had %d", "至多应有 %s 个元素，实际有 %d 个"),
    ONE_CHARACTER("must have exactly one character, was %s", "应恰好为一个字符，实际为%s"),
    BASE64("must be bytes in base64", "应为 base64 编码的字节"),
    OF_FORMAT("must be a %s, was %s", "应符合 %s 格式，实际为%s"),

    // kinds of JSON values
    AN_OBJECT("an object", "对象"),
    AN_ARRAY("an array", "数组"),
    A_STRING("a string", "字符串"),
    A_NUMBER("a number", "数字"),
    AN_INTEGER("an integer", "整数"),
    A_TRUTH("true or false", "布尔值（true 或 false）"),
    A_NULL("null", " null"),
    THE_STRING("the string \"%s\"", "字符串“%s”"),
    THE_VALUE("%s", " %s");

    private final String english;
    private final String chinese;

    Phrase(String english, String chinese) {
        this.english = english;
        this.chinese = chinese;
    }

    /** The words, with gaps. */
    String in(Language language) {
        return switch (language) {
            case ENGLISH -> english;
            case CHINESE -> chinese;
        };
    }
}
