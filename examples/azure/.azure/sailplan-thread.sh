#!/usr/bin/env bash
# Keeps one thread per workspace and selection on the pull request: found by its hidden marker and its author, so that no other author's
# comment is taken for it, and updated in place. If nothing changed, no new one is created.
#
#     sailplan-thread.sh PLAN.md true|false
#
# SYSTEM_ACCESSTOKEN is the pipeline's own token; its build service needs "Contribute to pull requests".
set -euo pipefail
markdown=$1 news=$2

# shellcheck source=SCRIPTDIR/sailplan-api.sh
. "$(dirname "$0")/sailplan-api.sh"

# The digest in the marker changes from plan to plan; workspace, selection and name do not.
marker=$(sed -n '/^<!-- sailplan:v1 /{s/ digest=.*//;s/ *-->.*//;p;q;}' "$markdown")
if [ -z "$marker" ]; then
    echo "$markdown has no sailplan marker" >&2
    exit 1
fi
me=$(api "${SYSTEM_COLLECTIONURI}_apis/connectionData" | jq -r .authenticatedUser.id)
pull="$repository/pullRequests/$SYSTEM_PULLREQUEST_PULLREQUESTID"
threads=$(api "$pull/threads?api-version=7.1")
found=$(jq -r --arg marker "$marker digest=" --arg me "$me" '
    [.value[] | select(.isDeleted | not) | . as $thread | .comments[0] | select(. != null and (.isDeleted | not) and .author.id == $me
        and (.content // "" | split("\n") | any(startswith($marker)))) | "\($thread.id) \(.id)"] | first // empty' <<<"$threads")

# A thread that is active can be made to hold up the pull request; one without changes is closed.
status=closed
if [ "$news" = true ]; then
    status=active
fi
if [ -n "$found" ]; then
    thread=${found% *} comment=${found#* }
    jq -Rs '{content: .}' "$markdown" | send PATCH "$pull/threads/$thread/comments/$comment" >/dev/null
    jq -n --arg status "$status" '{status: $status}' | send PATCH "$pull/threads/$thread" >/dev/null
    echo "Updated thread $thread."
elif [ "$news" = true ]; then
    jq -Rs '{status: "active", comments: [{parentCommentId: 0, commentType: "text", content: .}]}' "$markdown" |
        send POST "$pull/threads" >/dev/null
    echo "Created a thread."
else
    echo "No changes, and no earlier thread to update."
fi
