#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A rule that cannot fail is no rule: each accepts a small made-up tree, then must refuse it with one
# violation put in, and must name what it refused.
set -uo pipefail
rules=$1/tests/rules
bad=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
objects=$work/build/CMakeFiles

licence='/* SPDX-License-Identifier: GPL-3.0-or-later */'

# compile LAYER FILE BODY: FILE of the tree is BODY, and its object is in the build.
compile() {
    local object=$objects/$1.dir/$2.o
    mkdir -p "$tree/${2%/*}" "${object%/*}"
    printf "$licence\n%b\n" "$3" >"$tree/$2"
    cc -I "$tree" -c -o "$object" "$tree/$2"
}

# header FILE TEXT
header() {
    mkdir -p "$tree/${1%/*}"
    printf "$licence\n%b\n" "$2" >"$tree/$1"
}

# program NAME: says which options it has, and has a manual page.
program() {
    printf '#!/bin/sh\necho "  --verbose  say more"\n' >"$work/build/$1"
    chmod +x "$work/build/$1"
    printf '%s\n' ".Dd January 1, 2026" ".ds doc-volume-operating-system Evenkeel" ".Dt ${1^^} 8" .Os ".Sh NAME" ".Nm $1" \
        ".Nd made up for evenkeel" ".Sh OPTIONS" ".Bl -tag -width Ds" ".It Fl -verbose" "Say more." .El \
        >"$tree/agent/install/$1.8"
}

# installation: what cmake --install follows, and the list of what it brings.
installation() {
    echo 'CMAKE_INSTALL_PREFIX:PATH=/usr' >"$work/build/CMakeCache.txt"
    cat >"$work/build/cmake_install.cmake" <<END
if(NOT DEFINED CMAKE_INSTALL_PREFIX)
  set(CMAKE_INSTALL_PREFIX /usr)
endif()
file(INSTALL DESTINATION "\${CMAKE_INSTALL_PREFIX}/sbin" TYPE PROGRAM
     FILES "$work/build/vcpu_scheduler" "$work/build/memory_coordinator")
file(INSTALL DESTINATION "\${CMAKE_INSTALL_PREFIX}/share/man/man8" TYPE FILE
     FILES "$tree/agent/install/vcpu_scheduler.8" "$tree/agent/install/memory_coordinator.8")
configure_file("$tree/agent/install/vcpu_scheduler.service" "$work/build/vcpu_scheduler.service" @ONLY)
file(INSTALL DESTINATION "\${CMAKE_INSTALL_PREFIX}/lib/systemd/system" TYPE FILE
     FILES "$work/build/vcpu_scheduler.service")
file(INSTALL DESTINATION "\${CMAKE_INSTALL_PREFIX}/share/doc/evenkeel" TYPE FILE FILES "$tree/README.md")
file(INSTALL DESTINATION "\${CMAKE_INSTALL_PREFIX}/lib/evenkeel" TYPE FILE
     FILES "$tree/agent/install/evenkeel.conf")
file(INSTALL DESTINATION "\${CMAKE_INSTALL_PREFIX}/etc/evenkeel/evenkeel.conf.d" TYPE DIRECTORY FILES "")
END
    echo 'ExecStart=@CMAKE_INSTALL_PREFIX@/sbin/vcpu_scheduler 2' >"$tree/agent/install/vcpu_scheduler.service"
    echo '[vcpu]' >"$tree/agent/install/evenkeel.conf"
    mkdir -p "$tree/tests/rules"
    printf '%s\n' '644 lib/evenkeel/evenkeel.conf' '644 lib/systemd/system/vcpu_scheduler.service' '755 sbin/memory_coordinator' \
        '755 sbin/vcpu_scheduler' '644 share/doc/evenkeel/README.md' '644 share/man/man8/memory_coordinator.8' \
        '644 share/man/man8/vcpu_scheduler.8' >"$tree/tests/rules/installed"
}

