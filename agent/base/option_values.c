/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/option_values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INTERVAL_LEAST_S 0.01
#define INTERVAL_MOST_S 86400.0
#define MIB_MOST (UINT64_C(1) << 34) /* 16 PiB: more than any host, and safe to multiply */
#define DIGITS_MOST 30

int decimal_parse(const char *text, double *ret)
{
    size_t whole = strspn(text, "0123456789");
    size_t part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    size_t end = whole + (part ? part + 1 : 0);

    if (!whole || text[end] || end > DIGITS_MOST)
        return -EINVAL;
    *ret = strtod(text, NULL);
    return 0;
}

int option_interval(const char *text, double *ret_s, struct err *err)
{
    double value;

    if (decimal_parse(text, &value) < 0 || value < INTERVAL_LEAST_S || value > INTERVAL_MOST_S)
        return err_set(err, -EINVAL,
                       "the interval is a decimal number of seconds from %g to %g, not '%s'",
                       INTERVAL_LEAST_S, INTERVAL_MOST_S, text);
    *ret_s = value;
    return 0;
}

int option_decimal(const char *name, const char *text, double most, const char *unit, double *ret,
                   struct err *err)
{
    double value;

    if (decimal_parse(text, &value) < 0 || value > most)
        return err_set(err, -EINVAL, "%s takes a decimal number of %s from 0 to %g, not '%s'", name,
                       unit, most, text);
    *ret = value;
    return 0;
}

int option_mib(const char *name, const char *text, uint64_t *ret_kib, struct err *err)
{
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || value > MIB_MOST)
        return err_set(err, -EINVAL, "%s takes a whole number of MiB, not '%s'", name, text);
    *ret_kib = value * 1024;
    return 0;
}

int option_objective(const char *text, enum placement_objective *ret, struct err *err)
{
    if (strcmp(text, "deviation") == 0)
        *ret = PLACEMENT_DEVIATION;
    else if (strcmp(text, "variance") == 0)
        *ret = PLACEMENT_VARIANCE;
    else
        return err_set(err, -EINVAL, "--objective takes 'deviation' or 'variance', not '%s'", text);
    return 0;
}

int option_text(const char *name, const char *text, const char **ret, struct err *err)
{
    if (!text[0])
        return err_set(err, -EINVAL, "%s takes a value that is not empty", name);
    *ret = text;
    return 0;
}
