package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.rest.EntityTags.Tag;

class EntityTagsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"7\"",
                "W/\"7\"",
                "\"6\", \"7\"",
                "\"6\" ,W/\"7\" , ",
                "\"a,b\",\"7\"",
                "*"
            })
    void a_version_is_found_among_those_named(String header) {
        EntityTags tags = EntityTags.of(EntityTags.IF_NONE_MATCH, List.of(header));
        assertThat(tags.matchWeakly(Tag.strong("7"))).isTrue();
        assertThat(tags.matchWeakly(Tag.weak("7"))).isTrue();
    }

    @Test
    void another_version_is_not() {
        EntityTags tags = EntityTags.of(EntityTags.IF_NONE_MATCH, List.of("\"a,7\"", "W/\"8\""));
        assertThat(tags.matchWeakly(Tag.strong("7"))).isFalse();
        assertThat(tags.matchWeakly(Tag.strong("8"))).isTrue();
    }

    @Test
    void only_strong_ones_match_strongly() {
        EntityTags tags = EntityTags.of(EntityTags.IF_MATCH, List.of("\"7\", W/\"8\""));
        assertThat(tags.matchStrongly(Tag.strong("7"))).isTrue();
        assertThat(tags.matchStrongly(Tag.weak("7"))).isFalse();
        assertThat(tags.matchStrongly(Tag.strong("8"))).isFalse();
        assertThat(tags.matchStrongly(Tag.weak("8"))).isFalse();
    }

    @Test
    void no_header_names_nothing() {
        EntityTags tags = EntityTags.of(EntityTags.IF_NONE_MATCH, List.of());
        assertThat(tags.matchWeakly(Tag.strong("7"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "\"7", "w/\"7\"", "\"7\" \"8\"", "*, \"7\"", ",", "\"7\", 8"})
    void what_is_no_list_of_tags_is_refused(String header) {
        var refused =
                catchThrowableOfType(
                        ProblemException.class,
                        () -> EntityTags.of(EntityTags.IF_MATCH, List.of(header)));
        assertThat(refused.problem().type()).isEqualTo(ProblemType.INVALID_HEADER);
        assertThat(refused.problem().extensions()).containsEntry("header", "If-Match");
    }

    @Test
    void a_tag_is_written_as_it_is_read() {
        assertThat(Tag.strong("7")).hasToString("\"7\"");
        assertThat(Tag.weak("7")).hasToString("W/\"7\"");
    }
}
