package org.processpool.quarkus;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Cache;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.smallrye.config.ConfigMapping;
import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a native executable has to be told when it is built. Nothing here builds one: the tests hold
 * what is told against the code, so that neither of them changes alone.
 */
class NativeImageTest {

    private static final Path RESOURCES = Path.of("src/main/resources");
    private static final Path TOLD =
            RESOURCES.resolve("META-INF/native-image/org.processpool/process-pool");
    private static final Path SERVICES = RESOURCES.resolve("META-INF/services");

    /** Rooms whose records and enums are read or written as JSON by reflection. */
    private static final Set<String> JSON_ROOMS = Set.of("rest", "chat", "job", "cli", "sample");

    /**
     * What a class must not do when it is loaded, as a native executable loads nearly all classes
     * while it is built: look at the machine, the time or the process, start threads, make random
     * numbers, ask for a logger or for native memory.
     */
    private static final List<String> OF_THE_MACHINE =
            List.of(
                    "java.lang.ProcessHandle",
                    "java.lang.Runtime",
                    "java.lang.System.getLogger",
                    "java.lang.System.getProperty",
                    "java.lang.System.getenv",
                    "java.lang.System.nanoTime",
                    "java.lang.Thread",
                    "java.lang.foreign.",
                    "java.lang.ref.Cleaner",
                    "java.net.",
                    "java.nio.file.Files",
                    "java.security.SecureRandom",
                    "java.time.Clock",
                    "java.time.Instant.now",
                    "java.time.ZoneId.systemDefault",
                    "java.util.Random",
                    "java.util.SplittableRandom",
                    "java.util.UUID",
                    "java.util.concurrent.Executors",
                    "java.util.concurrent.ThreadLocalRandom",
                    "java.util.concurrent.ThreadPoolExecutor",
                    "com.fasterxml.uuid.");

    /** Folds what it asks for on purpose. */
    private static final Set<String> AT_BUILD_TIME = Set.of("org.processpool.sample.JavaShell");

    private static JavaClasses ours;
    private static JsonNode metadata;
    private static Set<String> atRunTime;

    @BeforeAll
    static void read() throws IOException {
        ours =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("org.processpool");
        metadata = new ObjectMapper().readTree(TOLD.resolve("reachability-metadata.json").toFile());
        atRunTime = new TreeSet<>();
        for (String argument : arguments()) {
            String option = "--initialize-at-run-time=";
            if (argument.startsWith(option)) {
                atRunTime.addAll(List.of(argument.substring(option.length()).split(",", -1)));
            }
        }
    }

    private static List<String> arguments() throws IOException {
        var properties = new Properties();
        try (Reader file = Files.newBufferedReader(TOLD.resolve("native-image.properties"))) {
            properties.load(file);
        }
        return List.of(properties.getProperty("Args").split("\\s+", -1));
    }

    private static Stream<JsonNode> types() {
        return metadata.path("reflection").valueStream();
    }

    private static Set<String> named() {
        return types().map(entry -> entry.path("type"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .collect(toCollection(TreeSet::new));
    }

    /** Those whose members may all be used. */
    private static Set<String> whole() {
        return types().filter(entry ->
                        entry.path("allDeclaredConstructors").asBoolean()
                                && entry.path("allDeclaredMethods").asBoolean()
                                && entry.path("allDeclaredFields").asBoolean())
                .map(entry -> entry.path("type").asText())
                .collect(toCollection(TreeSet::new));
    }

    private static Set<String> namesOf(Stream<JavaClass> classes) {
        return classes.map(JavaClass::getFullName).collect(toCollection(TreeSet::new));
    }

    private static String room(JavaClass type) {
        String[] parts = type.getPackageName().split("\\.", -1);
        return parts.length < 3 ? "" : parts[2];
    }

    @Test
    void every_type_that_is_told_is_there_with_its_members() {
        assertThat(named()).hasSameSizeAs(types().filter(e -> e.path("type").isTextual()).toList());
        types().forEach(entry -> {
            JsonNode type = entry.path("type");
            if (type.isTextual()) {
                Class<?> found = load(type.textValue());
                entry.path("methods").forEach(method -> assertHas(found, method));
            } else {
                type.path("proxy")
                        .forEach(each -> assertThat(load(each.textValue())).isInterface());
                assertThat(type.path("proxy")).as("" + entry).isNotEmpty();
            }
        });
    }

    private static void assertHas(Class<?> type, JsonNode method) {
        Class<?>[] parameters =
                method.path("parameterTypes")
                        .valueStream()
                        .map(name -> load(name.textValue()))
                        .toArray(Class<?>[]::new);
        String name = method.path("name").textValue();
        Stream<Class<?>[]> found =
                name.equals("<init>")
                        ? Arrays.stream(type.getDeclaredConstructors())
                                .map(c -> c.getParameterTypes())
                        : Arrays.stream(type.getDeclaredMethods())
                                .filter(m -> m.getName().equals(name))
                                .map(m -> m.getParameterTypes());
        assertThat(found)
                .as("%s.%s", type.getName(), method)
                .anyMatch(p -> Arrays.equals(p, parameters));
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, NativeImageTest.class.getClassLoader());
        } catch (ClassNotFoundException missing) {
            throw new AssertionError("there is no such class: " + name, missing);
        }
    }

