#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A rule that cannot fail is no rule: each is run on a copy of the tree with one violation put in,
# must refuse it, and must name what it refused.
set -uo pipefail
source=$1
binary=$2
rules=$source/tests/rules
bad=0
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

fresh() {
    rm -rf "$tree" && mkdir -p "$tree/lib"
    tar -C "$source" --exclude='./build*' --exclude=./.git -cf - . | tar -C "$tree" -xf -
}

# refuses RULE WORDS: the rule fails on the tree and its output has WORDS.
refuses() {
    local out
    if out=$("$rules/$1.sh" "$tree" "$tree/lib" 2>&1); then
        echo "$1 accepted: $2" >&2
        bad=1
    elif ! grep -qF -- "$2" <<<"$out"; then
        printf '%s failed without saying "%s":\n%s\n' "$1" "$2" "$out" >&2
        bad=1
    fi
}

# with FILE LINE: a fresh tree in which FILE ends with LINE.
with() {
    fresh
    printf '%b\n' "$2" >>"$tree/$1"
}

# A clean file of each layer to spoil.
licence='/* SPDX-License-Identifier: GPL-3.0-or-later */'

with models/base/work.h '#include "planner/base/err.h"'
refuses includes 'models may not include planner/base/err.h'
with planner/base/err.h '#include <time.h>'
refuses includes 'planner is pure and may not include <time.h>'
with planner/base/err.h '#include "agent/base/host.h"'
refuses includes 'planner may not include agent/base/host.h'
with agent/base/host.h '#include <libvirt/libvirt.h>'
refuses includes 'libvirt belongs in agent/host/host_libvirt.c'
with models/base/work.h '#include <glpk.h>'
refuses includes 'GLPK belongs in models/lp/solver_glpk.c'
with agent/base/host.h '#include "../planner/base/err.h"'
refuses includes 'from the root'
with agent/base/host.h '#include "planner/nothing.h"'
refuses includes 'planner/nothing.h does not exist'

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
with models/README.md 'A guest with 512 M''B.'
refuses text 'decimal units'
with models/spoiled.c "$licence\nint spoiled(void); "
refuses text 'trailing blanks'
with tests/spoiled.sh "#!/bin/bash\\n# SPDX-License-Identifier: GPL-3.0-or-later\\necho \$1"
refuses text 'SC2086'

# The tree's own programs, and a document that does not know them well.
programs() {
    cp "$binary/vcpu_scheduler" "$binary/memory_coordinator" "$tree/lib/"
}
fresh
programs
sed -i '/--dry-run/d' "$tree/README.md"
refuses documented 'README.md does not tell of --dry-run'
fresh
programs
sed -i '/^\.It Fl -match/d' "$tree/agent/install/vcpu_scheduler.8"
refuses documented 'vcpu_scheduler.8 does not tell of --match'
fresh
programs
sed -i 's/^## Options/&\n--spoiled/' "$tree/README.md"
refuses documented 'README.md tells of --spoiled'

# calls LAYER OBJECT BODY: archives in which an object of LAYER has BODY.
calls() {
    fresh
    cp "$binary/libmodels.a" "$binary/libplanner.a" "$tree/lib/"
    printf '%s\n' "$3" | cc -x c -c -o "$tree/$2" - && ar q "$tree/lib/lib$1.a" "$tree/$2"
}
calls planner spoiled.c.o 'long time(long *); long spoiled(void) { return time(0); }'
refuses purity 'spoiled.c.o calls time'
calls models spoiled.c.o 'char *getenv(const char *); char *spoiled(void) { return getenv("HOME"); }'
refuses purity 'spoiled.c.o calls getenv'
calls models spoiled.c.o 'int glp_version(void); int spoiled(void) { return glp_version(); }'
refuses purity 'spoiled.c.o calls glp_version'

exit "$bad"
