/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/journal.h"

static char folder[] = "/tmp/journal-XXXXXX";
static const char host[] = "4c4c4544-0001", boot[] = "one";

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/journal-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    char line[64];

    (void)state;
    snprintf(line, sizeof(line), "rm -r %s", folder);
    return system(line);
}

static void path_of(const char *name, char ret[128])
{
    snprintf(ret, 128, "%s/%s", folder, name);
}

static bool is_there(const char *name)
{
    char path[128];

    path_of(name, path);
    return access(path, F_OK) == 0;
}

static const char file_name[] = "vcpus-4c4c4544-0001.json";

static struct originals some(unsigned n)
{
    struct originals originals = {0};

    for (unsigned i = 0; i < n; i++) {
        struct original original = {
            .guest = {.uuid = {(unsigned char)(i + 1)}, .name = "web"}, .run = 3, .has_mask = true};

        cpuset_add(&original.mask, i);
        assert_int_equal(originals_add(&originals, &original), 0);
    }
    return originals;
}

static void write_some(unsigned n)
{
    struct originals originals = some(n), before = {0};
    struct journal journal;
    struct err err = {0};

    if (journal_open(folder, "vcpus", host, boot, NULL, &journal, &before, &err) < 0 ||
        journal_write(&journal, &originals, &err) < 0)
        fail_msg("%s", err.text);
    originals_done(&originals);
    originals_done(&before);
}

static size_t n_gone; /* that the last opening found */

/* What an opening finds; *ret_said is what it warned of, to be freed. */
static size_t read_back(const char *boot_now, char **ret_said)
{
    struct originals gone = {0}, originals = {.gone = &gone};
    struct journal journal;
    struct err err = {0};
    struct log log;
    size_t size, n;

    log_init(&log, open_memstream(ret_said, &size), "test", LOG_WARNING);
    if (journal_open(folder, "vcpus", host, boot_now, &log, &journal, &originals, &err) < 0)
        fail_msg("%s", err.text);
    fclose(log.stream);
    n = originals.n;
    n_gone = gone.n;
    originals_done(&originals);
    originals_done(&gone);
    return n;
}

/* A folder that was full is tried again, by a session that has lists by then. */
static void opened_again_it_replaces_what_was_known(void **state)
{
    struct originals gone = some(2), originals = some(3);
    struct journal journal;

    (void)state;
    write_some(1);
    originals.gone = &gone;
    assert_int_equal(journal_open(folder, "vcpus", host, boot, NULL, &journal, &originals, NULL),
                     0);
    assert_int_equal(originals.n, 1);
    assert_int_equal(gone.n, 0);
    assert_ptr_equal(originals.gone, &gone);
    originals_done(&originals);
    originals_done(&gone);
}

static void what_was_written_is_read_by_the_next_one(void **state)
{
    char *said;

    (void)state;
    assert_int_equal(read_back(boot, &said), 0);
    free(said);
    write_some(3);
    assert_false(is_there("vcpus-4c4c4544-0001.json.part"));
    assert_int_equal(read_back(boot, &said), 3);
    assert_string_equal(said, "");
    free(said);
    assert_int_equal(read_back("two", &said), 0); /* booted since: all guests are other runs */
    assert_int_equal(n_gone, 3);
    assert_string_equal(said, "");
    free(said);
    write_some(0);
    assert_false(is_there(file_name));
}

/* Over two boots of the host and one more start. */
static void guests_that_are_gone_are_written_too(void **state)
{
    static const char *const boots[] = {"two", "two", "three", "three"};

    (void)state;
    write_some(2);
    for (size_t i = 0; i < 4; i++) {
        struct originals gone = {0}, originals = {.gone = &gone};
        struct journal journal;
        struct err err = {0};

        assert_int_equal(
            journal_open(folder, "vcpus", host, boots[i], NULL, &journal, &originals, &err), 0);
        assert_int_equal(originals.n, i == 1);
        assert_int_equal(gone.n, i == 1 ? 1 : 2);
        if (i == 0) /* the first one is back, and goes with the next boot */
            assert_int_equal(originals_return(&originals, &gone.list[0]->guest, 5), 0);
        assert_int_equal(journal_write(&journal, &originals, &err), 0);
        originals_done(&originals);
        originals_done(&gone);
    }
}

