#!/usr/bin/env bash
# Keeps one work item about drift of SAILPLAN_TENANT: opened when there is drift, updated while it lasts, closed when it is gone. It is found
# by its title and its author. If the tenant could not be read, drift is not known: the work item stays as it is, and the job fails.
#
#     sailplan-drift.sh PLAN.json true|false|unknown
#
# SAILPLAN_WORK_ITEM is its type, such as Issue. The build service needs "Edit work items in this node" of the project's area.
set -euo pipefail
plan=$1 drift=$2
# shellcheck source=SCRIPTDIR/sailplan-api.sh
. "$(dirname "$0")/sailplan-api.sh"

if [ "$drift" = unknown ]; then
    echo "##vso[task.logissue type=warning]Not everything could be read, so the work item about drift stays as it is."
    exit 0
fi

# Sends the changes of a work item: those are JSON Patch.
write() {
    api --output /dev/null --request "$1" --header "Content-Type: application/json-patch+json" --data-binary @- "$2?api-version=7.1"
}

type=$(jq -rn --arg type "$SAILPLAN_WORK_ITEM" '$type | @uri')
title="SailPoint settings drifted: $SAILPLAN_TENANT"
# The name of the last state depends on the team's process; its category does not.
closed=$(api "$project/_apis/wit/workitemtypes/$type/states?api-version=7.1" |
    jq -r '[.value[] | select(.category == "Completed") | .name] | first // empty')
found=$(jq -n --arg title "$title" --arg type "$SAILPLAN_WORK_ITEM" --arg closed "$closed" '
    def quoted: gsub("\u0027"; "\u0027\u0027");
    {query: "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.CreatedBy] = @me AND [System.WorkItemType] = \u0027\($type | quoted)\u0027 AND [System.Title] = \u0027\($title | quoted)\u0027 AND [System.State] <> \u0027\($closed | quoted)\u0027"}' |
    send POST "$project/_apis/wit/wiql" | jq -r '.workItems[0].id // empty')

# In a block in which text of a file or a tenant stays text.
fields() {
    sailplan show "$plan" | jq -Rs --arg title "$title" --arg run "${SYSTEM_COLLECTIONURI}$SYSTEM_TEAMPROJECTID/_build/results?buildId=$BUILD_BUILDID" '
        [{op: "add", path: "/fields/System.Title", value: $title},
         {op: "add", path: "/fields/System.Description", value: "<p>From the run <a href=\"\($run | @html)\">\($run | @html)</a>.</p><pre>\(. | @html)</pre>"}]'
}

if [ "$drift" = true ] && [ -n "$found" ]; then
    fields | write PATCH "$project/_apis/wit/workitems/$found"
    echo "Updated work item $found."
elif [ "$drift" = true ]; then
    fields | write POST "$project/_apis/wit/workitems/\$$type"
    echo "Opened a work item."
elif [ -n "$found" ]; then
    fields | jq --arg state "$closed" '. + [{op: "add", path: "/fields/System.State", value: $state}]' | write PATCH "$project/_apis/wit/workitems/$found"
    echo "Closed work item $found."
else
    echo "No drift."
fi
