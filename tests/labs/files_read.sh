#!/usr/bin/env bash
# What a person may give where a file is read: each is read, or refused at once with one sentence.
# Usage: files_read.sh PATH/TO/lab
# shellcheck disable=SC2086  # a reader is several words
set -u
lab=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/labs/lib.sh"
export TMPDIR=$work/tmp
mkdir tmp

one_sentence() { [[ $code = "$1" && $(wc -l <err) = 1 && ! -s out ]] && grep -qF -- "$2" err; }

# refuses CODE WORDS ARG...: at once, with that exit code and one line that has WORDS
refuses() {
  local want=$1 words=$2
  shift 2
  timeout 20 "$lab" "$@" >out 2>err
  code=$?
  holds "lab $* (want exit $want and '$words')" one_sentence "$want" "$words"
}

# same ARG...: exit code 0, and what file `first` has
same() {
  timeout 20 "$lab" "$@" >out 2>err
  code=$?
  holds "lab $* differs" cmp -s out first
}

"$lab" schedule 1f1b --stages 4 --microbatches 8 --format trace >t.json
"$lab" schedule gpipe --stages 4 --microbatches 8 --format csv >right.csv
head -c 3000 "$source/data/the_long_table.txt" >text.txt
cp "$source/core/cost/profiles/laptop.json" profile.json
mkdir folder folder.json && mkfifo fifo fifo.json
ln -s loop loop
ln -s nowhere lost
printf 'x' >plain
long=$(printf 'x%.0s' {1..5000})
small="--steps 1 --layers 1 --hidden 32 --heads 2 --ffn 64 --seq 16 --batch 1"
train="run tp-train $small"
readers=("trace stats" "$train --text" "$train --load" "schedule --check" "report --out r.html")
[[ -x $(dirname "$lab")/lab-report ]] || unset 'readers[4]'
[[ -x $(dirname "$lab")/lab-view ]] && readers+=("view --screenshot r.svg")

for reader in "${readers[@]}"; do
  case $reader in
    *--text) refuses 2 "folder: no .md file" $reader folder ;;
    *) refuses 2 "folder: is a folder" $reader folder ;;
  esac
  refuses 2 "/dev/zero: is a device" $reader /dev/zero
  refuses 2 "/dev/urandom: is a device" $reader /dev/urandom
  refuses 2 "/dev/null: is a device" $reader /dev/null
  refuses 2 "says that it is empty and is not" $reader /proc/self/status
  refuses 2 "loop: cannot be read: Too many levels" $reader loop
  refuses 2 "lost: cannot be read: No such file" $reader lost
  refuses 2 "plain/inside: cannot be read: Not a directory" $reader plain/inside
  refuses 2 "File name too long" $reader "$long"
done
holds "a refused report or picture was written" test ! -e r.html -a ! -e r.svg
profile="run tp-mlp --device modelled --hardware"
refuses 2 "folder.json: is a folder, not a hardware profile" $profile ./folder.json
refuses 2 "is a pipe, not a hardware profile" $profile ./fifo.json
head -c 1048577 /dev/zero >large.json
refuses 2 "has 1048577 bytes; a hardware profile may have at most 1048576" $profile ./large.json
truncate -s 200000001 large.csv
refuses 2 "has 200000001 bytes; a CSV file may have at most 200000000" schedule --check large.csv
truncate -s 1073741825 large.txt
refuses 2 "may have at most 1073741824" $train --text large.txt
rm large.*
mkdir texts && cp text.txt texts/a.md && mkfifo texts/b.md
refuses 2 "texts/b.md: is a pipe" $train --text texts
refuses 2 "is a pipe, not a CSV file" schedule --check fifo
refuses 2 "is a pipe, not a safetensors file" $train --load fifo
refuses 2 "the name of a file is empty" trace stats ""
cp "$lab" program
refuses 2 "program: not JSON" trace stats program

if [[ -x $(dirname "$lab")/lab-learn ]]; then
  mkdir -p root/.lab/progress.jsonl root/mine/day01_five_algorithms.toml
  for folder in core data docs exercises labs solutions; do ln -s "$source/$folder" root/; done
  mkfifo root/mine/day01_exchange.cc
  export SHARDPIPE_DATA_DIR=$work/root
  refuses 2 "progress.jsonl: is a folder" status
  refuses 2 "day01_five_algorithms.toml: is a folder, not a text file" check day01_five_algorithms
  refuses 2 "day01_exchange.cc: is a pipe, not a text file" check day01_exchange
  refuses 2 "fifo: is a pipe, not a text file" check day01_exchange --file fifo
  unset SHARDPIPE_DATA_DIR
fi

