#!/usr/bin/env bash
# A rank, or mpirun, is stopped, killed or told to end at moments of a run from MPI_Init to
# MPI_Finalize, or a rank goes round in circles there. Each time the job ends within the time limit and
# some seconds, says why, and leaves no process. The moments are calls of MPI (signal_at_call.cc), drawn
# by a seed.
# Usage: signals.sh PATH/TO/lab PATH/TO/libsignal_at_call.so SEED HOW_MANY MPIRUN...
# HOW_MANY: so many of all cases, by seed; all: every one, with 2 and with 4 processes.
set -u
lab=$1 library=$2 RANDOM=$3 many=$4
shift 4
mpirun=("$@")
limit=2     # seconds, --time-limit
patience=8  # what a busy machine, the sentence and MPI_Abort may take on top of it
bound=40    # of one run from its start: then it hangs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/life"
failed=0 passed=0 longest=0

# Who lives, until nobody does: exit code 0; 1: somebody still does. mpirun itself may have been stopped by
# us while its ranks came to their end without it; then it goes on.
watch_life() {  # watch_life PROCESSES
  local line count=0 status=0 what launcher_now launcher=""
  while read -r -t "$bound" line <&8 || { status=$? && false; }; do
    echo "$line"
    read -r what _ launcher_now <<<"$line"
    [[ $what != now ]] || launcher=$launcher_now
    [[ $what != process ]] || count=$((count + 1))
    if [[ $what = end || $count = "$1" ]]; then exec 9>&-; fi  # from now on only they hold it open
  done
  ((status <= 128)) || return 1  # above: it waited in vain
  [[ ! $launcher ]] || kill -CONT "$launcher" 2>/dev/null
  return 0
}

run() {  # run PROCESSES NAME=VALUE...: its exit code in $code, what it said in err, who lived in seen
  local n=$1 watcher
  shift
  rm -f "$work/count" "$work/t.json" "$work/w.safetensors"
  exec 9<>"$work/life"
  exec 8<"$work/life"
  watch_life "$n" >"$work/seen" &
  watcher=$!
  exec 8<&- 9>&-
  {  # bash would tell of what was killed
    timeout -k 5 "$bound" "${mpirun[@]}" -n "$n" env LD_PRELOAD="$library" AT_LIFE="$work/life" "$@" \
      "$lab" run tp-train --tp "$n" --layers 1 --hidden 32 --heads 4 --ffn 64 --seq 16 --batch 1 --steps 2 \
      --time-limit $limit --trace "$work/t.json" --save "$work/w.safetensors" \
      >"$work/out" 2>"$work/err" </dev/null
    code=$?
  } 2>/dev/null
  exec 9<>"$work/life"
  echo end >&9
  exec 9>&-
  wait $watcher
  left=$?
}

seconds_since_now_line() {  # from the signal on, in tenths
  local moment
  moment=$(sed -n 's/^now \([0-9]*\) .*/\1/p' "$work/seen" | head -1)
  [[ $moment ]] && echo $(((${EPOCHREALTIME/./} - moment) / 100000))
}

# ends PROCESSES RANK CALL DO WHOM
ends() {
  local n=$1 rank=$2 call=$3 what=$4 whom=$5 good=yes tenths words
  run "$n" AT_RANK="$rank" AT_CALL="$call" AT_DO="$what" AT_WHOM="$whom"
  tenths=$(seconds_since_now_line)
  words=$(cat "$work/err")
  if [[ $left != 0 ]]; then
    good="" words+=$'\n(processes are left)'
    sed -n 's/^process //p' "$work/seen" | xargs -r kill -9 2>/dev/null
  fi
  [[ $tenths ]] || { good="" words+=$'\n(that call was never made)'; tenths=0; }
  ((tenths <= 10 * (limit + patience))) || { good="" words+=$'\n(that took too long)'; }
  ((tenths <= longest)) || longest=$tenths
  # MPICH's mpirun speaks on stdout, and its exit code may be the signal by which it ends the others.
  local mpich="BAD TERMINATION"
  case $whom-$what in
    rank-STOP) [[ $code =~ ^(4|9)$ && $words =~ "rank $rank"\ (does not answer|is stopped) ]] || good="" ;;
    rank-LOOP) [[ $code =~ ^(4|9)$ && $words =~ "rank $rank"\ (is inside|runs|waits) ]] || good="" ;;
    rank-*)
      [[ $code != 0 && $code != 124 ]] || good=""
      [[ $words =~ signal\ (9|15) ]] || grep -qF "$mpich" "$work/out" || good=""
      ;;
    mpirun-STOP)  # or nobody needed it; what it has missed makes MPICH's end with a code of its own
      [[ $code != 0 && $code != 124 && $words == *"lab: no progress for $limit s: "*"is stopped"* ]] ||
        [[ $code = 0 && -s $work/w.safetensors ]] || good=""
      ;;
    mpirun-TERM) [[ $words == *"told to (SIGTERM)"* || $code = 15 ]] || good="" ;;
    mpirun-KILL) ;;  # who would have printed it is dead
  esac
  if [[ $good ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s of %s %s at its call %s of %s, %s processes: exit %s after %s tenths of a second\n%s\n' \
      "$what" "$whom" "$rank" "$call" "${calls[$n]}" "$n" "$code" "$tenths" "$words"
  fi
}

# How many calls a rank makes, where nothing happens.
declare -A calls
for n in 2 4; do
  run $n AT_RANK=1 AT_CALL=0 AT_DO=STOP AT_WHOM=rank AT_COUNT="$work/count"
  calls[$n]=$(cat "$work/count" 2>/dev/null)
  if [[ $code != 0 || $left != 0 || ! ${calls[$n]} ]]; then
    echo "FAILED: a run to which nothing happens: exit $code"
    cat "$work/err"
    exit 1
  fi
done

# Ten moments for each fault: the first call, the last one, and one of each eighth between. A rank that
# goes round in circles before the processes can talk, at its fourth call, is noticed after a minute: not
# here.
cases=()
for n in 2 4; do
  for fault in "STOP rank" "KILL rank" "TERM rank" "LOOP rank" "STOP mpirun" "KILL mpirun" "TERM mpirun"; do
    for i in {0..9}; do
      last=${calls[$n]} eighth=$(((${calls[$n]} - 2) / 8))
      case $i in
        0) at=1 ;;
        9) at=$last ;;
        *) at=$((2 + (i - 1) * eighth + RANDOM % eighth)) ;;
      esac
      [[ $fault != LOOP* || $at -gt 4 ]] || at=4
      cases+=("$n $((RANDOM % n)) $at $fault")
    done
  done
done
if [[ $many != all ]]; then
  for ((i = 0; i < many; ++i)); do  # the first of a shuffle
    j=$((i + RANDOM % (${#cases[@]} - i)))
    one=${cases[j]}
    cases[j]=${cases[i]}
    cases[i]=$one
  done
  cases=("${cases[@]:0:$many}")
fi
for one in "${cases[@]}"; do
  # shellcheck disable=SC2086  # a list of words
  ends $one
done
echo "$passed passed, $failed failed; the longest took $((longest / 10)).$((longest % 10)) s with a limit of $limit s"
[[ $failed = 0 && $passed -gt 0 ]]
