#!/usr/bin/env bash
# Text from outside, of every kind that drives a terminal or deceives who reads it, through everything
# that prints it: names in files, names of files, words of the command line, the environment.
# Usage: outside_text.sh PATH/TO/lab
set -u
lab=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source=$(cd "$(dirname "$0")/../.." && pwd)
cd "$work" || exit 1
passed=0 failed=0

# A line break, ESC (colour, clear, title), BEL, DEL, 0x9b as a byte and as U+009B, U+202E, U+2028,
# U+200B, a byte that is no UTF-8, and what shells, HTML and JSON think something of.
evil=$'a\nlab:b\e[31m\e[2J\e]0;t\a\x7f\x9b\xc2\x9b\xe2\x80\xae\xe2\x80\xa8\xe2\x80\x8b\xff<&">\'$(>P);é!'
in_json='a\nlab:b\u001b[31m\u001b[2J\u0000\u0007\u007f\u009b\u202e\u2028\u200b<&\">'\''$(>P);é!'
hidden='[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f\xad]|\xd8\x9c|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf'

complain() {
  failed=$((failed + 1))
  printf 'FAILED: %s\n' "$*" | cat -v
}

is_printable() { # is_printable FILE: no hidden character in it, and it is UTF-8
  ! LC_ALL=C grep -qaP "$hidden" "$1" && iconv -f UTF-8 -t UTF-32 "$1" >/dev/null 2>&1
}

# SVG and JSON that another program reads, where there is one.
parses() { # parses FILE: SVG or JSON
  ! command -v python3 >/dev/null || python3 -c 'import json, sys, xml.dom.minidom
file = open(sys.argv[1], encoding="utf-8")
json.load(file) if file.read(1) != "<" and file.seek(0) == 0 else xml.dom.minidom.parse(sys.argv[1])' "$1" 2>/dev/null ||
    complain "$1 is not well-formed"
}

# No line of stdout or stderr is one that a name made: it would begin with "lab:b".
look() { # look WORDS...: at what was printed
  if ! is_printable out; then complain "$* prints on stdout: $(<out)"
  elif ! is_printable err; then complain "$* prints on stderr: $(<err)"
  elif grep -q '^lab:b' out err; then complain "$*: a name begins a line: $(cat out err)"
  elif [[ -e P ]]; then complain "$*: a name was run as a command"
  else passed=$((passed + 1)); fi
}

answers() { # answers ARG...: exit code 0
  "$lab" "$@" >out 2>err </dev/null || complain "lab $* ends with $?: $(<err)"
  look "lab $*"
}

refuses() { # refuses CODE ARG...: one line on stderr, nothing on stdout
  local want=$1 code
  shift
  "$lab" "$@" >out 2>err </dev/null
  code=$?
  look "lab $*"
  if [[ $code != "$want" || $(wc -l <err) != 1 || -s out ]]; then
    complain "lab $* ends with $code (want $want): $(cat err out)"
  fi
}

# Names of spans, shapes and lanes, and of the machine.
"$lab" run tp-block --device modelled --steps 1 --trace plain.json >out 2>err || complain "no trace: $(<err)"
for_sed=$(sed 's/[&\\/]/\\&/g' <<<"$in_json")
sed -e "s/\"gemm/&$for_sed/g; s/stream 0 compute/&$for_sed/; s/\"8xH100/&$for_sed/" plain.json >evil.json
grep -qF '$(>P)' evil.json || complain "no name has become evil"
cat >torch.json <<END
{"schemaVersion": 1, "distributedInfo": {"rank": 0}, "traceEvents": [
 {"ph":"M","name":"process_name","pid":0,"args":{"name":"python $in_json"}},
 {"ph":"M","name":"thread_name","pid":0,"tid":7,"args":{"name":"stream 7 $in_json"}},
 {"ph":"X","cat":"kernel","name":"k1 $in_json","pid":0,"tid":7,"ts":0,"dur":10},
 {"ph":"X","cat":"kernel","name":"ncclDevKernel_AllReduce $in_json","pid":0,"tid":20,"ts":10,"dur":20,
  "args":{"Collective name":"allreduce","Process Group Name":"g $in_json","Process Group Description":"d $in_json",
   "Process Group Ranks":"[0, 1]","In msg nelems":8,"dtype":"Float"}},
 {"ph":"X","cat":"kernel","name":"k2 $in_json","pid":0,"tid":7,"ts":90,"dur":10}]}
END
cp evil.json "$evil.json"
for file in evil.json torch.json "$evil.json"; do
  for question in stats explain what-if; do
    answers trace $question "$file"
    answers trace $question "$file" --json
    parses out
  done
done
refuses 2 trace stats "missing $evil"
refuses 2 trace "$evil"
refuses 2 trace stats "--$evil"
printf '{"traceEvents": [{"ph":"X"' >"broken $evil"
refuses 2 trace stats "broken $evil"

# Commands that are printed name the file that was meant.
names_it() { # names_it BEFORE FILE: what stands after BEFORE, as bash reads it
  local command
  command=$(cat out err | sed -n "s/.*$1//p" | sed 's/   (or drop.*//; s/ --follow$//')
  if [[ $(bash -c "printf '%s.' $command") != "$2." ]]; then complain "$1 $command does not name $2"; fi
}
for file in "t $evil.json" "x;touch P;.json" "it's.json" "plain.json"; do
  answers run tp-mlp --device modelled --trace "$file"
  names_it 'trace: .\/lab view ' "$file"
  [[ -e $file ]] || complain "no file $file"
