#!/usr/bin/env bash
# One step of a pipeline in any CI that starts a shell. sailplan is on the PATH; results go to SAILPLAN_OUT, a folder outside
# the checkout, which is made anew.
#
#     sailplan-ci.sh check [BASE]         without credentials: files, rules, and what would no longer be managed
#     sailplan-ci.sh plan TENANT [BASE]   with a client that may read: plan.json, plan.md, plan.html
#     sailplan-ci.sh apply TENANT PLAN    with a client that may write, after somebody's approval: exactly that plan
#     sailplan-ci.sh drift TENANT         ends with 2 if the tenant drifted, with 1 if it could not be read
#
# SAILPLAN_PULL_REQUEST and SAILPLAN_APPROVED_BY (names separated by commas) go into the receipt, SAILPLAN_RUN_URL if the CI has no
# variable that sailplan knows. SAILPLAN_FLAGS holds more flags, such as --ca-cert=FILE.
set -euo pipefail
what=$1

# shellcheck disable=SC2206 # several flags
flags=(${SAILPLAN_FLAGS:-})
case "$what" in
check)
    exec sailplan ${flags[@]+"${flags[@]}"} validate ${2:+"--base=$2"}
    ;;
plan | drift)
    command=(plan "--tenant=$2" --out "$SAILPLAN_OUT/plan.json" --markdown "$SAILPLAN_OUT/plan.md" --html "$SAILPLAN_OUT/plan.html")
    if [ "$what" = drift ]; then command+=(--detailed-exitcode); elif [ -n "${3:-}" ]; then command+=("--base=$3"); fi
    ;;
apply)
    command=(apply "$3" --receipt "$SAILPLAN_OUT/receipt.json")
    ;;
*)
    exit 64
    ;;
esac
rm -rf "$SAILPLAN_OUT"
mkdir -p "$SAILPLAN_OUT"
sailplan ${flags[@]+"${flags[@]}"} "${command[@]}" &
child=$!
# A CI that cancels a job may signal only this process; sailplan ends by itself when it gets the signal.
trap 'kill -TERM "$child" 2>/dev/null' INT TERM HUP
code=0
wait "$child" || code=$?
while kill -0 "$child" 2>/dev/null; do
    code=0
    wait "$child" || code=$?
done
# With the records of each tenant, if a run did not finish.
if [ "$what" = apply ] && [ -d .sailplan/receipts ]; then
    cp -R .sailplan/receipts "$SAILPLAN_OUT/receipts"
fi
exit "$code"
