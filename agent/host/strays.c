/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/strays.h"

#include <errno.h>

#include "agent/base/clock.h"

void strays_add_change(struct strays *strays, const struct guest_id *guest)
{
    strays->changing[strays->n_changing++ % MAX_CHANGING] = *guest;
}

bool strays_change(struct strays *strays, const struct guest_id *guest)
{
    if (atomic_load(&strays->n) == 0)
        strays->n_changing = 0;
    for (unsigned i = 0; i < strays->n_changing && i < MAX_CHANGING; i++) {
        if (guest_compare(&strays->changing[i], guest) == 0)
            return true;
    }
    return false;
}

/* Too many calls hang. Those may end one day; when they do not, ending is what helps. */
int strays_allow(struct strays *strays, uint64_t patience_ns, const char *uri, struct err *err)
{
    uint64_t now_ns = clock_monotonic_ns();

    if (atomic_load(&strays->n) < MAX_STRAYS) {
        strays->given_up_ns = 0;
        return 0;
    }
    if (!strays->given_up_ns)
        strays->given_up_ns = now_ns;
    if (now_ns - strays->given_up_ns < patience_ns)
        return err_set(err, -ENOTCONN, "libvirt at '%.80s' has stopped answering", uri);
    return err_set(err, -EHOSTDOWN,
                   "libvirt at '%.80s' has not answered for a minute, and too many calls hang: "
                   "ending, so that a new start can try",
                   uri);
}