    @Test
    void every_resource_that_is_told_is_there_and_every_one_that_is_read_is_told()
            throws IOException {
        List<String> files;
        try (Stream<Path> all = Files.walk(RESOURCES)) {
            files =
                    all.filter(Files::isRegularFile)
                            .map(file -> RESOURCES.relativize(file).toString())
                            .toList();
        }
        Set<String> matched = new HashSet<>();
        for (JsonNode resource : metadata.path("resources")) {
            if (resource.has("bundle")) {
                assertThat(ResourceBundle.getBundle(resource.path("bundle").textValue()))
                        .isNotNull();
                continue;
            }
            String glob = resource.path("glob").textValue();
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
            List<String> hits = files.stream().filter(f -> matcher.matches(Path.of(f))).toList();
            assertThat(hits).as(glob).isNotEmpty();
            matched.addAll(hits);
        }
        // what Quarkus and its extensions tell by themselves: settings, pages and migrations
        assertThat(files)
                .filteredOn(file ->
                        !file.equals("application.properties")
                                && !file.startsWith("META-INF/resources/")
                                && !file.startsWith("META-INF/native-image/")
                                && !file.startsWith("db/"))
                .allMatch(matched::contains);
    }

    @Test
    void every_registered_task_and_conversation_can_be_found_and_made() throws IOException {
        List<String> providers = new ArrayList<>();
        try (Stream<Path> services = Files.list(SERVICES)) {
            for (Path service : services.toList()) {
                Files.readAllLines(service).stream()
                        .map(line -> line.replaceAll("#.*", "").strip())
                        .filter(line -> !line.isEmpty())
                        .forEach(providers::add);
            }
        }
        assertThat(providers).hasSizeGreaterThan(20);
        assertThat(
                        types().filter(entry ->
                                        entry.path("methods")
                                                .valueStream()
                                                .anyMatch(method ->
                                                        method.path("name")
                                                                        .asText()
                                                                        .equals("<init>")
                                                                && method.path("parameterTypes")
                                                                        .isEmpty()))
                                .map(entry -> entry.path("type").asText()))
                .containsAll(providers);
    }

    @Test
    void every_record_and_enum_that_becomes_json_is_told() {
        Set<String> json =
                namesOf(
                        ours.stream()
                                .filter(type -> JSON_ROOMS.contains(room(type)))
                                .filter(type -> type.isRecord() || type.isEnum()));
        assertThat(json).hasSizeGreaterThan(50);
        assertThat(whole()).containsAll(json);
    }

    @Test
    void every_resource_of_rest_is_told() {
        Set<String> resources =
                namesOf(
                        ours.stream()
                                .filter(type -> type.isAnnotatedWith(jakarta.ws.rs.Path.class)));
        assertThat(resources).hasSizeGreaterThan(5);
        assertThat(whole()).containsAll(resources);
    }

    @Test
    void every_interface_of_settings_is_told() {
        Set<String> settings = new TreeSet<>();
        for (JavaClass type : ours) {
            if (type.isAnnotatedWith(ConfigMapping.class)) {
                addSettings(type.reflect(), settings);
            }
        }
        assertThat(settings)
                .contains(PoolSettings.class.getName(), PoolSettings.Pool.class.getName());
        assertThat(whole()).containsAll(settings);
    }

    private static void addSettings(Class<?> type, Set<String> settings) {
        settings.add(type.getName());
        for (Class<?> member : type.getDeclaredClasses()) {
            if (member.isInterface()) {
                addSettings(member, settings);
            }
        }
    }

    @Test
    void every_command_of_the_client_is_told() {
        Set<String> commands = new TreeSet<>();
        for (JavaClass type : ours) {
            if (room(type).equals("cli") && ofPicocli(type.reflect())) {
                commands.add(type.getFullName());
            }
        }
        assertThat(commands).hasSizeGreaterThan(10);
        assertThat(whole()).containsAll(commands);
        assertThat(named())
                .contains("picocli.CommandLine$HelpCommand", "picocli.CommandLine$AutoHelpMixin");
    }

    private static boolean ofPicocli(Class<?> type) {
        List<AnnotatedElement> elements = new ArrayList<>(List.of(type.getDeclaredFields()));
        elements.addAll(List.of(type.getDeclaredMethods()));
        elements.add(type);
        return elements.stream()
                .flatMap(element -> Arrays.stream(element.getAnnotations()))
                .anyMatch(a -> a.annotationType().getName().startsWith("picocli."));
    }

