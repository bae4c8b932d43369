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
    NOT_UTF_8("this is not UTF-8", "不是合法的 UTF-8"),
    BODY_CUT("the body was cut off", "请求体被截断"),
    CLIENT_GONE("the client has gone", "客户端已离开"),
    LINE_OVER_LIMIT("line %,d is over the limit of %,d bytes", "第 %,d 行超过了 %,d 字节的上限"),
    ITEM_OVER_LIMIT(
            "the item at index %,d is over the limit of %,d bytes", "索引为 %,d 的项超过了 %,d 字节的上限"),
    LINE_NOT_JSON("line %,d is not one JSON value: %s", "第 %,d 行不是一个 JSON 值：%s"),
    NO_ARRAY_OF_ITEMS("the body must be an array of items", "请求体应为由各项组成的数组"),
    ARRAY_HAS_NO_END("the array has no end", "数组没有结尾"),
    MORE_AFTER_ARRAY("more follows after the array", "数组之后还有多余的内容"),
    ITEM_MISSING("an item is missing before '%c'", "“%c”之前缺少一项"),
    ANSWERS_WITH_STREAM("'%s:map' answers with a stream, not with %s", "“%s:map”以流的形式应答，而不是 %s"),
    MORE_AFTER_JSON("more follows after the JSON value", "JSON 值之后还有多余的内容"),
    NOT_JSON("%s", "不是合法的 JSON：%s"),
    HEADER_ONCE("header %s must be sent once, was sent %d times", "标头 %s 只能出现一次，实际出现了 %d 次"),
    IDEMPOTENCY_KEY(
            "header %s must be a string in quotes or a bare token of 1 to 255 visible characters",
            "标头 %s 应为带引号的字符串或不带引号的标记，长度为 1 到 255 个可见字符"),
    ONLY_AS_TEXT(
            "threads are there as text/plain, and not as any of: %s",
            "线程信息仅以 text/plain 格式提供，而非以下任何一种：%s"),
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
    NO_CHATTER("nobody in the chat has the id '%s'", "聊天中没有 id 为“%s”的人"),
    NO_PROBLEM("there is no problem '%s'", "没有名为“%s”的问题类型"),
    NO_WORKER_READY("no worker was ready within %s", "%s 内没有工作进程就绪"),

    // operating
    READ_ONLY(
            "this service can only be looked at and called: process-pool.read-only is true",
            "该服务只能查看和调用：process-pool.read-only 为 true"),
    NO_TOKEN("send a token: Authorization: Bearer …", "请发送令牌：Authorization: Bearer …"),
    BAD_TOKEN("the token is not known here, or is not good any more", "该令牌在此无效，或已经失效"),
    BAD_TICKET(
            "the ticket was used before, is older than %d s, or never was one",
            "该票据已被使用、已超过 %d 秒，或从未有效"),
    NEEDS_ROLE("this takes the role %s; %s has %s", "此操作需要角色 %s；%s 的角色是 %s"),
    HAS_NO_ROLE(
            "this takes the role %s; %s has none of read, submit, operate",
            "此操作需要角色 %s；%s 没有 read、submit、operate 中的任何角色"),
    FOREIGN_PAGE("pages of another origin may do nothing here", "其他来源的网页不能在此进行任何操作"),
    NOT_OUR_NAME("the service does not answer to this name", "该服务不接受以此名称发来的请求"),
    CLOSED("pool '%s' is closed", "进程池“%s”已关闭"),
    CHANGED_SINCE("pool '%s' has changed since it was looked at", "进程池“%s”在查看之后已发生变化"),
    SILENT("worker '%s' did not answer within %s", "工作进程“%s”在 %s 内没有应答"),
    OVER_SIZE("must not be over the pool's size", "不得大于进程池的大小（size）"),

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
    RESULT_NOT_CBOR("the result is not CBOR as its worker says", "结果并不像其工作进程所说的那样是 CBOR"),
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
    THE_VALUE("%s", " %s"),
    A_BOOLEAN("a boolean", "布尔值"),
    A_URL_OR_OBJECT("a URL or an object", "URL 或对象"),

    // jobs
    NO_JOB("there is no job '%s'; it may have been deleted or be too old", "没有作业“%s”；它可能已被删除或早已过期"),
    NO_MAP("job '%s' is no map", "作业“%s”不是 map"),
    NO_DELIVERY("job '%s' has no delivery %d", "作业“%s”没有编号为 %d 的投递"),
    NOT_ENDED_TO_RETRY(
            "the job is %s; only one that has ended can be tried again", "作业的状态为 %s；只有已结束的作业才能重试"),
    NOT_ENDED_TO_DELETE(
            "the job is %s; only one that has ended can be deleted", "作业的状态为 %s；只有已结束的作业才能删除"),
    RESULT_EXPIRED("the result was kept until its time was up", "结果的保留时间已到，已被删除"),
    WAS_CANCELLED("the job was cancelled", "作业已被取消"),
    MAP_FORMATS("the result of a map is there as an array or as lines", "map 的结果以数组或逐行的形式提供"),
    TOO_MANY_ITEMS("a stored map has at most %,d items", "存储的 map 最多可有 %,d 项"),
    STILL_UNDER_WAY("the request with this key is still under way", "使用此键的请求仍在处理中"),
    KEPT_ON_WAITING("the job had not ended after %s; it goes on", "作业在 %s 后仍未结束，它会继续运行"),
    KEY_REUSED("%s", "该幂等键已用于另一个请求（%s）"),
    JOBS_QUEUED("%s", "排队的作业已达上限（%s）"),
    SERVICE_ENDS("the service is about to end and takes no more requests", "服务即将结束，不再接受请求"),
    DRAINING("%s", "服务即将结束，不再接受作业（%s）"),
    STORE_FULL("the store has no room for more: %s", "存储空间不足：%s"),
    STORE_DOWN("the store cannot be reached now: %s", "目前无法访问存储：%s"),
    LOST(
            "the service ended while the job ran, and it is not to be run again",
            "作业运行期间服务终止，且该作业不应再次运行"),
    POOL_GONE("the service has no pool '%s' any more", "服务已不再有进程池“%s”"),
    PAGE_TOKEN(
            "pageToken is none that was given with these filters; begin again without it",
            "pageToken 并非在这些筛选条件下给出的；请去掉它重新开始"),

    CALLBACK_REFUSED("%s", "不允许这个回调（%s）"),

    // members and parameters
    THE_BODY("the body %s", "请求体%s"),
    PLACE("%s %s", "%s %s"),
    REQUIRED("is required", "是必需的"),
    TWICE("is there twice", "出现了两次"),
    NOT_TEXT("has characters that no text has", "含有不合法的字符"),
    REQUIRED_FOR_MAP("is required for a map", "对 map 是必需的"),
    ONLY_FOR_MAP("belongs to a map", "仅用于 map"),
    NOT_FOR_MAP("belongs to an apply; a map has items", "仅用于 apply；map 使用 items"),
    DID_YOU_MEAN("is unknown; did you mean '%s'?", "未知；您是否想写“%s”？"),
    UNKNOWN("is unknown", "未知"),
    FROM_TO("must be an integer from %d to %d, was %s", "应为 %d 到 %d 之间的整数，实际为 %s"),
    INTEGER_FROM("must be an integer of at least %d, was %s", "应为不小于 %d 的整数，实际为 %s"),
    AMONG("must be %s, was '%s'", "应为 %s，实际为“%s”"),
    AT_MOST_CHARACTERS("must have at most %d characters", "最多 %d 个字符"),
    AT_MOST_MEMBERS("must have at most %d members", "最多 %d 个成员"),
    LABEL_NAME("a label's name has 1 to %d characters and no colon", "标签名应为 1 到 %d 个字符且不含冒号"),
    LABEL_FILTER("must be name:value, was '%s'", "应为 name:value 的形式，实际为“%s”"),
    ONE_EVENT("must name at least one event", "至少应包含一个事件"),
    A_TIME(
            "must be a time such as 2026-01-31T12:00:00Z, was '%s'",
            "应为形如 2026-01-31T12:00:00Z 的时间，实际为“%s”"),
    CHUNK_TOO_SMALL(
            "must be at least %d for %,d items, as a map has at most %,d chunks",
            "%2$,d 项至少应为 %1$d，因为一个 map 最多有 %3$,d 块");

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
