/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No link and no foreign folder decides which file is written. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/owned_file.h"
#include "agent/base/state_folder.h"

static char folder[] = "/tmp/owned-XXXXXX";
static char victim[64];

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool is_precious(const char *path)
{
    char found[16] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    found[fread(found, 1, sizeof(found) - 1, file)] = '\0';
    fclose(file);
    return strcmp(found, "precious") == 0;
}

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/owned-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(victim, sizeof(victim), "%s/victim", folder);
    write_text(victim, "precious");
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"victim",        "run",          "run.1",
                                        "run.2",         "link",         "run.damaged.1",
                                        "run.damaged.2", "run.damaged.3"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static int make(const char *name, char ret[128], struct err *err)
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    fd = owned_file_new(path, "--record", ret, 128, err);
    return fd < 0 ? fd : close(fd);
}

static void each_run_has_its_own_file(void **state)
{
    static const char *const expected[] = {"run", "run.1", "run.2"};
    char made[128];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(make("run", made, NULL), 0);
        assert_string_equal(made + strlen(folder) + 1, expected[i]);
    }
}

static void a_link_is_not_written_through(void **state)
{
    char link_path[128], made[128];
    struct err err = {0};
    int fd = owned_folder_open(folder, false, "--emit-lp", NULL);

    (void)state;
    snprintf(link_path, sizeof(link_path), "%s/link", folder);
    assert_int_equal(symlink(victim, link_path), 0);
    assert_int_equal(make("link", made, &err), -EEXIST);
    assert_non_null(strstr(err.text, "--record"));
    assert_true(is_precious(victim));

    assert_true(fd >= 0);
    assert_int_equal(close(owned_file_replace(fd, "link")), 0);
    assert_true(is_precious(victim));
    close(fd);
}

static void a_folder_that_others_may_write_to_is_refused(void **state)
{
    char made[128];
    struct err err = {0};

    (void)state;
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(make("run", made, &err), -EPERM);
    assert_non_null(strstr(err.text, folder));
    assert_int_equal(chmod(folder, 01777), 0); /* /tmp itself */
    assert_int_equal(make("run", made, NULL), -EPERM);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(make("run", made, NULL), 0);
}

static void a_folder_of_somebody_else_is_refused(void **state)
{
    struct err err = {0};

    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can give a folder away */
    assert_int_equal(chown(folder, 65534, 65534), 0);
    assert_int_equal(owned_folder_open(folder, true, "--emit-lp", &err), -EPERM);
    assert_non_null(strstr(err.text, "--emit-lp"));
    assert_int_equal(chown(folder, 0, 0), 0);
}

/* What has another name as well may be anybody's. */
static void only_what_is_ours_is_given_away(void **state)
{
    struct stat status;
    char path[128];
    int of, fd;

    (void)state;
    if (geteuid() != 0)
        skip();
    snprintf(path, sizeof(path), "%s/run", folder);
    of = open(folder, O_RDONLY | O_DIRECTORY);
    fd = open(victim, O_RDONLY);
    assert_int_equal(chown(folder, 65534, 65534), 0);
    assert_int_equal(link(victim, path), 0);
    owned_file_give(of, fd);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_uid, 0);
    assert_int_equal(unlink(path), 0);
    owned_file_give(of, fd);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_uid, 65534);
    close(fd);
    close(of);
    assert_int_equal(chown(folder, 0, 0), 0);
}

static void a_linked_folder_is_refused(void **state)
{
    char path[128];
    struct err err = {0};

    (void)state;
    snprintf(path, sizeof(path), "%s/link", folder);
    assert_int_equal(symlink(folder, path), 0);
    assert_true(owned_folder_open(path, true, "--emit-lp", &err) < 0);
    assert_non_null(strstr(err.text, "link is not followed"));
}

/* Opening a FIFO without a reader would wait for ever. */
static void a_fifo_does_not_hang(void **state)
{
    char path[128], made[128];

    (void)state;
    snprintf(path, sizeof(path), "%s/run", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(make("run", made, NULL), -EEXIST);
}

static void what_is_damaged_is_never_lost(void **state)
{
    char path[128], aside[64], wanted[64], small[12];
    int fd = owned_folder_open(folder, false, "--state", NULL);

    (void)state;
    for (int i = 1; i <= 3; i++) {
        snprintf(path, sizeof(path), "%s/run", folder);
        write_text(path, i == 1 ? "precious" : "worthless");
        assert_int_equal(owned_file_set_aside(fd, "run", small, sizeof(small)), -ENAMETOOLONG);
        assert_int_equal(owned_file_set_aside(fd, "run", aside, sizeof(aside)), 0);
        snprintf(wanted, sizeof(wanted), "run.damaged.%d", i);
        assert_string_equal(aside, wanted);
        snprintf(path, sizeof(path), "%s/run.damaged.1", folder);
        assert_true(is_precious(path));
    }
    assert_int_equal(owned_file_set_aside(fd, "run", aside, sizeof(aside)), -ENOENT);
    close(fd);
}

static void a_home_for_everybody(void **state)
{
    char path[64];

    (void)state;
    setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1);
    assert_int_equal(state_folder_named("mine", path, sizeof(path)), 0);
    assert_string_equal(path, "mine");
    assert_int_equal(state_folder_named(NULL, path, sizeof(path)), 0);
    assert_string_equal(path, "/var/lib/one");
    assert_int_equal(state_folder_usual(NULL, path, sizeof(path)), 0);
    assert_string_equal(path, "/var/lib/one");
    unsetenv("STATE_DIRECTORY");
    setenv("XDG_STATE_HOME", "/home/u/state", 1);
    assert_int_equal(state_folder_named(NULL, path, sizeof(path)), -ENOENT);
    assert_int_equal(state_folder_usual(NULL, path, sizeof(path)), 0);
    assert_string_equal(path, geteuid() == 0 ? "/var/lib/evenkeel" : "/home/u/state/evenkeel");
    assert_int_equal(state_folder_usual(NULL, path, 10), -ENOENT);
}

static void a_state_folder_is_made_with_what_is_above(void **state)
{
    char path[64];
    int fd;

    (void)state;
    snprintf(path, sizeof(path), "%s/a/b", folder);
    fd = state_folder_open(path, NULL);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(rmdir(path), 0);
    snprintf(path, sizeof(path), "%s/a", folder);
    assert_int_equal(rmdir(path), 0);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(each_run_has_its_own_file),
        ROW(a_link_is_not_written_through),
        ROW(a_folder_that_others_may_write_to_is_refused),
        ROW(a_folder_of_somebody_else_is_refused),
        ROW(only_what_is_ours_is_given_away),
        ROW(a_linked_folder_is_refused),
        ROW(a_fifo_does_not_hang),
        ROW(what_is_damaged_is_never_lost),
        ROW(a_home_for_everybody),
        ROW(a_state_folder_is_made_with_what_is_above),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
