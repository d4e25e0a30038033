# What the checks share. A check is a script, `NAME.sh [ROOT]`: it prints one line for each violation,
# "file:line: what is wrong; what is allowed", and fails if there is one.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C  # awk counts bytes, wherever it runs

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"
code='\.(h|cc|cu|cuh)$'
cmake='(^|/)CMakeLists\.txt$|\.cmake$'

# The project's files: what git has or would add; where there is no git, all but what it ignores.
all_files() {
  if [[ -e .git ]] && git ls-files --cached --others --exclude-standard 2>/dev/null; then return; fi
  find . \( -path './build*' -o -path ./third_party -o -path './.*' \) -prune -o -type f -print |
    sed 's|^\./||'
}

# files PATTERN [PATTERN]: those whose name matches every PATTERN (extended regular expressions).
files() {
  all_files | grep -E "$1" | grep -E "${2-.}" | sort -u |
    while IFS= read -r file; do if [[ -f $file ]]; then printf '%s\n' "$file"; fi; done || true
}

# awk_check PROGRAM: runs it over the files named on stdin; it reports with fail(what).
awk_check() {
  tr '\n' '\0' | xargs -0 awk '
    function fail(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
    '"$1"'
    END { exit bad }' /dev/null
}
