#!/usr/bin/env bash
# Finds out for the receipt which pull request this commit is from, and who approved it and the stage. What cannot be read is left
# out, and stops nothing.
set -euo pipefail
# shellcheck source=SCRIPTDIR/sailplan-api.sh
. "$(dirname "$0")/sailplan-api.sh"

ask() {
    local answer
    if answer=$("${@:2}" 2>/dev/null); then
        printf '%s' "$answer"
    else
        echo "##vso[task.logissue type=warning]The receipt cannot tell $1." >&2
    fi
}

query() {
    jq -n --arg commit "$BUILD_SOURCEVERSION" '{queries: [{type: "lastMergeCommit", items: [$commit]}]}' | send POST "$repository/pullrequestquery"
}

pull=$(ask "the pull request" query | jq -c --arg commit "$BUILD_SOURCEVERSION" '[.results[]?[$commit][]? | select(.status == "completed")] | first // empty')
number=
people=
if [ -n "$pull" ]; then
    number=$(jq -r .pullRequestId <<<"$pull")
    # 10: approved; 5: approved with suggestions. A group has voted through its members.
    people=$(jq -r '[.reviewers // [] | .[] | select(.vote >= 5 and (.isContainer | not)) | "\(.displayName | gsub(","; " ")) (review)"] | join(",")' <<<"$pull")
fi
timeline=$(ask "who approved the stage" api "$project/_apis/build/builds/$BUILD_BUILDID/timeline?api-version=7.1")
# An approval belongs to a checkpoint, and that to a stage.
approvals=$(jq -r --arg stage "$SYSTEM_STAGENAME" '
    .records as $all | ($all[] | select(.type == "Stage" and .identifier == $stage) | .id) as $id
    | [$all[] | select(.type == "Checkpoint" and .parentId == $id) | .id] as $checkpoints
    | $all[] | select(.type == "Checkpoint.Approval" and (.parentId | IN($checkpoints[]))) | .id' <<<"${timeline:-{\}}" 2>/dev/null || true)
for approval in $approvals; do
    more=$(ask "who approved the stage" api "$project/_apis/pipelines/approvals/$approval?\$expand=steps&api-version=7.1" |
        jq -r '[.steps // [] | .[] | select(.status == "approved") | "\(.actualApprover.displayName | gsub(","; " ")) (environment)"] | join(",")')
    people="$people${people:+${more:+,}}$more"
done
echo "##vso[task.setvariable variable=SAILPLAN_PULL_REQUEST]$number"
echo "##vso[task.setvariable variable=SAILPLAN_APPROVED_BY]$people"
