#!/usr/bin/env bash
# Runs sailplan and leaves its results in a folder and in the outputs of the step. A failure of sailplan is an output here:
# the comment is written first, then the job fails.
set -euo pipefail

folder=$SAILPLAN_FOLDER
args=()
while IFS= read -r line; do
    [ -z "$line" ] || args+=("$line")
done <<<"$SAILPLAN_ARGS"

case "$SAILPLAN_COMMAND" in
plan)
    command=(plan --out "$folder/plan.json" --markdown "$folder/plan.md" --html "$folder/plan.html")
    ;;
apply)
    command=(apply --receipt "$folder/receipt.json")
    ;;
validate)
    command=(validate --format github)
    ;;
rollback-plan)
    command=(rollback --out "$folder/plan.json")
    ;;
rollback)
    command=(rollback)
    ;;
*)
    echo "::error::command is $SAILPLAN_COMMAND; write install, plan, apply, validate, rollback-plan or rollback"
    exit 64
    ;;
esac

# When the job is cancelled, the runner signals only this process, and kills what is left after ten seconds.
sailplan "${command[@]}" ${args[@]+"${args[@]}"} > >(tee "$folder/output.txt") &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' INT TERM
code=0
wait "$child" || code=$?
while kill -0 "$child" 2>/dev/null; do
    code=0
    wait "$child" || code=$?
done

changes=
digest=
markdown=
news=true
drift=unknown
if [ -f "$folder/plan.json" ]; then # a wrong command line writes no plan
    markdown="$folder/plan.md"
    [ -f "$markdown" ] || sailplan show --format markdown "$folder/plan.json" >"$markdown"
    sailplan show --format github "$folder/plan.json"
    changes=$(jq -r '.summary.changes' "$folder/plan.json")
    digest=$(jq -r '.digest // empty' "$folder/plan.json")
    # A branch that only weakens guardrails, or stops or moves the management of settings, is reported too.
    if [ "$code" = 0 ] && [ "$(jq '[.summary | .changes, .weakened, .losses, .gained, .moved, .accepted] | add' "$folder/plan.json")" = 0 ]; then
        news=false
    fi
    # If a tenant could not be read, it is not known whether it drifted.
    if [ "$changes" != 0 ]; then
        drift=true
    elif [ "$code" = 0 ]; then
        drift=false
    fi
fi
{
    echo "exit-code=$code"
    echo "changes=$changes"
    echo "digest=$digest"
    echo "news=$news"
    echo "drift=$drift"
    echo "markdown=$markdown"
} >>"$GITHUB_OUTPUT"
