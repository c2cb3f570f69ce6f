/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CONTROL_BUS_NAMES_H
#define EVENKEEL_AGENT_CONTROL_BUS_NAMES_H

#include "agent/base/options.h"

/* What the programs are called on D-Bus. Errors have names, so that scripts tell them apart. */
#define BUS_ERROR_NO_GUEST "dev.evenkeel.Error.NoGuest"
#define BUS_ERROR_NOT_PAUSED "dev.evenkeel.Error.NotPaused"
#define BUS_ERROR_NOT_KEPT "dev.evenkeel.Error.NotKept"
#define BUS_ERROR_NO_HISTORY "dev.evenkeel.Error.NoHistory"
#define BUS_ERROR_BUSY "dev.evenkeel.Error.Busy"
#define BUS_ERROR_NOT_YET "dev.evenkeel.Error.NotYet"
#define BUS_ERROR_TOO_MANY "dev.evenkeel.Error.TooMany"
#define BUS_ERROR_ONLY_LOOKS "dev.evenkeel.Error.OnlyLooks"
#define BUS_ERROR_NOT_RELEASED "dev.evenkeel.Error.NotReleased"
#define BUS_ERROR_NO_CONFIGURATION "dev.evenkeel.Error.NoConfiguration"
#define BUS_ERROR_BAD_CONFIGURATION "dev.evenkeel.Error.BadConfiguration"

struct bus_names {
    const char *name, *path;
    const char *interface; /* for reading */
    const char *control;   /* for changing what it does */
};
const struct bus_names *bus_names_of(enum program program);

#endif