# clean: the tree without a fault, and its build.
clean() {
    mkdir -p "$tree"/{.ci,tests,agent/install} "$work/build"
    cp "$rules/../../.clang-format" "$tree/"
    printf '#!/bin/sh\n# SPDX-License-Identifier: GPL-3.0-or-later\necho\n' >"$tree/bootstrap"
    printf '# SPDX-License-Identifier: GPL-3.0-or-later\n' >"$tree/CMakeLists.txt"
    printf '%s\n' '[Options](#options) [What it reports](#what-it-reports)' '## Options' "| \`--verbose\` | |" \
        '## What it reports' >"$tree/README.md"
    header models/base/low.h 'int low(int x);'
    compile models models/base/low.c '#include "models/base/low.h"\n\nint low(int x)\n{\n    return x;\n}'
    header models/lp/lp.h 'int lp_value(int x);'
    compile models models/lp/lp.c \
        '#include "models/lp/lp.h"\n\n#include "models/base/low.h"\n\nint lp_value(int x)\n{\n    return low(x);\n}'
    header planner/base/plan.h 'int plan_value(int x);'
    compile planner planner/base/plan.c '#include "planner/base/plan.h"\n\n#include "models/lp/lp.h"\n
int plan_value(int x)\n{\n    return lp_value(x);\n}'
    header planner/vcpu/vcpu.h 'int vcpu_value(void);'
    compile planner planner/vcpu/vcpu.c '#include "planner/vcpu/vcpu.h"\n\nint vcpu_value(void)\n{\n    return 1;\n}'
    header agent/base/host.h 'int host_value(int x);'
    compile agent agent/base/host.c '#include "agent/base/host.h"\n\n#include <unistd.h>\n
int host_value(int x)\n{\n    return getpid() + x;\n}'
    program vcpu_scheduler
    program memory_coordinator
    installation
}

# fresh: the tree as it was first.
fresh() {
    rm -rf "${work:?}"/{tree,build}
    cp -a "$work"/clean/{tree,build} "$work/"
}

# refuses RULE WORDS: the rule fails on the tree and its output has WORDS. The next one starts afresh.
refuses() {
    local out
    if out=$("$rules/$1.sh" "$tree" "$work/build" 2>&1); then
        echo "$1 accepted: $2" >&2
        bad=1
    elif ! grep -qF -- "$2" <<<"$out"; then
        printf '%s failed without saying "%s":\n%s\n' "$1" "$2" "$out" >&2
        bad=1
    fi
    fresh
}

# with FILE TEXT: FILE ends with TEXT.
with() {
    printf '%b\n' "$2" >>"$tree/$1"
}

clean
mkdir "$work/clean"
cp -a "$work"/{tree,build} "$work/clean/"
for rule in includes calls format sizes text documented documents install; do
    if ! out=$("$rules/$rule.sh" "$tree" "$work/build" 2>&1); then
        printf '%s refused a tree without a fault:\n%s\n' "$rule" "$out" >&2
        bad=1
    fi
done

with models/base/low.h '#include "planner/base/plan.h"'
refuses includes 'models/base may not include planner/base/plan.h'
with models/base/low.h '#include "models/lp/lp.h"'
refuses includes 'models/base may not include models/lp/lp.h'
header planner/memory/memory.h '#include "planner/vcpu/vcpu.h"'
refuses includes 'planner/memory may not include planner/vcpu/vcpu.h'
header models/attic/old.h 'int old;'
with models/attic/old.h '#include <stdint.h>'
refuses includes 'models/attic has no place'
with planner/base/plan.h '#include <time.h>'
refuses includes 'planner is pure and may not include <time.h>'
with agent/base/host.h '#include <libvirt/libvirt.h>'
refuses includes 'libvirt/libvirt.h belongs in agent/host/host_libvirt'
with models/base/low.h '#include <glpk.h>'
refuses includes 'glpk.h belongs in models/lp/solver_glpk.c'
with agent/base/host.h '#include "../planner/base/plan.h"'
refuses includes 'from the root'
with agent/base/host.h '#include "planner/nothing.h"'
refuses includes 'planner/nothing.h does not exist'

