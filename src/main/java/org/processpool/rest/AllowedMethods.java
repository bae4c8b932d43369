package org.processpool.rest;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which methods a path has, for the header {@code Allow} that Quarkus leaves out of a 405. */
final class AllowedMethods {

    private static final List<Class<?>> RESOURCES =
            List.of(
                    HomeResource.class,
                    TaskResource.class,
                    MapResource.class,
                    PoolResource.class,
                    WorkerResource.class,
                    StatsResource.class,
                    ChatResource.class,
                    JobResource.class,
                    EventResource.class,
                    ProblemResource.class);

    private static final Pattern VARIABLE =
            Pattern.compile("\\{\\w+(?::((?:[^{}]|\\{[^{}]*})+))?}");

    private static final List<Route> ROUTES = routes();

    private record Route(Pattern path, String method) {}

    private AllowedMethods() {}

    /**
     * The methods of a path, sorted; empty if there is no such path.
     *
     * @param path as it was sent, not decoded
     */
    static List<String> at(String path) {
        Set<String> methods = new TreeSet<>();
        for (Route route : ROUTES) {
            if (route.path().matcher(path).matches()) {
                methods.add(route.method());
            }
        }
        if (methods.contains(HttpMethod.GET)) {
            methods.add(HttpMethod.HEAD);
        }
        if (!methods.isEmpty()) {
            methods.add(HttpMethod.OPTIONS);
        }
        return List.copyOf(methods);
    }

    private static List<Route> routes() {
        var routes = new ArrayList<Route>();
        for (Class<?> resource : RESOURCES) {
            for (Method method : resource.getDeclaredMethods()) {
                for (Annotation annotation : method.getAnnotations()) {
                    HttpMethod verb = annotation.annotationType().getAnnotation(HttpMethod.class);
                    if (verb != null) {
                        String path =
                                path(resource.getAnnotation(Path.class))
                                        + path(method.getAnnotation(Path.class));
                        routes.add(new Route(pattern(path), verb.value()));
                    }
                }
            }
        }
        return List.copyOf(routes);
    }

    private static String path(@Nullable Path path) {
        String value = path == null ? "" : path.value();
        return value.equals("/") ? "" : value;
    }

    private static Pattern pattern(String template) {
        return Pattern.compile(
                VARIABLE.matcher(template)
                                .replaceAll(found ->
                                        Matcher.quoteReplacement(
                                                found.group(1) == null ? "[^/]+" : found.group(1)))
                        + "/?");
    }
}
