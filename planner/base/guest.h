/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_GUEST_H
#define EVENKEEL_PLANNER_BASE_GUEST_H

#include <stdbool.h>
#include <stddef.h>

/* Sizes of texts, with the byte that ends them. libvirt and QEMU set no limit on names; a UUID has
 * 32 digits and 4 dashes (RFC 4122), and fits where a name is shown, since some name guests so. */
enum { GUEST_NAME_SIZE = 240, GUEST_SHOWN_SIZE = 41, GUEST_UUID_SIZE = 37 };

/* Who a guest is. The UUID decides, always. The name is for people: it is shortened, and no
 * character in it harms a reader. */
struct guest_id {
    unsigned char uuid[16];
    char name[GUEST_SHOWN_SIZE];
    char true_name[GUEST_NAME_SIZE]; /* what its owner wrote, where that is another; may be cut */
};

/* Order by UUID: the stable order in which samples are sorted and ties are broken. */
int guest_compare(const struct guest_id *a, const struct guest_id *b);
/* Whether it is one of so many. */
bool guest_is_in(const struct guest_id *guests, size_t n, const struct guest_id *guest);
void guest_uuid_text(const struct guest_id *guest, char text[GUEST_UUID_SIZE]);
int guest_uuid_parse(const char *text, unsigned char uuid[16]); /* 0 or -EINVAL */

#endif
