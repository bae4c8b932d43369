package org.processpool.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.ExpressionSnippet;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.MethodSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.TypeDeclSnippet;
import jdk.jshell.UnresolvedReferenceException;
import jdk.jshell.VarSnippet;
import org.jspecify.annotations.Nullable;

/** What {@code jshell} says of a snippet it has evaluated. */
final class ShellWords {

    private static final int LONGEST_VALUE = 1000;
    private static final int MOST_FRAMES = 20;
    private static final int MOST_CAUSES = 10;

    private final JShell shell;

    ShellWords(JShell shell) {
        this.shell = shell;
    }

    /** One text, of a line or more, for each thing there is to say. */
    List<String> of(SnippetEvent event) {
        Snippet snippet = event.snippet();
        List<Diag> diagnostics = shell.diagnostics(snippet).toList();
        List<String> words = new ArrayList<>();
        boolean waits = event.status().isActive() && event.status() != Snippet.Status.VALID;
        for (Diag each : diagnostics) {
            if (!waits || !each.isError()) {
                words.add(
                        (each.isError() ? "|  Error:\n" : "|  Warning:\n")
                                + diagnostic(each, snippet));
            }
        }
        if (event.status() == Snippet.Status.REJECTED) {
            if (words.isEmpty()) {
                words.add("|  Failed.");
            }
        } else if (event.exception() != null) {
            words.add(exception(event.exception()));
        } else {
            String result = result(event, diagnostics);
            if (!result.isEmpty()) {
                words.add(result);
            }
        }
        return words;
    }

    // Results

    private String result(SnippetEvent event, List<Diag> diagnostics) {
        return switch (event.snippet()) {
            case VarSnippet variable when event.status() == Snippet.Status.VALID ->
                    value(variable.name(), event.value());
            case VarSnippet variable ->
                    "|  "
                            + action(event)
                            + " variable "
                            + variable.name()
                            + until(event, variable, diagnostics);
            case ExpressionSnippet expression -> value(expression.name(), event.value());
            case MethodSnippet method ->
                    "|  " + action(event) + " " + name(method) + until(event, method, diagnostics);
            case TypeDeclSnippet type ->
                    "|  " + action(event) + " " + name(type) + until(event, type, diagnostics);
            default -> ""; // statements and imports
        };
    }

    private static String value(String name, @Nullable String value) {
        return name + " ==> " + (value == null ? "" : shortened(value));
    }

    private static String shortened(String value) {
        if (value.length() <= LONGEST_VALUE) {
            return value;
        }
        String gap = " ... ";
        int end = LONGEST_VALUE / 3;
        return value.substring(0, LONGEST_VALUE - gap.length() - end)
                + gap
                + value.substring(value.length() - end);
    }

    private static String action(SnippetEvent event) {
        if (!event.previousStatus().isActive()) {
            return "created";
        }
        return event.isSignatureChange() ? "replaced" : "modified";
    }

    private static String name(DeclarationSnippet declared) {
        return switch (declared) {
            case MethodSnippet method ->
                    "method %s(%s)".formatted(method.name(), method.parameterTypes());
            case TypeDeclSnippet type -> kind(type) + " " + type.name();
            default -> declared.name();
        };
    }

    private static String kind(TypeDeclSnippet type) {
        return switch (type.subKind()) {
            case ANNOTATION_TYPE_SUBKIND -> "annotation interface";
            case INTERFACE_SUBKIND -> "interface";
            case ENUM_SUBKIND -> "enum";
            case RECORD_SUBKIND -> "record";
            default -> "class";
        };
    }

    /** What a declaration still lacks before it can be used. */
    private String until(SnippetEvent event, DeclarationSnippet declared, List<Diag> diagnostics) {
        return switch (event.status()) {
            case RECOVERABLE_DEFINED ->
                    ", however, " + cannot(declared) + " until" + lacks(declared, diagnostics);
            case RECOVERABLE_NOT_DEFINED ->
                    ", however, it cannot be referenced until" + lacks(declared, diagnostics);
            default -> "";
        };
    }

    private static String cannot(DeclarationSnippet declared) {
        return switch (declared.subKind()) {
            case METHOD_SUBKIND -> "it cannot be invoked";
            case INTERFACE_SUBKIND -> "its methods cannot be invoked";
            case ENUM_SUBKIND, ANNOTATION_TYPE_SUBKIND -> "it cannot be used";
            default -> "it cannot be instantiated or its methods invoked";
        };
    }

