/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *err, int code, const char *format, ...)
{
    va_list arguments;

    assert(code < 0);
    if (!err)
        return code;
    err->code = code;
    va_start(arguments, format);
    vsnprintf(err->text, sizeof(err->text), format, arguments);
    va_end(arguments);
    return code;
}
