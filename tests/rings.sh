#!/usr/bin/env bash
# Runs rings of tests one after another, and says which have failed: tests/rings.sh PYTHON fast|every
#
# Tests of the fast rings wait more than they compute, so several run side by side; what measures sound as time
# passes (the mark "in_time"), a real Asterisk and a browser each want the machine. A test that fails all the
# same is asked once more with nobody beside it: a busy machine is no fault of ours, and what fails twice is.
set -uo pipefail
python=$1 rings=$2
failed=
longest_s=1500

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
    done
    "$python" -m pytest "${arguments[@]}" "${more[@]}" "${again[@]}" ||
        failed="${failed:+$failed and }$name"
}

fast=(tests/unit tests/component)
count=() more=()
if [ "$rings" = every ]; then
    count=(--cov --cov-report=) more=(--cov-append)
fi

ring "the tests side by side" "${fast[@]}" -m "not in_time" --numprocesses="${WORKERS:-4}" --dist=worksteal "${count[@]}"
ring "the tests in time" "${fast[@]}" -m in_time "${count[@]}" "${more[@]}"
if [ "$rings" = every ]; then
    ring "the real Asterisk and browser" tests --ignore="${fast[0]}" --ignore="${fast[1]}" "${count[@]}" "${more[@]}"
    "$python" -m coverage report || failed="${failed:+$failed and }the coverage"
fi
[ -z "$failed" ] || {
    echo "failed: $failed" >&2
    exit 1
}
