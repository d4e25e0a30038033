#!/usr/bin/env bash
# Walks through the learner's loop in a real terminal (tmux) as a new user would, and prints what is
# on the screen as a page:
#   tests/exercises/walkthrough.sh > docs/walkthrough.md
# In a checkout without mine/ and .lab/progress.jsonl, which it makes and removes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
[[ ! -e mine && ! -e .lab/progress.jsonl ]] || { echo "mine/ is somebody's: use another checkout" >&2; exit 2; }
session=walk-$$
screen=(tmux -L "$session")
clean() {
  "${screen[@]}" kill-server 2>/dev/null || true
  rm -rf mine .lab/progress.jsonl .lab/trace
}
trap clean EXIT

"${screen[@]}" -f /dev/null new-session -d -x 100 -y 200 \
  "cd '$root' && exec env PS1='READY ' HISTFILE= NO_COLOR=1 bash --norc"

# Until the prompt stands alone on the last line of what is shown, or PATTERN is on the screen.
wait_for() {
  local i
  for ((i = 0; i < 600; i++)); do
    if [[ $# -gt 0 ]]; then
      ! "${screen[@]}" capture-pane -p | grep -q -- "$1" || return 0
    else
      [[ $("${screen[@]}" capture-pane -p | sed '/^ *$/d' | tail -1) != "READY" ]] || return 0
    fi
    sleep 0.2
  done
  echo "nothing came after: $*" >&2
  return 1
}

shown() { "${screen[@]}" capture-pane -p | sed 's/^READY $//; s/^READY/$/; s/ *$//' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; }

type() { # type COMMAND: runs it, prints the screen
  "${screen[@]}" send-keys -R \; clear-history
  "${screen[@]}" send-keys "clear; $1" Enter
  sleep 0.5
  wait_for
  printf '~~~\n$ %s\n' "$1"
  shown | grep -v -e '^\$ clear; ' -e '^\$$'
  printf '~~~\n\n'
}

# Puts a body into region 1 of the learner's file, as an editor would.
write_region() { # write_region FILE_WITH_BODY LINES_TO_SKIP
  awk -v body="$(tail -n +"$(($2 + 1))" "$1")" '
    /<<< region 1/ { inside = 0 }
    !inside
    />>> region 1/ { print body; inside = 1 }' mine/day01_reduce_scatter.cc >mine/new
  mv mine/new mine/day01_reduce_scatter.cc
}

wait_for
cat <<'PAGE'
# A walk through the learner's loop

What a new user types and sees, from a terminal of 100 columns. Made by `tests/exercises/walkthrough.sh`.

`./lab` says where you are.

PAGE
type './lab'
type './lab start day01_reduce_scatter'
echo 'The file is yours. The first try: the loop of the ring runs to `n - 2`.'
echo
write_region solutions/day01_collectives/day01_reduce_scatter/wrong/RS-STEP-SHORT.2.inc 2
type './lab check'
type './lab hint'
type './lab why'
echo 'The second try runs to `n - 1`.'
echo
sed -n '/>>> region 1/,/<<< region 1/p' solutions/day01_collectives/day01_reduce_scatter/solution.cc |
  sed '1d;$d' >.lab/right
write_region .lab/right 0
rm .lab/right
type './lab check --verbose'
echo 'A lab runs with it, beside the kit'"'"'s own ring.'
echo
type './lab run comm-algorithms --technique mine:day01_reduce_scatter --tp 3 --device modelled --bytes 3000'
type './lab diff'
echo 'Both traces on one axis; without `--screenshot` in a window.'
echo
traces=.lab/trace/day01_reduce_scatter
type "./lab view $traces-mine.json --against $traces-ours.json --screenshot .lab/trace/walk.png"
type './lab status'
type './lab next'
echo '`./lab watch` checks at every save. A file that does not compile, then `h` and `q`:'
echo
sed -i 's/not_written(1)/not_writen(1)/' mine/*.cc
"${screen[@]}" send-keys -R \; clear-history
"${screen[@]}" send-keys "./lab watch" Enter
wait_for 'q quit'
"${screen[@]}" send-keys h
wait_for '^chapter'
printf '~~~\n$ ./lab watch\n'
shown | grep -v -e '^\$'
printf '~~~\n\n'
"${screen[@]}" send-keys q
wait_for
echo 'A quiz explains every answer. Two questions of it, then Ctrl-D:'
echo
"${screen[@]}" send-keys -R \; clear-history
"${screen[@]}" send-keys "clear; ./lab quiz day02" Enter
for answer in b a; do
  wait_for '^your answer: *$'
  "${screen[@]}" send-keys "$answer" Enter
  sleep 0.5
done
wait_for '^3 of'
"${screen[@]}" send-keys C-d
wait_for
printf '~~~\n$ ./lab quiz day02\n'
shown | grep -v -e '^\$'
printf '~~~\n'
