/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/option_values.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double min_interval_s = 0.01, max_interval_s = 86400;
/* 64 TiB, the most that settings of the coordinator may be. */
static const uint64_t max_mib = UINT64_C(1) << 26;
enum { MAX_DIGITS = 30 };

/* A decimal number without sign or exponent, as "2" or "0.5". */
static int parse_decimal(const char *text, double *ret)
{
    size_t whole = strspn(text, "0123456789");
    size_t part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    size_t end = whole + (part ? part + 1 : 0);

    if (!whole || text[end] || end > MAX_DIGITS)
        return -EINVAL;
    *ret = strtod(text, NULL);
    return 0;
}

bool option_is_interval(double value_s)
{
    return value_s >= min_interval_s && value_s <= max_interval_s;
}

int option_interval(const char *text, double *ret_s, struct err *err)
{
    double value;

    if (parse_decimal(text, &value) < 0 || !option_is_interval(value))
        return err_set(err, -EINVAL,
                       "the interval is a decimal number of seconds from %g to %g, not '%s'",
                       min_interval_s, max_interval_s, text);
    *ret_s = value;
    return 0;
}

int option_decimal(const char *name, const char *text, double max, const char *unit, double *ret,
                   struct err *err)
{
    double value;

    if (parse_decimal(text, &value) < 0 || value > max)
        return err_set(err, -EINVAL, "%s takes a decimal number of %s from 0 to %g, not '%s'", name,
                       unit, max, text);
    *ret = value;
    return 0;
}

int option_mib(const char *name, const char *text, uint64_t *ret_kib, struct err *err)
{
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || value > max_mib)
        return err_set(err, -EINVAL, "%s takes a whole number of MiB up to %" PRIu64 ", not '%s'",
                       name, max_mib, text);
    *ret_kib = value * 1024;
    return 0;
}

int option_pcpus(const char *name, const char *text, struct cpuset *ret, struct err *err)
{
    if (cpuset_parse(text, ret) < 0)
        return err_set(err, -EINVAL, "%s takes pCPUs as in '0-1,8', each below %d, not '%s'", name,
                       CPUSET_SIZE, text);
    return 0;
}

/* The word's place among "one|two", or -EINVAL with "'one' or 'two'" in said. */
static int find_word(const char *words, const char *text, char *said, size_t size)
{
    size_t used = 0;
    int at = 0, found = -EINVAL;

    for (const char *word = words; *word; at++) {
        int n = (int)strcspn(word, "|");
        bool is_last = !word[n];

        if (strncmp(word, text, (size_t)n) == 0 && !text[n])
            found = at;
        used += (size_t)snprintf(said + used, size - used, "%s'%.*s'",
                                 at == 0   ? ""
                                 : is_last ? " or "
                                           : ", ",
                                 n, word);
        assert(used < size);
        word += n + !is_last;
    }
    return found;
}

int option_choice(const char *name, const char *words, const char *text, int *ret, struct err *err)
{
    char said[200];
    int found = find_word(words, text, said, sizeof(said));

    if (found < 0)
        return err_set(err, -EINVAL, "%s takes %s, not '%s'", name, said, text);
    *ret = found;
    return 0;
}

int option_switch(const char *name, const char *text, bool *ret, struct err *err)
{
    int chosen = 0;
    int r = option_choice(name, "no|yes", text, &chosen, err);

    if (r == 0)
        *ret = chosen == 1;
    return r;
}

int option_text(const char *name, const char *text, const char **ret, struct err *err)
{
    if (!text[0])
        return err_set(err, -EINVAL, "%s takes a value that is not empty", name);
    *ret = text;
    return 0;
}
