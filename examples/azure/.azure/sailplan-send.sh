#!/usr/bin/env bash
# Sends a plan or a rollback of one tenant and keeps its receipts: `apply PLAN` or `rollback RECEIPT ...`.
set -euo pipefail

out="$AGENT_TEMPDIRECTORY/sailplan-sent"
mkdir -p "$out"
code=0
# shellcheck disable=SC2086 # several flags
sailplan -C "$SAILPLAN_DIR" ${SAILPLAN_FLAGS:-} "$1" --receipt "$out/receipt.json" "${@:2}" > >(tee "$out/output.txt") &
child=$!
# The agent stops this process when the run is cancelled; sailplan ends by itself when it gets the signal.
trap 'kill -TERM "$child" 2>/dev/null' INT TERM
wait "$child" || code=$?
while kill -0 "$child" 2>/dev/null; do
    code=0
    wait "$child" || code=$?
done
# With the records of each tenant, if a run did not finish.
if [ -d "$SAILPLAN_DIR/.sailplan/receipts" ]; then
    cp -R "$SAILPLAN_DIR/.sailplan/receipts" "$out/receipts"
fi
{
    echo "# $SAILPLAN_TENANT"
    echo
    # Four spaces make a code block that no text inside can end.
    sed 's/^/    /' "$out/output.txt"
} >"$out/output.md"
echo "##vso[task.uploadsummary]$out/output.md"
exit "$code"
