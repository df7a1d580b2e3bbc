#!/usr/bin/env bash
# Shows the results in the summary of the job and gathers the receipts, also when the job was cancelled.
set -euo pipefail

folder=$SAILPLAN_FOLDER
if [ -f "$folder/plan.md" ]; then
    cat "$folder/plan.md" >>"$GITHUB_STEP_SUMMARY"
fi
case "$SAILPLAN_COMMAND" in
apply | rollback)
    if [ -f "$folder/output.txt" ]; then
        # Four spaces make a code block that no text inside can end.
        { echo; sed 's/^/    /' "$folder/output.txt"; } >>"$GITHUB_STEP_SUMMARY"
    fi
    # With the records of each tenant, if a run did not finish.
    if [ -d .sailplan/receipts ]; then
        cp -R .sailplan/receipts "$folder/receipts"
    fi
    ;;
esac