# Pipes, where a trace or a text is meant.
"$lab" trace stats t.json --json >first
same trace stats /dev/stdin --json < <(cat t.json)
same trace stats <(cat t.json) --json
same trace stats <(gzip -c t.json) --json
same trace stats /dev/stdin --json < <(gzip -c t.json)
cat t.json >fifo &
same trace stats fifo --json
same trace stats /dev/stdin --json <t.json
"$lab" $train --text text.txt --json | grep -F '"loss"' >first
loss() {
  timeout 20 "$lab" "$@" --json 2>err | grep -F '"loss"' >out
  code=$?
  holds "lab $* has another loss" cmp -s out first
}
loss $train --text <(cat text.txt)
loss $train --text /dev/stdin < <(cat text.txt)
if [[ -x $(dirname "$lab")/lab-view ]]; then
  "$lab" view t.json --save t.sptrace 2>err
  "$lab" trace stats t.sptrace --json >first
  same trace stats /dev/stdin --json < <(cat t.sptrace)
  "$lab" view <(cat t.json) --against <(gzip -c t.json) --screenshot pair.svg >out 2>err
  code=$?
  holds "lab view of two pipes" test -s pair.svg
  refuses 2 "fifo: --follow needs a regular file" view fifo --follow --frames 1
  refuses 2 "folder: --follow needs a regular file" view folder --follow --frames 1
fi
if [[ -x $(dirname "$lab")/lab-report ]]; then
  "$lab" report <(cat t.json) --pair <(cat t.json) <(cat t.json) --out pipes.html >out 2>err
  code=$?
  holds "lab report of three pipes" test -s pipes.html
fi
refuses 2 "/dev/stdin: not JSON at byte 0" trace stats /dev/stdin < <(yes) # which never ends
holds "a temporary file is left in TMPDIR" test -z "$(ls tmp)"

# Ctrl-C ends a run that waits for who writes. The shell gets on once the run has opened the FIFO.
mkfifo slow
env --default-signal=INT "$lab" trace stats slow >out 2>err &
exec 9>slow
kill -INT $!
wait $!
code=$?
exec 9>&-
holds "Ctrl-C while a pipe is waited for" test "$code" = 130

# What keeps a pipe needs room.
TMPDIR=$work/nowhere refuses 2 "TMPDIR" trace stats <(cat t.json)
TMPDIR=$work/plain refuses 2 "cannot hold it: Not a directory" trace stats <(cat t.json)
(ulimit -f 1 && timeout 20 "$lab" trace stats <(cat t.json t.json t.json) >out 2>err)
code=$?
holds "a limit on files" one_sentence 2 "cannot hold it: File too large"

# Each call that reads fails once: a sentence and a sound exit code, or no harm.
# fails CALL FILE CODE WORDS ARG...: FILE is the last argument, or TMPDIR
fails() {
  local call=$1 file=$2 want=$3 words=$4
  shift 4
  timeout 20 strace -qq -o traced -P "$file" -e inject="$call" "$lab" "$@" >out 2>err
  code=$?
  holds "lab $* where $call of $file (want exit $want)" one_sentence "$want" "$words"
}
if strace -qq -o traced -e inject=getppid:error=EIO true 2>/dev/null; then
  file=$work/t.json
  "$lab" trace stats "$file" >first
  for error in EIO EISDIR EOVERFLOW ENOMEM EMFILE; do
    want=2
    [[ $error = ENOMEM || $error = EMFILE ]] && want=5
    for call in %%stat openat pread64; do
      fails "$call:error=$error:when=1" "$file" $want "cannot be read: " trace stats "$file"
    done
  done
  fails "%%stat:error=EIO:when=2" "$file" 2 "cannot be read: " trace stats "$file"
  # interrupted CALL FILE: once does no harm
  interrupted() {
    timeout 20 strace -qq -o traced -P "$2" -e inject="$1:error=EINTR:when=1" \
      "$lab" trace stats "$2" --json >out 2>err
    code=$?
    holds "$1 of $2 is interrupted" cmp -s out first
  }
  "$lab" trace stats "$file" --json >first
  for call in openat pread64; do
    interrupted $call "$file"
    fails "$call:error=EINTR" "$file" 2 "Interrupted system call" trace stats "$file" # for ever
  done
  for call in openat "?poll,?ppoll" read; do
    cat t.json >fifo &
    interrupted "$call" "$work/fifo"
    wait
  done
  exec 9<>fifo # so that nobody waits for the other end
  cat t.json >&9
  for call in openat "?poll,?ppoll" read; do
    fails "$call:error=EIO" "$work/fifo" 2 "fifo: cannot be read: " trace stats "$work/fifo"
  done
  exec 9>&-
  while read -r file reader; do
    fails "pread64:error=EIO" "$work/$file" 2 "cannot be read: Input/output error" \
      $reader "$work/$file"
  done <<END
profile.json $profile
text.txt $train --text
right.csv schedule --check
END
  for error in ENOSPC EIO EROFS; do
    fails "openat:error=$error" "$TMPDIR" 2 "cannot hold it" trace stats <(cat t.json)
  done
  timeout 20 strace -qq -o traced -e inject=write:error=ENOSPC:when=1 \
    "$lab" trace stats <(cat t.json) >out 2>err
  code=$?
  holds "no room for what comes through a pipe" one_sentence 2 "cannot hold it: No space left"
else
  echo "no strace here: failing calls are not tried"
fi

echo "$passed passed, $failed failed"
[[ $failed = 0 && $passed -gt 60 ]]
