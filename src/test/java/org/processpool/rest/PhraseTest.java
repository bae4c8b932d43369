package org.processpool.rest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PhraseTest {
    private static final Pattern GAP = Pattern.compile("%(?:(\\d)\\$)?,?[sd]");
    private static final Pattern HAN = Pattern.compile("\\p{IsHan}");

    @ParameterizedTest
    @EnumSource(
            value = Phrase.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"QUOTED", "A_NULL", "THE_VALUE", "PLACE"}) // no words of ours
    void is_there_in_chinese(Phrase phrase) {
        assertThat(phrase.in(Language.CHINESE)).containsPattern(HAN);
        assertThat(phrase.in(Language.ENGLISH)).doesNotContainPattern(HAN);
    }

    @ParameterizedTest
    @EnumSource(Phrase.class)
    void says_in_chinese_all_that_it_says_in_english(Phrase phrase) {
        assertThat(gaps(phrase.in(Language.CHINESE)))
                .containsAll(gaps(phrase.in(Language.ENGLISH)));
    }

    /** A text that somebody else said is a problem's detail only where an outcome has one. */
    @Test
    void nothing_is_told_in_one_language_only() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(Problems.class.getName())
                .should()
                .callConstructor(Problem.class, ProblemType.class, String.class)
                .because("a detail of ours is a Phrase, which is there in each language")
                .check(
                        new ClassFileImporter()
                                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                                .importPackages("org.processpool"));
    }

    @Test
    void a_sentence_within_a_sentence_is_told_in_the_same_language() {
        Sentence sentence =
                Violation.of("/n", Phrase.MUST_BE, Sentence.of(Phrase.AN_INTEGER), "1.5")
                        .sentence();
        assertThat(sentence.in(Language.ENGLISH)).isEqualTo("at /n: must be an integer, was 1.5");
        assertThat(sentence.in(Language.CHINESE)).isEqualTo("在 /n 处：应为整数，实际为1.5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "- | ENGLISH",
                "zh | CHINESE",
                "zh-CN,zh;q=0.9,en;q=0.8 | CHINESE",
                "ZH-hant-TW | CHINESE",
                "de, en;q=0.5, zh;q=0.8 | CHINESE",
                "en-GB, zh;q=0.5 | ENGLISH",
                "de | ENGLISH",
                "* | ENGLISH",
                "zh;q=much | ENGLISH",
                "'' | ENGLISH"
            })
    void the_language_is_the_one_a_client_likes_best(String header, Language language) {
        assertThat(Language.of(header)).isEqualTo(language);
    }

    private static Set<Integer> gaps(String text) {
        var gaps = new TreeSet<Integer>();
        var gap = GAP.matcher(text);
        while (gap.find()) {
            gaps.add(gap.group(1) == null ? gaps.size() + 1 : Integer.parseInt(gap.group(1)));
        }
        return gaps;
    }
}
