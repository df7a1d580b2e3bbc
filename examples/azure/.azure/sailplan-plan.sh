#!/usr/bin/env bash
# Plans for one tenant, and leaves the plan in a new folder, the summary on the page of the run, and how it went in variables of
# the job: folder, artefact, code, changes, digest, news (false if there is nothing to report), and drift (true, false or unknown). The job goes on, so that a failure
# is reported too. `rollback RECEIPT` plans a rollback instead.
set -euo pipefail

tell() {
    echo "##vso[task.setvariable variable=$1;isOutput=true]$2"
}

folder=$(mktemp -d "$AGENT_TEMPDIRECTORY/sailplan-plan.XXXXXX")
tell folder "$folder"
tell artefact "sailplan-plan-$SAILPLAN_TENANT-$SYSTEM_JOBATTEMPT"
if [ "${1:-}" = rollback ]; then
    command=(rollback "$2")
else
    command=(plan "--tenant=$SAILPLAN_TENANT" --markdown-limit 150000 --markdown "$folder/plan.md" --html "$folder/plan.html")
    case "$BUILD_REASON" in
    PullRequest) command+=(--base 'HEAD^1') ;;
    # Drift fails the run too: Azure DevOps notifies the people who subscribed to failed runs.
    Schedule) command+=(--detailed-exitcode) ;;
    *) ;;
    esac
fi

code=0
# shellcheck disable=SC2086 # several flags
sailplan -C "$SAILPLAN_DIR" ${SAILPLAN_FLAGS:-} "${command[@]}" --out "$folder/plan.json" || code=$?

news=
changes=
digest=
drift=unknown
if [ -f "$folder/plan.json" ]; then # a wrong command line writes no plan
    [ -f "$folder/plan.md" ] || sailplan show --format markdown "$folder/plan.json" >"$folder/plan.md"
    sailplan show --format azure "$folder/plan.json"
    echo "##vso[task.uploadsummary]$folder/plan.md"
    changes=$(jq -r .summary.changes "$folder/plan.json")
    digest=$(jq -r '.digest // empty' "$folder/plan.json")
    # A branch that only weakens guardrails, or stops or moves the management of settings, is reported too.
    news=true
    if [ "$code" = 0 ] && [ "$(jq '[.summary | .changes, .weakened, .losses, .gained, .moved, .accepted] | add' "$folder/plan.json")" = 0 ]; then
        news=false
    fi
    # If a tenant could not be read, it is not known whether it drifted.
    if [ "$changes" != 0 ]; then
        drift=true
    elif [ "$code" = 0 ]; then
        drift=false
    fi
    if [ "$BUILD_REASON" = Schedule ] && [ "$code" != 0 ]; then
        what="drifted: $changes to change"
        [ "$drift" = true ] || what="could not be read or is not as the guardrails say"
        echo "##vso[task.logissue type=error]$SAILPLAN_TENANT $what"
    fi
fi
tell code "$code"
tell changes "$changes"
tell digest "$digest"
tell news "$news"
tell drift "$drift"
