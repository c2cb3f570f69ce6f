/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/hands_watch.h"

#include "agent/host/hands.h"

static const uint64_t LOOK_NS = UINT64_C(60000000000);

void hands_watch(struct session *session)
{
    uint64_t now_ns = clock_monotonic_ns();
    enum program program = session->options->program;
    unsigned before = session->hands;

    if (!session->host.hands || (session->hands_ns && now_ns - session->hands_ns < LOOK_NS))
        return;
    session->hands_ns = now_ns;
    session->hands = session->host.hands(session->host.self);
    for (int h = 0; h < HANDS; h++) {
        enum hand hand = (enum hand)h;
        bool is_there = hands_have(session->hands, hand);

        if (is_there && !hands_have(before, hand))
            log_line(&session->log, hand_is_rival(hand, program) ? LOG_WARNING : LOG_INFO,
                     "%s is active on this host: %s", hand_name(hand), hand_advice(hand));
        else if (!is_there && hands_have(before, hand))
            log_line(&session->log, LOG_INFO, "%s is not active any more", hand_name(hand));
    }
}
