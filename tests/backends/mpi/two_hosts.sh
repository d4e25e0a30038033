#!/usr/bin/env bash
# Ranks on two hosts: two network namespaces of this machine, joined by a cable of their own, each with
# its name. (They have one kernel, and so one clock.) Collectives and models give the same bits, there is
# one trace of both, and a program that breaks a rule, a process that is killed and a network that is
# cut end the run on both hosts.
# Exit code 77 where namespaces cannot be made (they take root, and iproute2).
# Usage: two_hosts.sh PATH/TO/BUILD MPIRUN
set -u
build=$1 mpirun=$2
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_hwloc_base_binding_policy=none
a=shardpipe-$$-a b=shardpipe-$$-b
work=$(mktemp -d)
clean_up() {
  for host in $a $b; do
    ip netns pids "$host" 2>/dev/null | xargs -r kill -9 2>/dev/null
    ip netns del "$host" 2>/dev/null
  done
  rm -rf "$work"
}
trap clean_up EXIT

{ ip netns add $a && ip netns add $b && ip link add va netns $a type veth peer name vb netns $b &&
  ip -n $a addr add 10.77.0.1/24 dev va && ip -n $b addr add 10.77.0.2/24 dev vb &&
  for host in $a $b; do ip -n "$host" link set lo up; done &&
  ip -n $a link set va up && ip -n $b link set vb up && unshare --uts true; } >/dev/null 2>&1 ||
  { echo "no network namespaces here"; exit 77; }

# In place of ssh: enters the other host.
cat >"$work/agent" <<AGENT
#!/bin/sh
shift
exec ip netns exec $b unshare --uts sh -c "hostname b; \$*"
AGENT
chmod +x "$work/agent"

# on_both N PROGRAM...: N processes, the first half of them on host a
on_both() {
  local n=$1 net=10.77.0.0/24
  shift
  timeout -k 5 60 ip netns exec $a unshare --uts sh -c 'hostname a; exec "$@"' sh \
    "$mpirun" --mca plm_rsh_agent "$work/agent" --mca oob_tcp_if_include $net \
    --mca btl_tcp_if_include $net --host 10.77.0.1:$((n / 2)),10.77.0.2:$((n - n / 2)) -n "$n" "$@" \
    >"$work/out" 2>"$work/err"
}
left_over() { ip netns pids $a; ip netns pids $b; }
nobody_is_left() { [[ ! $(left_over) ]]; }
wait_until() {  # wait_until SECONDS COMMAND...
  local tenths=$((10 * $1))
  shift
  while ! "$@"; do
    ((tenths-- > 0)) || return 1
    sleep 0.1
  done
}

passed=0 failed=0
# check NAME CODE WANTED [WORDS]: the exit code of the last run, words in what it said, nobody left (the
# daemon on the other host may need a moment after mpirun has ended)
check() {
  if [[ $2 = "$3" ]] && grep -qF -- "${4-}" "$work/out" "$work/err" && wait_until 5 nobody_is_left; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $1 (exit $2, not $3); left over: $(left_over | xargs)"
    tail -n 5 "$work/out" "$work/err"
  fi
}

on_both 4 hostname
check "two hosts" "$(sort "$work/out" | xargs)" "a a b b"
on_both 4 "$build/test_mpi"
check "collectives and models" $? 0
on_both 4 "$build/lab" run hybrid-train --tp 2 --pp 2 --layers 4 --hidden 48 --ffn 96 --heads 12 \
  --seq 16 --batch 8 --steps 1 --json --trace "$work/t.json"
check "a model on tp 2 x pp 2" $? 0 '"bitwise"'
"$build/lab" trace stats "$work/t.json" >"$work/out" 2>"$work/err"
check "one trace of both" $? 0 "4 ranks"
on_both 3 "$build/wrong_program" mpi throws
check "a rank throws" $? 5 "rank 1: the disk is full"
on_both 3 "$build/wrong_program" mpi killed
check "a process is killed" $? 137 "signal 9"
on_both 3 "$build/wrong_program" mpi sleeps
check "a rank sleeps" $? 4 "no progress for 3 s"
on_both 3 "$build/wrong_program" mpi collective
check "another collective" $? 1 "ranks of one group meet in different operations"

# The cable is pulled while ranks send to each other: both ranks end by the limit. mpirun itself may wait
# for its other half, so it is not asked.
ranks() { for host in $a $b; do ip netns pids "$host"; done | xargs -r ps -o comm= -p | grep -c '^lab$'; }
are_sending() { ip netns exec $a ss -tnp 2>/dev/null | grep '10.77.0.2' | grep -q '"lab"'; }
are_gone() { [[ $(ranks) = 0 ]]; }
on_both 2 "$build/lab" run comm-algorithms --technique ring --tp 2 --bytes 64 --steps 200000 --time-limit 2 &
wait_until 30 are_sending && ip -n $a link set va down && wait_until 30 are_gone
gone=$?
left_over | xargs -r kill -9
{ wait; } 2>/dev/null  # bash would tell of the kill
check "the cable is pulled" $gone 0 "no progress for 2 s"
echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
