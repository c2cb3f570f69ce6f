/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/ticker_paced.h"

#include <errno.h>
#include <stdlib.h>

struct paced_ticker {
    struct ticker pace, inner;
};

static int paced_wait(void *self, struct err *err)
{
    struct paced_ticker *ticker = self;
    int r = ticker->pace.wait(ticker->pace.self, err);

    return r > 0 ? ticker->inner.wait(ticker->inner.self, err) : r;
}

/* In virtual time none is missed. */
static uint64_t paced_overruns(void *self)
{
    const struct paced_ticker *ticker = self;

    return ticker->inner.overruns(ticker->inner.self);
}

static void paced_close(void *self)
{
    struct paced_ticker *ticker = self;

    ticker->pace.close(ticker->pace.self);
    ticker->inner.close(ticker->inner.self);
    free(ticker);
}

int ticker_paced(const struct ticker *pace, struct ticker *inout, struct err *err)
{
    struct paced_ticker *ticker = calloc(1, sizeof(*ticker));

    if (!ticker) {
        pace->close(pace->self);
        return err_set(err, -ENOMEM, "out of memory");
    }
    *ticker = (struct paced_ticker){*pace, *inout};
    inout->self = ticker;
    inout->wait = paced_wait;
    inout->overruns = paced_overruns;
    inout->close = paced_close;
    return 0;
}
