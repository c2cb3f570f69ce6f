/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/pace.h"

#include <string.h>

void pace_begin(struct pace *pace, const char *program, bool is_quiet, double total)
{
    const char *slash = strrchr(program, '/');

    *pace = (struct pace){.total = total};
    progress_begin(&pace->progress, slash ? slash + 1 : program, is_quiet);
}

void pace_did(struct pace *pace, double weight)
{
    pace->done += weight;
    progress_tell(&pace->progress, pace->done, pace->total);
}

void pace_clear(struct pace *pace)
{
    progress_end(&pace->progress);
}