compile models models/base/high.c 'int lp_value(int); int high(void) { return lp_value(1); }'
refuses calls 'models/base may not call lp_value of models/lp/lp.c'
compile planner planner/memory/beside.c 'int vcpu_value(void); int beside(void) { return vcpu_value(); }'
refuses calls 'planner/memory may not call vcpu_value of planner/vcpu/vcpu.c'
compile planner planner/base/clock.c 'long time(long *); long tick(void) { return time(0); }'
refuses calls 'planner/base/clock.c: calls time'
compile models models/lp/env.c 'char *getenv(const char *); char *home(void) { return getenv("HOME"); }'
refuses calls 'models/lp/env.c: calls getenv'
compile models models/lp/mip.c 'int glp_version(void); int version(void) { return glp_version(); }'
refuses calls 'models/lp/mip.c: calls glp_version'

with models/spoiled.c "$licence\nint  spoiled ( void ) ;"
refuses format 'models/spoiled.c'

with models/spoiled.c "$licence\n$(yes '' | head -n 400 | tr '\n' 'x' | sed 's/x/\\n/g')"
refuses sizes 'models/spoiled.c: 40'
with models/spoiled.c "$licence\nint spoiled(int x)\n{\n$(yes '    x++;' | head -n 70 | sed 's/$/\\n/' | tr -d '\n')    return x;\n}"
refuses sizes 'spoiled has 74 lines'

with models/spoiled.c "$licence\n/* TO""DO: later */"
refuses text 'open ends'
with models/spoiled.c 'int spoiled(void);'
refuses text 'models/spoiled.c'
with README.md 'A guest with 512 M''B.'
refuses text 'decimal units'
with models/spoiled.c "$licence\nint spoiled(void); "
refuses text 'trailing blanks'
with models/spoiled.c "$licence\nint spoiled(void); /* NOLINT */"
refuses text 'a linter is silenced'
mkdir -p "$tree/agent/host"
with agent/host/spoiled.c "$licence\n/* VIR_DOMAIN_XML_""SECURE */"
refuses text 'read with its secrets'
mkdir -p "$tree/agent/control"
with agent/control/spoiled.c "$licence\n#include \"agent/host/guest_xml.h\""
refuses text 'definition on the bus'
with tests/spoiled.sh "#!/bin/bash\\n# SPDX-License-Identifier: GPL-3.0-or-later\\necho \$1"
refuses text 'SC2086'

sed -i '/--verbose/d' "$tree/README.md"
refuses documented 'README.md does not tell of --verbose'
sed -i '/^\.It Fl -verbose/d' "$tree/agent/install/vcpu_scheduler.8"
refuses documented 'vcpu_scheduler.8 does not tell of --verbose'
sed -i 's/^\.It Fl -verbose/&\nSay.\n.It Fl -quiet/' "$tree/agent/install/vcpu_scheduler.8"
refuses documented 'vcpu_scheduler.8 tells of --quiet, which does not exist'
sed -i 's/^## Options/&\n--spoiled/' "$tree/README.md"
refuses documented 'README.md tells of --spoiled'
sed -i 's/^\.It Fl -verbose/& Ar much/' "$tree/agent/install/vcpu_scheduler.8"
refuses documented 'vcpu_scheduler.8 tells of --verbose MUCH, which does not exist'
sed -i 's/--verbose/& MUCH/' "$tree/README.md"
refuses documented 'README.md does not tell of --verbose'
with agent/install/vcpu_scheduler.8 '.Xx nothing'
refuses documented 'vcpu_scheduler.8 is not well-formed'

