package org.processpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Payload;
import org.processpool.wire.Codec;
import org.processpool.wire.Message;
import org.processpool.wire.Message.Define;
import org.processpool.wire.Message.Hello;
import org.processpool.wire.Message.Run;
import org.processpool.wire.Message.Stop;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;
import org.processpool.wire.StreamChannel;
import org.processpool.wire.Target;

/** An inline worker and the parent's end of its channel. */
final class WorkerInThread implements AutoCloseable {

    static final int MAX_PAYLOAD = 1 << 20;

    private final BytePipe orders = new BytePipe();
    private final BytePipe answers = new BytePipe();
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    private final Map<String, Integer> targets = new HashMap<>();
    final StreamChannel<ToWorker, ToParent> channel =
            StreamChannel.parentSide(answers.in(), orders.out(), MAX_PAYLOAD);

    /** Starts it without a greeting. */
    WorkerInThread(@Nullable ClassLoader loader) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                new InlineWorker().serve(orders.in(), answers.out());
                                ended.complete(null);
                            } catch (Throwable thrown) {
                                ended.completeExceptionally(thrown);
                            }
                        },
                        "worker-under-test");
        if (loader != null) {
            thread.setContextClassLoader(loader);
        }
        thread.setDaemon(true);
        thread.start();
    }

    static WorkerInThread ready() throws IOException {
        return ready(null);
    }

    static WorkerInThread ready(@Nullable ClassLoader loader) throws IOException {
        var worker = new WorkerInThread(loader);
        worker.send(hello(null, null));
        assertThat(worker.hear()).isInstanceOf(Message.Ready.class);
        return worker;
    }

    static Hello hello(@Nullable Target initializer, @Nullable Payload arguments) {
        return new Hello(Message.PROTOCOL, MAX_PAYLOAD, 20_000, false, initializer, arguments);
    }

    /** A method of {@link Deeds}. */
    static Target.Method deed(String name) {
        for (Method method : Deeds.class.getDeclaredMethods()) {
            if (method.getName().equals(name)) {
                return new Target.Method(
                        Deeds.class.getName(),
                        name,
                        java.lang.invoke.MethodType.methodType(
                                        method.getReturnType(), method.getParameterTypes())
                                .descriptorString(),
                        Target.Kind.STATIC);
            }
        }
        throw new AssertionError(name);
    }

    /** The number of a target, which is defined at first use. */
    int number(Target target) throws IOException {
        Integer known = targets.get(target.toString());
        if (known == null) {
            known = targets.size() + 1;
            targets.put(target.toString(), known);
            send(new Define(known, target));
        }
        return known;
    }

    void send(ToWorker... messages) throws IOException {
        channel.send(List.of(messages));
    }

    /** Sends a call of a method without or with one argument. */
    void run(long callId, String deed, @Nullable Object... argument) throws IOException {
        boolean none = argument.length == 0;
        Payload input = none ? Codec.encodeArguments(List.of()) : Codec.encode(argument[0]);
        send(new Run(callId, number(deed(deed)), 1, none, input));
    }

    /** The next answer; fails after a while without one. */
    ToParent hear() {
        try {
            ToParent answer =
                    CompletableFuture.supplyAsync(
                                    () -> {
                                        try {
                                            return channel.receive();
                                        } catch (IOException torn) {
                                            throw new AssertionError(torn);
                                        }
                                    })
                            .get(20, TimeUnit.SECONDS);
            assertThat(answer).isNotNull();
            return answer;
        } catch (Exception late) {
            throw new AssertionError("no answer", late);
        }
    }

    <M extends ToParent> M hear(Class<M> type) {
        ToParent answer = hear();
        assertThat(answer).isInstanceOf(type);
        return type.cast(answer);
    }

    /** Everything up to and with the first answer of a kind. */
    List<ToParent> hearUntil(Class<? extends ToParent> type) {
        List<ToParent> heard = new ArrayList<>();
        do {
            heard.add(hear());
        } while (!type.isInstance(heard.getLast()));
        return heard;
    }

    /** The result of the next answer. */
    @Nullable Object result() {
        return Codec.decode(hear(Message.Done.class).output(), Object.class);
    }

    void hangUp() throws IOException {
        orders.out().close();
    }

    /** Waits until the loop has returned; throws what it threw. */
    void awaitEnd() throws Exception {
        ended.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        Deeds.gate.release(1000);
        send(new Stop());
        hangUp();
    }
}
