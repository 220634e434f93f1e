#!/usr/bin/env bash
# Runs rings of tests one after another, and says which have failed: tests/rings.sh PYTHON fast|every
#
# Tests wait more than they compute, so several run side by side, each process with ports, and where it wants one
# an Asterisk, of its own; what measures sound or seconds as they pass (the mark "in_time") wants the machine. A
# test that fails all the same is asked once more with nobody beside it: a busy machine is no fault of ours, and
# what fails twice is.
set -uo pipefail
python=$1 rings=$2
failed=
longest_s=1500
# Each process that a test starts, and each that runs tests, would compile all of it anew.
unset PYTHONDONTWRITEBYTECODE

ring() {
    local name=$1
    shift
    local status=0 again=(--last-failed --last-failed-no-failures=none)
    timeout "$longest_s" "$python" -m pytest "$@" || status=$?
    [ $status = 0 ] && return
    if [ $status = 124 ]; then
        echo "--- $name: hung for ${longest_s} s: read it as a fault; all of it is run again" >&2
        again=()
    fi
    echo "--- $name: what failed, once more and alone" >&2
    local arguments=()
    for one in "$@"; do
        [[ $one == --numprocesses=* || $one == --dist=* ]] || arguments+=("$one")
        [[ $one == --cov ]] && arguments+=(--cov-append)
    done
    "$python" -m pytest "${arguments[@]}" "${again[@]}" || failed="${failed:+$failed and }$name"
}

fast=(tests/unit tests/component)
slow=(tests/browser tests/faults tests/integration)
all=("${fast[@]}") count=()
if [ "$rings" = every ]; then
    all+=("${slow[@]}") count=(--cov --cov-report=)
fi

ring "the tests without Asterisk" "${fast[@]}" -m "not in_time" --numprocesses="${WORKERS:-4}" --dist=worksteal "${count[@]}"
if [ "$rings" = every ]; then
    ring "the real Asterisk and browser" "${slow[@]}" -m "not in_time" --numprocesses="${WORKERS:-3}" --dist=worksteal
fi
# Only the files that have such tests: to read all the others takes longer than it looks.
mapfile -t in_time < <(grep -rl --include="test_*.py" "mark.in_time" "${all[@]}")
# Without an Asterisk these leave the processor idle for nine tenths of the time.
beside=()
[ "$rings" = every ] || beside=(--numprocesses=3 --dist=worksteal)
ring "the tests in time" "${in_time[@]}" -m in_time "${beside[@]}"
if [ "$rings" = every ]; then
    "$python" -m coverage report || failed="${failed:+$failed and }the coverage"
fi
[ -z "$failed" ] || {
    echo "failed: $failed" >&2
    exit 1
}
