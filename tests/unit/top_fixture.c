/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/top_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static json_t *parsed(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);

    assert_non_null(json);
    return json;
}

void top_case_status(struct top_model *model, enum program program, const char *text)
{
    json_t *status = parsed(text);

    top_model_status(model, program, status);
    json_decref(status);
}

void top_case_interval(struct top_model *model, enum program program, const char *names,
                       const char *line)
{
    json_t *who = parsed(names), *figures = parsed(line);

    assert_int_equal(top_model_interval(model, program, who, figures), 0);
    json_decref(who);
    json_decref(figures);
}

void top_case_changes(struct top_model *model, const char *text)
{
    json_t *line = parsed(text);

    top_model_changes(model, line);
    json_decref(line);
}

void top_case_host(struct top_model *model)
{
    top_case_status(model, PROGRAM_VCPU,
                    "{\"verdict\":\"apply\",\"interval\":7,\"note\":\"\",\"moves\":2,"
                    "\"objective\":20,\"bound\":18,\"gap\":0.1,\"dry_run\":true,\"paused\":[]}");
    top_case_interval(model, PROGRAM_VCPU,
                      "{\"t\":1796007500,\"bins\":[\"0\",\"1\",\"2\",\"3\"],"
                      "\"guests\":[\"db\",\"cache\",\"we\\u202eb\"]}",
                      "{\"t\":1796007598,\"sigma_pct\":40.5,\"least_pct\":1.25,"
                      "\"load_permille\":[1000,100,50,0],\"background_permille\":[0,100,50,0],"
                      "\"fair_permille\":[290,290,290,290],\"used_permille\":[400,200,null],"
                      "\"waiting_permille\":[600,10,null],\"demand_permille\":[900,200,null]}");
    top_case_status(model, PROGRAM_MEMORY,
                    "{\"verdict\":\"hold-balanced\",\"interval\":7,\"note\":\"no balloon is far "
                    "off\",\"moves\":0,\"objective\":0,\"bound\":0,\"gap\":0,\"dry_run\":false,"
                    "\"paused\":[{\"guest\":\"we\\u202eb\",\"until\":null}]}");
    top_case_interval(model, PROGRAM_MEMORY,
                      "{\"t\":1796007500,\"bins\":[],\"guests\":[\"db\",\"cache\",\"we\\u202eb\"]}",
                      "{\"t\":1796007598,\"free_mib\":900,\"reserve_mib\":200,\"promised_mib\":16,"
                      "\"size_mib\":[1024,500,300],\"used_mib\":[700,480,null],"
                      "\"target_mib\":[1024,600,300],\"floor_mib\":[800,625,300]}");
    top_case_status(model, PROGRAM_MEMORY,
                    "{\"verdict\":\"hold-balanced\",\"interval\":7,\"note\":\"no balloon is far "
                    "off\",\"moves\":0,\"objective\":0,\"bound\":0,\"gap\":0,\"dry_run\":false,"
                    "\"paused\":[{\"guest\":\"we\\u202eb\",\"until\":null}]}");
    top_case_changes(model,
                     "{\"t\":1796007570,\"dry_run\":true,\"changes\":[{\"guest\":\"db\",\"do\":"
                     "\"pin\",\"vcpu\":0,\"from\":\"0\",\"to\":\"2\",\"reason\":\"it is full\"}]}");
    top_case_changes(model, "{\"t\":1796000000,\"changes\":[{\"guest\":\"cache\",\"do\":\"grant\","
                            "\"from_mib\":400,\"to_mib\":500,\"reason\":\"it grows\"}]}");
}
