/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_CHILD_H
#define EVENKEEL_AGENT_FLEET_CHILD_H

#include <stddef.h>

#include "agent/base/stop.h"
#include "planner/base/err.h"

/* Another program, run without a shell and for a limited time. */

struct child_job {
    const char *const *argv; /* ends with NULL; argv[0] is looked for in PATH */
    const char *input;       /* for its standard input, or NULL */
    size_t n_input;
    size_t most_output;      /* bytes; more is an error */
    unsigned limit_ms;       /* it and what it has started are killed then */
    const struct stop *stop; /* or NULL: nobody asks; it is told to end then, and killed if it
                                has not ended after grace_ms */
    unsigned grace_ms;
    int *
        status; /* where its exit status goes, which is no error then but has its sentence; or NULL */
};

/* 0 with what it wrote, malloc'ed and ended by a zero that does not count, if it ended with 0.
 * -ENOENT: there is no such program; -ETIMEDOUT, -ECANCELED, -EFBIG, -ENOMEM; -EIO: it failed, and the sentence
 * has the first line of its complaint. */
int child_run(const struct child_job *job, char **ret, size_t *ret_n, struct err *err);

#endif
