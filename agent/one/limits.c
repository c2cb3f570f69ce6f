/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/input.h"
#include "agent/one/xml.h"

enum { MOST_BYTES = 1 << 20, MOST_ACTIONS = 1000 * 1000 };

/* The value of a line "NAME = VALUE", or NULL. */
static const char *value_of(const char *line, const char *name)
{
    size_t n = strlen(name);

    line += strspn(line, " \t");
    if (strncmp(line, name, n) != 0)
        return NULL;
    line += n + strspn(line + n, " \t");
    if (*line != '=')
        return NULL;
    return line + 1 + strspn(line + 1, " \t\"");
}

static int take_number(const char *path, const char *line, const char *name, int64_t *ret,
                       struct err *err)
{
    const char *value = value_of(line, name);
    char digits[24];

    if (!value)
        return 0;
    snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(value, " \t\r\n\"#"), value);
    if (one_integer(digits, INT64_MIN, INT64_MAX, ret) < 0)
        return err_set(err, -EINVAL, "'%.100s': %s is '%.20s', which is no number", path, name,
                       digits);
    return 0;
}

/* As the engine has it: what is not positive is 1. */
static size_t cap_of(int64_t value)
{
    return value < 1 ? 1 : value > MOST_ACTIONS ? MOST_ACTIONS : (size_t)value;
}

static int take_lines(const char *path, struct input *input, struct one_limits *limits,
                      struct err *err)
{
    int64_t per_host = (int64_t)limits->per_host, per_cluster = (int64_t)limits->per_cluster;
    int64_t live = 0;
    char *line;
    ssize_t n;
    int r = 0;

    while (r == 0 && (n = input_line(input, MOST_BYTES, &line)) > 0) {
        char copy[256];

        snprintf(copy, sizeof(copy), "%.*s", (int)(n < 250 ? n : 250), line);
        r = take_number(path, copy, "MAX_ACTIONS_PER_HOST", &per_host, err);
        if (r == 0)
            r = take_number(path, copy, "MAX_ACTIONS_PER_CLUSTER", &per_cluster, err);
        if (r == 0)
            r = take_number(path, copy, "LIVE_RESCHEDS", &live, err);
    }
    limits->per_host = cap_of(per_host);
    limits->per_cluster = cap_of(per_cluster);
    limits->is_live = live == 1;
    limits->is_known = r == 0;
    return r;
}

int one_limits_read(const char *path, struct one_limits *ret, char *ret_path, struct err *err)
{
    const char *where = getenv("ONE_LOCATION");
    struct input *input = NULL;
    int r;

    *ret = (struct one_limits){.per_host = 1, .per_cluster = 30, .per_plan = SIZE_MAX};
    if (path)
        snprintf(ret_path, ONE_PATH_SIZE, "%s", path);
    else if (where && where[0])
        snprintf(ret_path, ONE_PATH_SIZE, "%s/etc/oned.conf", where);
    else
        snprintf(ret_path, ONE_PATH_SIZE, "/etc/one/oned.conf");
    r = input_open(ret_path, NULL, &input);
    if (r == 0)
        r = take_lines(ret_path, input, ret, err);
    else if (path)
        r = err_set(err, -EINVAL, "'%.100s' cannot be read: %s", path, strerror(-r));
    else
        r = 0;
    input_free(input);
    return r;
}
