#!/usr/bin/env bash
# Opens the pull request with the lines of the settings files that a rollback edited in this checkout.
set -euo pipefail
# shellcheck source=SCRIPTDIR/sailplan-api.sh
. "$(dirname "$0")/sailplan-api.sh"

changed=$(git diff --name-only)
if [ -z "$changed" ]; then
    echo "No line of the settings files brings the change back, so there is nothing to revert."
    exit 0
fi
branch="refs/heads/sailplan-revert-$BUILD_BUILDID-$SYSTEM_JOBATTEMPT"
title="Take back what run $SAILPLAN_RUN applied to $SAILPLAN_TENANT"
edits='[]'
while IFS= read -r file; do
    edits=$(jq -c --arg path "/$file" --rawfile text "$file" \
        '. + [{changeType: "edit", item: {path: $path}, newContent: {content: $text, contentType: "rawtext"}}]' <<<"$edits")
done <<<"$changed"
jq -n --arg branch "$branch" --arg start "$BUILD_SOURCEVERSION" --arg title "$title" --argjson edits "$edits" \
    '{refUpdates: [{name: $branch, oldObjectId: $start}], commits: [{comment: $title, changes: $edits}]}' |
    send POST "$repository/pushes" >/dev/null
jq -n --arg branch "$branch" --arg title "$title" --arg run "$BUILD_BUILDID" --arg tenant "$SAILPLAN_TENANT" '{
    sourceRefName: $branch, targetRefName: "refs/heads/main", title: $title,
    description: "\($tenant) was rolled back by run \($run). Without this change, the next apply that does not know of that would bring the rolled-back values back."}' |
    send POST "$repository/pullrequests" | jq -r .pullRequestId