    private String lacks(DeclarationSnippet declared, List<Diag> diagnostics) {
        List<String> undeclared = shell.unresolvedDependencies(declared).toList();
        List<Diag> errors = diagnostics.stream().filter(Diag::isError).toList();
        StringBuilder words = new StringBuilder();
        if (!undeclared.isEmpty()) {
            words.append(' ')
                    .append(listed(undeclared))
                    .append(undeclared.size() == 1 ? " is declared" : " are declared");
        }
        if (!errors.isEmpty()) {
            words.append(undeclared.isEmpty() ? "" : " and")
                    .append(
                            errors.size() == 1
                                    ? " this error is corrected:"
                                    : " these errors are corrected:");
            for (Diag error : errors) {
                words.append('\n')
                        .append(
                                diagnostic(error, declared)
                                        .lines()
                                        .map(line -> "|  " + line.substring(1))
                                        .collect(Collectors.joining("\n")));
            }
        }
        return words.toString();
    }

    private static String listed(List<String> names) {
        int last = names.size() - 1;
        return last == 0
                ? names.getFirst()
                : String.join(", ", names.subList(0, last)) + ", and " + names.get(last);
    }

    // Diagnostics

    /** The message, then the line it is about with its place marked. */
    private static String diagnostic(Diag diagnostic, Snippet snippet) {
        String source = snippet.source();
        StringBuilder words = new StringBuilder();
        diagnostic
                .getMessage(Locale.ENGLISH)
                .lines()
                .filter(line -> !line.strip().startsWith("location:"))
                .forEach(line -> words.append("|  ").append(line).append('\n'));
        int start = Math.clamp(diagnostic.getStartPosition(), 0, source.length());
        int end = Math.clamp(diagnostic.getEndPosition(), start, source.length());
        int lineStart = start == 0 ? 0 : source.lastIndexOf('\n', start - 1) + 1;
        int newline = source.indexOf('\n', start);
        int lineEnd = newline < 0 ? source.length() : newline;
        words.append("|  ").append(source, lineStart, lineEnd).append('\n');
        words.append("|  ").append(" ".repeat(start - lineStart)).append('^');
        boolean goesOn = end > lineEnd;
        int length = (goesOn ? lineEnd : end) - start;
        if (length > 1) {
            words.append("-".repeat(length - 2)).append(goesOn ? "-..." : "^");
        }
        return words.toString();
    }

    // Exceptions

    private String exception(JShellException thrown) {
        return switch (thrown) {
            case EvalException evaluated -> exception(evaluated);
            case UnresolvedReferenceException unresolved -> unresolved(unresolved);
            default -> "|  Failed: " + thrown.getMessage();
        };
    }

    private String unresolved(UnresolvedReferenceException thrown) {
        DeclarationSnippet declared = thrown.getSnippet();
        List<Diag> diagnostics = shell.diagnostics(declared).toList();
        String attempt =
                declared instanceof MethodSnippet
                        ? "|  attempted to call %s which cannot be invoked until"
                        : "|  attempted to use %s which cannot be instantiated or its methods"
                                + " invoked until";
        return attempt.formatted(name(declared)) + lacks(declared, diagnostics);
    }

    private String exception(EvalException thrown) {
        StringBuilder words = new StringBuilder("|  Exception ");
        StackTraceElement[] outer = new StackTraceElement[0];
        Throwable at = thrown;
        for (int depth = 0; at != null && depth < MOST_CAUSES; depth++, at = at.getCause()) {
            if (depth > 0) {
                words.append("\n|  Caused by: ");
            }
            switch (at) {
                case EvalException evaluated -> head(evaluated, words);
                case UnresolvedReferenceException unresolved ->
                        words.append(unresolved(unresolved).substring("|  ".length()));
                default -> words.append(at);
            }
            frames(at.getStackTrace(), outer, words);
            outer = at.getStackTrace();
        }
        return words.toString();
    }

    private static void head(EvalException thrown, StringBuilder words) {
        words.append(thrown.getExceptionClassName());
        String message = thrown.getMessage();
        if (message != null) {
            words.append(": ")
                    .append(shortened(message).lines().collect(Collectors.joining("\n|  ")));
        }
    }

    private static void frames(
            StackTraceElement[] frames, StackTraceElement[] outer, StringBuilder words) {
        int own = frames.length;
        for (int back = 1;
                back <= Math.min(frames.length, outer.length)
                        && frames[frames.length - back].equals(outer[outer.length - back]);
                back++) {
            own--;
        }
        for (int i = 0; i < own && i < MOST_FRAMES; i++) {
            words.append("\n|        at ").append(frame(frames[i]));
        }
        if (own < frames.length || own > MOST_FRAMES) {
            words.append("\n|        ...");
        }
    }

    private static String frame(StackTraceElement frame) {
        String type = frame.getClassName();
        String method = type.substring(type.lastIndexOf('.') + 1);
        method += (method.isEmpty() ? "" : ".") + frame.getMethodName();
        String file = Objects.requireNonNullElse(frame.getFileName(), "Unknown Source");
        String place = frame.getLineNumber() < 0 ? file : file + ":" + frame.getLineNumber();
        return method.isEmpty() || method.equals(".")
                ? "(" + place + ")"
                : method + " (" + place + ")";
    }
}
