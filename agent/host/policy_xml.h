/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_POLICY_XML_H
#define EVENKEEL_AGENT_HOST_POLICY_XML_H

#include <libxml/tree.h>
#include <stdbool.h>

#include "planner/base/err.h"
#include "planner/base/sample.h"

/* Whether an element of <metadata> is in the namespace below. */
bool policy_is_ours(const xmlNode *node);

/* The element that a guest's definition may carry in <metadata>:
 *
 *   <evenkeel:guest xmlns:evenkeel="tag:evenkeel.dev,2026:guest">
 *     <evenkeel:memory floor="512" ceiling="2048" weight="200" unit="MiB"/>
 *   </evenkeel:guest>
 *
 * Attributes of <memory>, all optional: floor, ceiling, size (whole numbers; size holds the guest
 * at exactly that), unit of those (KiB, MiB or GiB; MiB where it is left out), weight (1..10000),
 * managed (yes, no). Anything else is an error, so that a misspelt word does not silently mean
 * nothing. 0, or -EINVAL with the sentence and *ret untouched. */
int policy_parse(const xmlNode *guest, struct memory_policy *ret, struct err *err);

#endif
