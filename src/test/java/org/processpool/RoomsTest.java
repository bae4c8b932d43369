package org.processpool;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The floor plan: which room may know which, and which libraries it may use. */
class RoomsTest {
    private static final String ROOT = "org.processpool";
    private static final Path SOURCES = Path.of("src/main/java/org/processpool");

    /** What every room may use: the JDK and the nullness annotations. */
    private static final String[] EVERYWHERE = {
        "java..", "javax..", "jdk..", "com.sun.management..", "org.jspecify.."
    };

    private static final String[] JACKSON = {"com.fasterxml.jackson.."};
    private static final String[] JACKSON_STREAMING = {
        "com.fasterxml.jackson.core..", "com.fasterxml.jackson.dataformat.cbor.."
    };
    private static final String[] JOBS = {"jakarta.inject..", "com.fasterxml.uuid.."};
    private static final String[] DATABASE = {
        "jakarta.inject..",
        "jakarta.enterprise..",
        "io.agroal..",
        "io.quarkus.agroal..",
        "org.flywaydb..",
        "com.github.kagkarlsson..",
        "org.postgresql..",
        "org.sqlite.."
    };
    private static final String[] WEB = {
        "jakarta..",
        "com.fasterxml.jackson..",
        "io.quarkus..",
        "io.smallrye..",
        "io.vertx..",
        "org.eclipse.microprofile..",
        "org.jboss.resteasy.reactive..",
        "org.jboss.jandex..",
        "org.jboss.logging..",
        "com.standardwebhooks.."
    };
    private static final String[] EDGE = {
        "com.networknt.schema..", "io.github.bucket4j..", "com.github.benmanes.caffeine.."
    };

    private static final String[] FRAMES = {"io.netty.."}; // below what Vert.x shows of them

    private static JavaClasses ours;

    /** The table. Nobody may know {@code quarkus} or {@code sample}. */
    private enum Room {
        TASK(Set.of()),
        WIRE(Set.of(TASK), JACKSON_STREAMING),
        WORKER(Set.of(TASK, WIRE), JACKSON),
        POOL(Set.of(TASK, WIRE)),
        JOB(Set.of(TASK, WIRE, POOL), JOBS),
        STORE(Set.of(TASK, POOL, JOB), DATABASE),
        SECURITY(Set.of(), "com.github.benmanes.caffeine.."),
        REST(Set.of(TASK, WIRE, POOL, JOB, SECURITY), both(WEB, EDGE)),
        CHAT(Set.of(TASK, POOL, SECURITY), both(both(WEB, EDGE), FRAMES)),
        SAMPLE(Set.of(TASK)),
        CLI(Set.of(), "picocli..", "com.fasterxml.jackson.."),
        QUARKUS(Set.of(TASK, WIRE, WORKER, POOL, JOB, STORE, SECURITY, REST, CHAT, CLI), "..");

        private final Set<Room> mayKnow;
        private final String[] mayUse;

        Room(Set<Room> mayKnow, String... mayUse) {
            this.mayKnow = mayKnow;
            this.mayUse = mayUse;
        }

        private static String[] both(String[] some, String[] more) {
            return Stream.of(some, more).flatMap(Arrays::stream).toArray(String[]::new);
        }

        String directory() {
            return name().toLowerCase(Locale.ROOT);
        }

        String packages() {
            return ROOT + "." + directory() + "..";
        }

        String[] foreignRooms() {
            return Stream.of(values())
                    .filter(other -> other != this && !mayKnow.contains(other))
                    .map(Room::packages)
                    .toArray(String[]::new);
        }

        String[] libraries() {
            return Stream.of(EVERYWHERE, mayUse, new String[] {ROOT + ".."})
                    .flatMap(Arrays::stream)
                    .toArray(String[]::new);
        }
    }

    @BeforeAll
    static void read_the_class_files() {
        ours =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages(ROOT);
    }

    @ParameterizedTest
    @EnumSource(Room.class)
    void knows_only_the_rooms_below(Room room) {
        noClasses()
                .that(resideInAPackage(room.packages()))
                .should()
                .dependOnClassesThat(resideInAnyPackage(room.foreignRooms()))
                .allowEmptyShould(true)
                .check(ours);
    }

    @ParameterizedTest
    @EnumSource(Room.class)
    void uses_only_its_own_libraries(Room room) {
        classes()
                .that(resideInAPackage(room.packages()))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(room.libraries()))
                .allowEmptyShould(true)
                .check(ours);
    }

    @Test
    void no_arrows_run_in_circles() {
        slices().matching(ROOT + ".(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(ours);
    }

    @Test
    void every_class_lives_in_a_room() {
        classes()
                .should()
                .resideInAnyPackage(
                        Stream.of(Room.values()).map(Room::packages).toArray(String[]::new))
                .allowEmptyShould(true)
                .check(ours);
    }

    @Test
    void no_class_has_an_empty_name() {
        noClasses()
                .should()
                .haveNameMatching(".*(Manager|Helper|Utils?|Impl)")
                .allowEmptyShould(true)
                .check(ours);
    }

    @ParameterizedTest
    @EnumSource(Room.class)
    void says_what_it_is_for(Room room) throws Exception {
        Path directory = SOURCES.resolve(room.directory());
        if (!Files.isDirectory(directory)) {
            return; // not built yet
        }
        try (Stream<Path> files = Files.walk(directory)) {
            if (files.anyMatch(file -> file.toString().endsWith(".java"))) {
                assertThat(directory.resolve("package-info.java")).exists();
            }
        }
    }
}
