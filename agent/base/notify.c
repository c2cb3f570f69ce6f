/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "agent/base/clock.h"
#include "agent/base/text.h"

static const double WATCHDOG_INTERVALS = 10;

bool notify_is_heard(void)
{
    return getenv("NOTIFY_SOCKET") != NULL;
}

void notify_ready(void)
{
    sd_notify(0, "READY=1");
}

void notify_reloading(void)
{
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_monotonic_ns() / 1000);
}

void notify_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

void notify_status(const char *format, ...)
{
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    text_printable(text);
    sd_notifyf(0, "STATUS=%s", text);
}

void notify_turn(void)
{
    sd_notify(0, "WATCHDOG=1");
}

void notify_interval(double interval_s)
{
    double wanted_us = WATCHDOG_INTERVALS * interval_s * 1e6;
    uint64_t usual_us = 0;

    if (sd_watchdog_enabled(0, &usual_us) <= 0)
        return;
    sd_notifyf(0, "WATCHDOG_USEC=%" PRIu64,
               wanted_us > (double)usual_us ? (uint64_t)wanted_us : usual_us);
}