done
answers run tp-mlp --device modelled --trace=-x.json
names_it 'trace: .\/lab view ' ./-x.json
refuses 2 run tp-train --device mpi --tp 4 --text "$evil"
names_it 'lab run tp-train --device mpi --tp 4 --text ' "$evil"

# Flags, verbs, values, files of other kinds.
for words in "$evil" "run $evil" "run tp-mlp --$evil" "run tp-mlp --technique $evil" "compare $evil --a x --b y" \
  "run tp-mlp --tp $evil" "run tp-mlp --order $evil" "run tp-mlp --link $evil" "run tp-train --learning-rate $evil" \
  "run tp-train --text $evil" "run tp-train --load $evil" "run tp-mlp --device modelled --hardware $evil" \
  "schedule $evil" "schedule --check $evil" "schedule 1f1b --stages $evil" "schedule 1f1b --costs $evil" \
  "schedule mine:$evil --stages 2 --microbatches 2" "bench $evil" "bench collectives --svg no/$evil" "list $evil" \
  "doctor $evil" "demo --out /dev/null/$evil --steps 2$evil" "view $evil" "view --$evil" "report $evil" "report --$evil" \
  "view plain.json --screenshot $evil" "view plain.json --select $evil --screenshot x.png" "start $evil" "check $evil" \
  "why $evil" "hint $evil" "quiz $evil" "diff $evil" "reset $evil" "reveal $evil" "dev $evil" "dev verify $evil"; do
  IFS=' ' read -r -d '' -a arguments <<<"$words" || true
  arguments[-1]=${arguments[-1]%$'\n'}
  "$lab" "${arguments[@]}" >out 2>err </dev/null
  code=$?
  look "lab $words"
  if [[ $code != 2 && $code != 6 ]] || [[ $(wc -l <err) != 1 || -s out ]]; then
    complain "lab $words ends with $code: $(cat out err)"
  fi
done
SHARDPIPE_DATA_DIR=$evil refuses 2 run tp-train
SHARDPIPE_DATA_DIR=$evil answers help
[[ ! -x $(dirname "$lab")/lab-learn ]] || SHARDPIPE_DATA_DIR=$evil answers status

printf '0F0,0B0\n1F0,%s\n' "${evil//$'\n'/ }" >cells.csv
refuses 2 schedule --check cells.csv
printf '0F0,0B0\n' >"$evil.csv"
for format in table csv json trace svg; do answers schedule --check "$evil.csv" --format $format; done
parses out
answers schedule --check "$evil.csv" --format json
parses out
printf '0B0,0F0\n' >"wrong $evil.csv"
"$lab" schedule --check "wrong $evil.csv" >out 2>err
look "lab schedule --check wrong"

cp "$source/core/cost/profiles/8xH100.json" "$evil-machine.json"
for name in tp-mlp tp-overlap pp-inference; do
  answers run $name --device modelled --steps 1 --hardware "./$evil-machine.json"
done
answers run tp-mlp --device modelled --hardware "./$evil-machine.json" --json
parses out
answers run tp-mlp --steps 1 --link "./$evil-machine.json"
answers bench collectives --ranks 4 --device modelled --hardware "./$evil-machine.json" --svg "$evil.svg"
parses "$evil.svg"
machine=./${evil//$'\n'/}-machine.json  # --a and --b take words apart at blanks
cp "$evil-machine.json" "$machine"
answers compare tp-mlp --a "--device modelled --hardware $machine" --b "--device modelled"$'\n'
# A text, and a checkpoint: eight bytes of length, names in JSON, numbers.
head -c 4096 /dev/zero | tr '\0' 'x' >"$evil.txt"
answers run tp-train --steps 1 --layers 1 --hidden 32 --heads 2 --ffn 64 --seq 16 --batch 1 --text "$evil.txt"
header="{\"$in_json\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}"
printf -v size '\\x%02x' "$(printf %s "$header" | wc -c)"
printf '%b%s1234' "$size\\0\\0\\0\\0\\0\\0\\0" "$header" >"w $evil"
refuses 2 run tp-train --load "w $evil"
grep -q F33 err || complain "the tensor is not what is refused: $(<err)"

# The viewer and the report.
build=$(dirname "$lab")
if [[ -x $build/lab-view ]]; then
  for file in evil.json torch.json; do
    answers view "$file" --screenshot "p $evil.svg" --select 0@0.001 --critical-path --what-if
    is_printable "p $evil.svg" || complain "view $file draws what is hidden"
    parses "p $evil.svg"
    answers view "$file" --screenshot p.png --against "$evil.json"
    answers view "$file" --save "s $evil.sptrace"
    answers trace stats "s $evil.sptrace"
    answers view "s $evil.sptrace" --save again.json
    answers trace stats again.json --json
    "$lab" trace stats "$file" --json >first
    cmp -s first out || complain "$file does not keep its names when it is saved"
  done
fi
if [[ -x $build/lab-report ]]; then
  answers report "$evil.json" torch.json --pair evil.json torch.json --title "$evil" --out "r $evil.html"
  is_printable "r $evil.html" || complain "the report shows what is hidden"
fi

# Questions that are answered by typing.
if [[ -x $build/lab-learn ]]; then
  printf '%s\n' "$evil" "$evil" | "$lab" quiz day02 >out 2>err
  look "lab quiz day02"
fi

# The script around it, in a folder of its own.
cp "$source/lab" lab
./lab build "$evil" >out 2>err
look "./lab build"
LAB_JOBS=$evil ./lab list >out 2>err
look "./lab with LAB_JOBS"

echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
