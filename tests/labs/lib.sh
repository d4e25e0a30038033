# What tests of the program share; source it. They stand in an empty folder, $work, that goes with them, and
# nobody types.
# shellcheck shell=bash
work=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
exec </dev/null
passed=0 failed=0 code=0

# holds WHAT TEST...: the test is true; how the last command ended is shown if not
holds() {
  local what=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  exit %s, stderr: %s\n' "$what" "$code" "$(cut -c1-400 err | head -3)"
  fi
}
