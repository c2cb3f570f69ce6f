/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_KEYS_H
#define EVENKEEL_AGENT_TOP_KEYS_H

/* Keys: characters, and these. */
enum top_key {
    KEY_OF_UP = 0x1000,
    KEY_OF_DOWN,
    KEY_OF_PAGE_UP,
    KEY_OF_PAGE_DOWN,
    KEY_OF_HOME,
    KEY_OF_END,
    KEY_OF_BACKSPACE,
    KEY_OF_ESCAPE,
};
#endif
