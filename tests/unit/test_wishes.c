/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/fleet/cib_wish.h"
#include "agent/fleet/virsh.h"
#include "tests/unit/cib_fixture.h"

static void a_word_stays_one_word(void **state)
{
    static const char *const cases[][2] = {{"", "''"},
                                           {"web", "'web'"},
                                           {"it's", "'it'\\''s'"},
                                           {"'", "''\\'''"},
                                           {"$(id)", "'$(id)'"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *quoted = virsh_quoted(cases[i][0]);

        assert_string_equal(quoted, cases[i][1]);
        free(quoted);
    }
}

/* Three hosts of 16 GiB: a is full, and b has to give before it can take. */
static void commands_stand_in_an_order_with_room(void **state)
{
    static const int64_t rooms[] = {16, 16, 16};
    static const int64_t sizes[] = {16, 16};
    struct fleet_host hosts[] = {{.name = "a", .room = &rooms[0]},
                                 {.name = "b", .room = &rooms[1]},
                                 {.name = "c", .room = &rooms[2]}};
    struct fleet_guest guests[] = {{.name = "x", .home = 0, .size = &sizes[0]},
                                   {.name = "y", .home = 1, .size = &sizes[1]}};
    struct cluster_guest about[] = {{.uri = "u:a", .domain = "x\033", .uuid = "1-2"},
                                    {.uri = "u:b", .domain = "y", .is_transient = true}};
    static const char *const uris[] = {"u:a", "u:b", "u:c"};
    struct fleet_move moves[] = {{.guest = 0, .from = 0, .to = 1},
                                 {.guest = 1, .from = 1, .to = 2}};
    struct cluster cluster = {
        .fleet = {.n_hosts = 3, .n_guests = 2, .n_resources = 1, .hosts = hosts, .guests = guests},
        .about = about,
        .uris = uris};
    struct fleet_plan plan = {.moves = moves, .n_moves = 2};
    struct virsh_commands commands;

    (void)state;
    assert_int_equal(virsh_commands(&cluster, &plan, &commands), 0);
    assert_int_equal(commands.n, 2);
    assert_int_equal(commands.n_stuck, 0);
    assert_string_equal(commands.lines[0],
                        "virsh -c 'u:b' migrate --live --domain 'y' --desturi 'u:c'");
    assert_string_equal(commands.lines[1], "virsh -c 'u:a' migrate --live --persistent "
                                           "--undefinesource --domain '1-2' --desturi 'u:b'");
    virsh_commands_done(&commands);
    moves[1].to = 0; /* both wait for each other */
    assert_int_equal(virsh_commands(&cluster, &plan, &commands), 0);
    assert_int_equal(commands.n_stuck, 2);
    virsh_commands_done(&commands);
}

static char *wished(const struct cib_gaps *gaps, const int *host_of)
{
    char *text = cib_fixture(gaps), *ret;
    struct cluster cluster;
    struct err err = {0};
    size_t n;

    assert_int_equal(cib_read(text, strlen(text), CIB_FIXTURE_NOW_S, &cluster, &err), 0);
    assert_int_equal(cib_with_wishes(text, strlen(text), &cluster, host_of, &ret, &n, &err), 0);
    assert_int_equal(strlen(ret), n);
    cluster_done(&cluster);
    free(text);
    return ret;
}

/* v1 moves from a to c; v2, which is apart from it, is told to stay; v3 is nobody's business. */
static void who_is_moved_is_wished_for(void **state)
{
    static const int host_of[] = {2, 0, 1, FLEET_NOWHERE};
    struct cib_gaps gaps = {
        .defaults = "<meta_attributes id='d'><nvpair id='e' name='resource-stickiness' value='7'/>"
                    "</meta_attributes>",
        .constraints = "<rsc_location id='evenkeel-v3' rsc='v3' node='a' score='9'/>"
                       "<rsc_location id='mine' rsc='v3' node='b' score='3'/>"
                       "<rsc_colocation id='k' rsc='v1' with-rsc='v2' score='-INFINITY'/>"};
    char *text = wished(&gaps, host_of);

    (void)state;
    assert_non_null(strstr(text, "id=\"evenkeel-v1\" rsc=\"v1\" node=\"c\" score=\"8\""));
    /* more than its stickiness and v1's stickiness and wish, which count against it */
    assert_non_null(strstr(text, "id=\"evenkeel-v2\" rsc=\"v2\" node=\"a\" score=\"23\""));
    assert_null(strstr(text, "evenkeel-v3"));
    assert_null(strstr(text, "evenkeel-v4"));
    assert_non_null(strstr(text, "<rsc_location id=\"mine\" rsc=\"v3\" node=\"b\" score=\"3\"/>"));
    free(text);
}

static void where_nothing_moves_nothing_is_wished(void **state)
{
    static const int host_of[] = {0, 0, 1, FLEET_NOWHERE};
    struct cib_gaps gaps = {
        .defaults = "<meta_attributes id='d'><nvpair id='e' name='resource-stickiness' value='7'/>"
                    "</meta_attributes>"};
    char *text = wished(&gaps, host_of);

    (void)state;
    assert_null(strstr(text, "evenkeel-"));
    free(text);
}

/* 500 against its new host and 7 for its old one: a wish of 8 would leave it where it is. */
static void dislikes_are_outweighed(void **state)
{
    static const int host_of[] = {2, 0, 1, FLEET_NOWHERE};
    struct cib_gaps gaps = {.meta = "<nvpair id='e' name='resource-stickiness' value='7'/>",
                            .constraints = "<rsc_location id='m' rsc='v1' node='c' score='-500'/>"};
    char *text = wished(&gaps, host_of);

    (void)state;
    assert_non_null(strstr(text, "id=\"evenkeel-v1\" rsc=\"v1\" node=\"c\" score=\"508\""));
    free(text);
}

static void letters_stay_letters(void **state)
{
    static const int host_of[] = {2, 0, 1, FLEET_NOWHERE};
    struct cib_gaps gaps = {.constraints = "<rsc_location id='m' rsc='v3' node='b' score='1' "
                                           "description='M\xc3\xbcller'/>"};
    char *text = wished(&gaps, host_of);

    (void)state;
    assert_non_null(strstr(text, "description=\"M\xc3\xbcller\""));
    free(text);
}

/* Each byte of ASCII with a zero behind it, after a mark of their order. */
static char *in_utf16(const char *text, size_t *ret_n)
{
    static const char head[] = "<?xml version='1.0' encoding='UTF-16'?>";
    size_t n = sizeof(head) - 1 + strlen(text);
    char *wide = calloc(n + 1, 2);

    assert_non_null(wide);
    wide[0] = '\xff';
    wide[1] = '\xfe';
    for (size_t i = 0; i < n; i++)
        wide[2 * i + 2] = i < sizeof(head) - 1 ? head[i] : text[i - (sizeof(head) - 1)];
    *ret_n = 2 * n + 2;
    return wide;
}

static void a_wide_document_is_written_whole(void **state)
{
    static const int host_of[] = {2, 0, 1, FLEET_NOWHERE};
    struct cluster cluster;
    struct err err = {0};
    size_t n;
    char *narrow = cib_fixture(&(struct cib_gaps){0}), *wide = in_utf16(narrow, &n), *ret;

    (void)state;
    free(narrow);
    assert_int_equal(cib_read(wide, n, CIB_FIXTURE_NOW_S, &cluster, &err), 0);
    assert_int_equal(cib_with_wishes(wide, n, &cluster, host_of, &ret, &n, &err), 0);
    assert_int_equal(strlen(ret), n);
    assert_non_null(strstr(ret, "id=\"evenkeel-v1\" rsc=\"v1\" node=\"c\""));
    cluster_done(&cluster);
    free(ret);
    free(wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_stays_one_word),
        cmocka_unit_test(commands_stand_in_an_order_with_room),
        cmocka_unit_test(who_is_moved_is_wished_for),
        cmocka_unit_test(where_nothing_moves_nothing_is_wished),
        cmocka_unit_test(dislikes_are_outweighed),
        cmocka_unit_test(letters_stay_letters),
        cmocka_unit_test(a_wide_document_is_written_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
