#!/usr/bin/env bash
# Plans, and leaves the plan in a folder, the summary on the page of the run, and how it went in variables of the job:
# code, changes, and news (false when there is nothing to tell). The job goes on, so that a failure is reported too.
set -euo pipefail

folder="$AGENT_TEMPDIRECTORY/plan"
mkdir -p "$folder"
args=("--tenant=$SAILPLAN_TENANT" --markdown-limit 150000)
case "$BUILD_REASON" in
PullRequest) args+=(--base 'HEAD^1') ;;
# Drift is a failed run: Azure DevOps tells the people who subscribed to those.
Schedule) args+=(--detailed-exitcode) ;;
*) ;;
esac

code=0
"$AGENT_TEMPDIRECTORY/sailplan/bin/sailplan" -C "$SAILPLAN_DIR" plan "${args[@]}" \
    --out "$folder/plan.json" --markdown "$folder/plan.md" --html "$folder/plan.html" || code=$?

news=
changes=
if [ -f "$folder/plan.json" ]; then
    "$AGENT_TEMPDIRECTORY/sailplan/bin/sailplan" show --format azure "$folder/plan.json"
    echo "##vso[task.uploadsummary]$folder/plan.md"
    changes=$(jq -r .summary.changes "$folder/plan.json")
    # A branch that only takes settings from control, adds some, or weakens guardrails is news as well.
    news=true
    if [ "$code" = 0 ] && [ "$(jq '.summary | .changes + .weakened + .losses + .gained' "$folder/plan.json")" = 0 ]; then
        news=false
    fi
fi
for pair in "code=$code" "changes=$changes" "news=$news"; do
    echo "##vso[task.setvariable variable=${pair%%=*};isOutput=true]${pair#*=}"
done
