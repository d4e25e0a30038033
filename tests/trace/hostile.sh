#!/usr/bin/env bash
# Traces that are well formed and large in one way (hostile.py): every verb answers or says its limit, in
# time and memory that go with the events. What is quadratic does not end within the limit where there are
# a million of them, which takes minutes (TIMES=1 shows each); here there are fewer, and what a span may cost
# is counted in limits_test.cc.
# Usage: hostile.sh PYTHON PATH/TO/lab [EVENTS NAME_BYTES]
set -u
python=$1 lab=$(realpath "$2") events=${3:-4000} name_bytes=${4:-1000000}
source=$(cd "$(dirname "$0")" && pwd)
most_s=${MOST_S:-60}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0
"$python" "$source/hostile.py" "$work" "$events" "$name_bytes" || exit 1

# ends ARG...: an answer, or one line that names a limit
ends() {
  local code begin=$SECONDS
  timeout "$most_s" "$lab" "$@" >out 2>err </dev/null
  code=$?
  [[ -z ${TIMES:-} ]] || echo "$((SECONDS - begin)) s, exit $code: lab $* $(head -c 300 err)"
  if [[ $code = 2 && $(wc -l <err) = 1 ]] && grep -q "at most\|cannot be added\|the trace ends at" err; then
    code=0
  fi
  if [[ $code = 0 ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: lab %s\n  exit %s, stderr: %s\n' "$*" "$code" "$(head -c 500 err)"
  fi
}

for trace in *.json; do
  for question in stats explain what-if; do ends trace $question "$trace"; done
  if [[ -x $(dirname "$lab")/lab-view ]]; then
    ends view "$trace" --screenshot picture.png
  fi
done
for trace in ranks threads one_meeting long_process overlapping; do
  [[ ! -x $(dirname "$lab")/lab-view ]] || ends view $trace.json --save saved.sptrace
  [[ ! -x $(dirname "$lab")/lab-report ]] || ends report $trace.json --out page.html
done
echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
