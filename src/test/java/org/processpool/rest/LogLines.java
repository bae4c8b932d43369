package org.processpool.rest;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged below a name while it is open: level, text and exception of each line. */
final class LogLines extends Handler {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger;

    LogLines(String name) {
        logger = Logger.getLogger(name);
        logger.addHandler(this);
    }

    List<String> lines() {
        return lines;
    }

    @Override
    public void publish(LogRecord line) {
        lines.add("%s %s %s".formatted(line.getLevel(), line.getMessage(), line.getThrown()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
