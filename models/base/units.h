/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BASE_UNITS_H
#define EVENKEEL_MODELS_BASE_UNITS_H

enum { KIB_PER_MIB = 1024 };

#endif