with planner/README.md 'See [this](nothing.md).'
refuses documents 'planner/README.md links to nothing.md'
with planner/README.md 'See [this](../README.md#nothing).'
refuses documents 'no such heading'
with planner/README.md "It is in \`vcpu/nothing.c\`."
refuses documents 'planner/README.md names vcpu/nothing.c'
with planner/README.md 'It calls vcpu_nothing_at_all().'
refuses documents 'planner/README.md says vcpu_nothing_at_all'
with README.md '## Spoiled'
refuses documents 'no line of contents with #spoiled'
with models/base/low.h '/* See README.md, "Nothing". */'
refuses documents 'models/base/low.h points at "Nothing"'

sed -i '/sbin.vcpu/d' "$tree/tests/rules/installed"
refuses install '> 755 sbin/vcpu_scheduler'
echo '644 share/doc/evenkeel/MORE.md' >>"$tree/tests/rules/installed"
refuses install '< 644 share/doc/evenkeel/MORE.md'
echo 'file(INSTALL DESTINATION "/etc" TYPE FILE FILES "'"$tree"'/README.md")' >>"$work/build/cmake_install.cmake"
refuses install 'outside of /usr'
sed -i '/conf.d/d' "$work/build/cmake_install.cmake"
refuses install 'there is no empty folder etc/evenkeel/evenkeel.conf.d'
with agent/install/vcpu_scheduler.service.in 'ProcSubset=pid'
refuses unit_proc 'vcpu_scheduler.service.in: ProcSubset=pid'
with agent/install/vcpu_scheduler.service.in 'ProtectProc=invisible'
refuses unit_proc 'vcpu_scheduler.service.in: ProtectProc='
if command -v systemd-analyze >/dev/null; then
    with agent/install/vcpu_scheduler.service.in '[Service]\nExecStart=/bin/true'
    refuses unit_exposure 'vcpu_scheduler.service is exposed'
fi
with agent/install/vcpu_scheduler.8 '.Xx nothing'
refuses install 'vcpu_scheduler.8 is not well-formed'
with agent/install/vcpu_scheduler.service 'ExecReload=/usr/sbin/nothing'
refuses install 'starts /usr/sbin/nothing, which is not installed'
sed -i 's/@CMAKE_INSTALL_PREFIX@/\/usr/' "$tree/agent/install/vcpu_scheduler.service"
refuses install 'below /opt/evenkeel: vcpu_scheduler.service starts /usr/sbin/vcpu_scheduler'
echo 'exit 1' >>"$work/build/memory_coordinator"
refuses install 'memory_coordinator --version fails'
sed -i 's/ for evenkeel//' "$tree/agent/install/vcpu_scheduler.8"
refuses install 'apropos evenkeel does not find vcpu_scheduler.8'
sed -i '/^\.ds/d' "$tree/agent/install/vcpu_scheduler.8"
refuses install 'vcpu_scheduler.8 has the head of another system'
with README.md '[there](nothing.md)'
refuses install 'README.md links to nothing.md, which is not installed'

# answers: the tree has one way from GLPK's answer to a pin, and then another one.
one_way() {
    mkdir -p "$tree/models/certify"
    header planner/vcpu/diff.h 'struct placement_answer;\nint vcpu_diff(const struct placement_answer *answer);'
    printf 'vcpu_check(sample, plan, err);\n' >"$tree/agent/vcpu_loop.c"
}
one_way
if ! "$rules/answers.sh" "$tree" >/dev/null; then
    echo 'answers refused a tree without a fault' >&2
    bad=1
fi
with planner/vcpu/planner.c 'r = placement_solve(problem, limits, &solution);'
refuses answers 'only consult.c asks'
one_way
with planner/vcpu/planner.c 'place->to_pcpu = solution.bin_of[i];'
refuses answers 'only diff.c writes'
one_way
with models/certify/ask.c 'answer->bin_of = known->bin_of;'
refuses answers 'only certify.c makes'
one_way
header planner/vcpu/diff.h 'int vcpu_diff(const int *bin_of);'
refuses answers 'made of an answer'
one_way
: >"$tree/agent/vcpu_loop.c"
refuses answers 'every plan is checked'

exit "$bad"