    @Test
    void every_call_of_native_code_is_told() throws IllegalAccessException {
        Set<String> told = new TreeSet<>();
        for (JsonNode call : metadata.path("foreign").path("downcalls")) {
            told.add(
                    "%s%s%s"
                            .formatted(
                                    call.path("returnType").asText(),
                                    call.path("parameterTypes"),
                                    call.path("options")));
        }
        Set<String> called = new TreeSet<>();
        for (JavaClass type : ours) {
            long calls =
                    type.getMethodCallsFromSelf().stream()
                            .filter(call -> call.getTarget().getName().equals("downcallHandle"))
                            .count();
            if (calls > 0) {
                List<String> descriptors = descriptors(type.reflect());
                assertThat(descriptors)
                        .as("%s keeps the descriptor of each call in a constant", type.getName())
                        .hasSize((int) calls);
                called.addAll(descriptors);
            }
        }
        assertThat(called).isNotEmpty().isEqualTo(told);
    }

    /** Its constants, each with the option that follows its name. */
    private static List<String> descriptors(Class<?> type) throws IllegalAccessException {
        List<String> found = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (field.getType() != FunctionDescriptor.class) {
                continue;
            }
            field.setAccessible(true);
            FunctionDescriptor descriptor = (FunctionDescriptor) field.get(null);
            found.add(
                    "%s[%s]%s"
                            .formatted(
                                    descriptor.returnLayout().map(l -> name(l)).orElse("void"),
                                    String.join(
                                            ",",
                                            descriptor.argumentLayouts().stream()
                                                    .map(l -> '"' + name(l) + '"')
                                                    .toList()),
                                    options(type, field.getName() + "_OPTION")));
        }
        return found;
    }

    private static String options(Class<?> type, String name) throws IllegalAccessException {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            for (int first = 0; first < 10; first++) {
                if (Linker.Option.firstVariadicArg(first).equals(field.get(null))) {
                    return "{\"firstVariadicArg\":%d}".formatted(first);
                }
            }
            throw new AssertionError("an option nobody has thought of here: " + field.get(null));
        } catch (NoSuchFieldException none) {
            return "";
        }
    }

    private static String name(MemoryLayout layout) {
        return switch (layout.toString()) {
            case "i4" -> "int";
            case "j8" -> "long";
            case "a8" -> "void*";
            default -> throw new AssertionError("a layout nobody has thought of here: " + layout);
        };
    }

    @Test
    void classes_that_look_at_the_machine_when_they_are_loaded_are_loaded_at_run_time() {
        Set<String> looking =
                namesOf(ours.stream().filter(NativeImageTest::looksAtTheMachineWhenLoaded));
        looking.removeAll(AT_BUILD_TIME);
        assertThat(looking).contains("org.processpool.pool.Spawner", "org.processpool.job.JobId");
        assertThat(atRunTime).containsAll(looking);
    }

    /** By itself, by methods of ours that it calls, or by another class that it has loaded. */
    private static boolean looksAtTheMachineWhenLoaded(JavaClass type) {
        var seen = new HashSet<JavaCodeUnit>(type.getStaticInitializer().stream().toList());
        var next = new ArrayDeque<JavaCodeUnit>(seen);
        while (!next.isEmpty()) {
            JavaCodeUnit code = next.remove();
            for (JavaAccess<?> access : code.getAccessesFromSelf()) {
                String target = access.getTarget().getFullName();
                if (OF_THE_MACHINE.stream().anyMatch(target::startsWith)
                        || (access.getTargetOwner() != type
                                && atRunTime.contains(access.getTargetOwner().getFullName()))) {
                    return true;
                }
                access.getTarget()
                        .resolveMember()
                        .filter(JavaCodeUnit.class::isInstance)
                        .map(JavaCodeUnit.class::cast)
                        .filter(seen::add)
                        .ifPresent(next::add);
            }
        }
        return false;
    }

    @Test
    void what_is_loaded_at_run_time_is_there_and_is_kept_by_nothing_that_was_loaded_before() {
        Set<Class<?>> late = new HashSet<>();
        atRunTime.forEach(name -> late.add(load(name)));
        for (JavaClass type : ours) {
            if (atRunTime.contains(type.getFullName())) {
                continue;
            }
            for (Field field : type.reflect().getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers())) {
                    assertThat(late).as("" + field).doesNotContain(field.getType());
                }
            }
        }
    }

    @Test
    void the_cache_of_rate_limits_is_made_of_classes_that_are_told() {
        Cache<String, String> cache =
                com.github.benmanes.caffeine.cache.Caffeine.newBuilder()
                        .maximumSize(1)
                        .expireAfterAccess(1, TimeUnit.MINUTES)
                        .build();
        assertThat(whole()).contains(cache.asMap().getClass().getName());
    }

    @Test
    void shared_memory_can_be_given_back() throws IOException {
        assertThat(arguments())
                .contains("-H:+SharedArenaSupport", "-H:+UnlockExperimentalVMOptions");
    }
}
