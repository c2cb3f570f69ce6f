/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_ROOT_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_ROOT_FIXTURE_H

/* A folder of a test's own in which /proc, /sys and /run of an invented host stand. */
struct root {
    char path[64];
};
void root_open(struct root *root);
/* Writes a file and a newline behind its text, folders included. */
void root_write(const struct root *root, const char *path, const char *text);
/* Removes everything. */
void root_close(const struct root *root);

#endif
