package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/security.md names is there. */
class SecurityDocumentTest {

    private static final Path DOCUMENT = Path.of("docs/security.md");
    private static final Path TESTS = Path.of("src/test");

    private static final Pattern TEST =
            Pattern.compile("`([A-Z]\\w+(?:Test|IT|Contract))(?:\\.(\\w+))?`");
    private static final Pattern SETTING = Pattern.compile("process-pool\\.[a-z][a-z.<>-]*[a-z>]");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| (V\\d+\\.\\d+\\.\\d+) \\| .+ \\| (.+) \\| (.+) \\|$");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern LINK = Pattern.compile("\\]\\(#([^)]+)\\)");

    private static final SettingKeys KEYS = SettingKeys.ofTheService();

    private static List<MatchResult> all(Pattern pattern) throws IOException {
        return pattern.matcher(Files.readString(DOCUMENT)).results().toList();
    }

    @Test
    void names_tests_that_exist() throws Exception {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(TESTS)) {
            files = walk.filter(file -> file.toString().endsWith(".java")).toList();
        }
        List<MatchResult> named = all(TEST);
        assertThat(named).hasSizeGreaterThan(50);
        for (MatchResult test : named) {
            List<Path> found =
                    files.stream().filter(file -> file.endsWith(test.group(1) + ".java")).toList();
            assertThat(found).as(test.group()).hasSize(1);
            if (test.group(2) != null) {
                assertThat(Files.readString(found.getFirst()))
                        .as(test.group())
                        .contains("void " + test.group(2) + "(");
            }
        }
    }

    @Test
    void names_settings_that_exist() throws Exception {
        List<String> named =
                all(SETTING).stream()
                        .map(found -> found.group().replace("<name>", "default"))
                        .distinct()
                        .toList();
        assertThat(named).hasSizeGreaterThan(30);
        assertThatCode(() -> KEYS.refuseUnknown(named)).doesNotThrowAnyException();
    }

    @Test
    void names_every_setting_of_who_may_come_in() throws Exception {
        String document = Files.readString(DOCUMENT);
        for (Method setting : SecuritySettings.class.getDeclaredMethods()) {
            assertThat(document)
                    .contains("process-pool.security." + SettingKeys.kebab(setting.getName()));
        }
    }

    @Test
    void says_of_each_requirement_once_whether_it_is_met() throws Exception {
        List<MatchResult> rows = all(ROW);
        assertThat(rows).hasSize(all(Pattern.compile("(?m)^\\| V")).size());
        assertThat(rows).extracting(row -> row.group(1)).doesNotHaveDuplicates();
        assertThat(rows)
                .allSatisfy(
                        row -> assertThat(row.group(2)).matches("(met|partly|not met)([ :,].*)?"));
    }

    @Test
    void leads_to_headings_that_exist() throws Exception {
        List<String> anchors =
                all(HEADING).stream()
                        .map(heading ->
                                heading.group(1)
                                        .toLowerCase(Locale.ROOT)
                                        .replaceAll("[^\\w -]", "")
                                        .replace(' ', '-'))
                        .toList();
        assertThat(all(LINK)).extracting(link -> link.group(1)).isSubsetOf(anchors);
    }
}
