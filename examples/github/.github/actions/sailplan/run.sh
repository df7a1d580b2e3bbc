#!/usr/bin/env bash
# Runs sailplan and leaves its results in a folder, in the outputs of the step and in the summary of the job.
# A failure of sailplan is an output here: the comment is written first, then the job fails.
set -euo pipefail

folder=$(mktemp -d "$RUNNER_TEMP/sailplan-run.XXXXXX")
args=()
while IFS= read -r line; do
    [ -z "$line" ] || args+=("$line")
done <<<"$SAILPLAN_ARGS"

code=0
changes=
markdown=
case "$SAILPLAN_COMMAND" in
plan)
    sailplan plan --out "$folder/plan.json" --markdown "$folder/plan.md" --html "$folder/plan.html" \
        ${args[@]+"${args[@]}"} || code=$?
    # A wrong command line writes none of them.
    if [ -f "$folder/plan.json" ]; then
        sailplan show --format github "$folder/plan.json"
        markdown="$folder/plan.md"
        cat "$markdown" >>"$GITHUB_STEP_SUMMARY"
        changes=$(jq -r '.summary.changes' "$folder/plan.json")
    fi
    ;;
apply)
    sailplan apply --receipt "$folder/receipt.json" ${args[@]+"${args[@]}"} | tee "$folder/apply.txt" || code=$?
    # Four spaces make a code block that no text inside can end.
    { echo; sed 's/^/    /' "$folder/apply.txt"; } >>"$GITHUB_STEP_SUMMARY"
    ;;
validate)
    sailplan validate --format github ${args[@]+"${args[@]}"} || code=$?
    ;;
*)
    echo "::error::command is $SAILPLAN_COMMAND; write plan, apply or validate"
    exit 64
    ;;
esac

# A branch that only takes settings from control, adds some, or weakens guardrails is news as well.
news=true
if [ "$code" = 0 ] && [ -n "$changes" ] && [ "$(jq '.summary | .changes + .weakened + .losses + .gained' "$folder/plan.json")" = 0 ]; then
    news=false
fi
{
    echo "exit-code=$code"
    echo "changes=$changes"
    echo "news=$news"
    echo "directory=$folder"
    echo "markdown=$markdown"
} >>"$GITHUB_OUTPUT"