/* As an earlier release wrote it. */
static void an_earlier_format_is_read(void **state)
{
    char path[128], *said;
    FILE *file;

    (void)state;
    path_of(file_name, path);
    file = fopen(path, "w");
    fprintf(file, "{\"format\":\"evenkeel-originals\",\"version\":1,\"resource\":\"vcpus\","
                  "\"host\":\"4c4c4544-0001\",\"boot\":\"one\",\"originals\":[{\"guest\":\"g\","
                  "\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1,\"vcpu\":0,"
                  "\"mask\":\"0-3\"}]}\n");
    fclose(file);
    assert_int_equal(read_back(boot, &said), 1);
    assert_string_equal(said, "");
    free(said);
}

/* Cut at every byte, as a disk may leave it, and with bytes that are others. */
static void a_damaged_one_is_set_aside_and_nothing_is_taken_from_it(void **state)
{
    char path[128], text[4096];
    size_t n;
    FILE *file;

    (void)state;
    write_some(2);
    path_of(file_name, path);
    file = fopen(path, "r");
    n = fread(text, 1, sizeof(text), file);
    fclose(file);
    assert_true(n > 200 && n < sizeof(text));
    for (size_t cut = 0; cut < n - 1; cut += 7) {
        char *said, aside[160];

        file = fopen(path, "w");
        fwrite(text, 1, cut, file);
        fclose(file);
        assert_int_equal(read_back(boot, &said), 0);
        assert_non_null(strstr(said, "nothing of it is put back"));
        free(said);
        assert_false(is_there(file_name));
        snprintf(aside, sizeof(aside), "%s.damaged.1", path);
        assert_int_equal(unlink(aside), 0);
    }
    assert_int_equal(mkdir(path, 0700), 0); /* and no file at all */
    {
        char *said;

        assert_int_equal(read_back(boot, &said), 0);
        free(said);
    }
}

static void a_write_that_fails_leaves_the_earlier_one_whole(void **state)
{
    struct originals originals = some(8), before = {0};
    struct rlimit full, old;
    struct journal journal;
    struct err err = {0};
    char *said;

    (void)state;
    write_some(1);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(journal_open(folder, "vcpus", host, boot, NULL, &journal, &before, &err), 0);
    getrlimit(RLIMIT_FSIZE, &old);
    full = old;
    full.rlim_cur = 100;
    setrlimit(RLIMIT_FSIZE, &full);
    assert_int_equal(journal_write(&journal, &originals, &err), -EFBIG);
    setrlimit(RLIMIT_FSIZE, &old);
    originals_done(&originals);
    originals_done(&before);
    assert_int_equal(read_back(boot, &said), 1);
    free(said);
}

/* Moved away or taken away while the program runs, with what is in it or that alone. */
static void what_is_taken_away_is_written_again(void **state)
{
    static const char *const commands[] = {"rm $FOLDER/vcpus*", "rm -r $FOLDER",
                                           "mv $FOLDER $FOLDER.old",
                                           "mv $FOLDER $FOLDER.old && mkdir $FOLDER"};
    struct originals originals = some(1), before = {0};
    struct journal journal;
    struct err err = {0};

    (void)state;
    setenv("FOLDER", folder, 1);
    assert_int_equal(journal_open(folder, "vcpus", host, boot, NULL, &journal, &before, &err), 0);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        assert_int_equal(journal_write(&journal, &originals, &err), 0);
        assert_false(journal_is_lost(&journal));
        assert_int_equal(system(commands[i]), 0);
        assert_true(journal_is_lost(&journal));
        assert_int_equal(journal_write(&journal, &originals, &err), 0);
        assert_true(is_there(file_name));
        assert_int_equal(system("rm -rf $FOLDER.old"), 0);
    }
    originals_done(&originals);
    originals_done(&before);
}

static void a_folder_of_others_is_refused(void **state)
{
    struct originals originals = {0};
    struct journal journal;
    struct err err = {0};

    (void)state;
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(journal_open(folder, "vcpus", host, boot, NULL, &journal, &originals, &err),
                     -EPERM);
    assert_non_null(strstr(err.text, "--state"));
    assert_int_equal(chmod(folder, 0700), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opened_again_it_replaces_what_was_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_written_is_read_by_the_next_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(guests_that_are_gone_are_written_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_earlier_format_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_one_is_set_aside_and_nothing_is_taken_from_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_write_that_fails_leaves_the_earlier_one_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_taken_away_is_written_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_of_others_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
