#!/usr/bin/env bash
# Keeps one note per workspace and selection on the merge request, or one issue about drift: found by its hidden marker and its author,
# so that no other author's text is taken for it, and updated in place. If nothing changed, no new one is created.
#
#     sailplan-report.sh note|issue PLAN.md true|false
set -euo pipefail
kind=$1 markdown=$2 news=$3

# shellcheck source=SCRIPTDIR/sailplan-api.sh
. "$(dirname "$0")/sailplan-api.sh"

# The digest in the marker changes from plan to plan; workspace, selection and name do not.
marker=$(sed -n '/^<!-- sailplan:v1 /{s/ digest=.*//;s/ *-->.*//;p;q;}' "$markdown")
if [ -z "$marker" ]; then
    echo "$markdown has no sailplan marker" >&2
    exit 1
fi
me=$(api "$CI_API_V4_URL/user" | jq -r .id)
case "$kind" in
note) list="$project/merge_requests/$CI_MERGE_REQUEST_IID/notes" text=body query="?" ;;
issue) list="$project/issues" text=description query="?state=opened&author_id=$me&" ;;
*) exit 64 ;;
esac

items=$(all "$list$query")
found=$(jq -rn --arg marker "$marker digest=" --arg me "$me" --arg text "$text" '
    [inputs | select((.author.id | tostring) == $me
        and (.[$text] // "" | split("\n") | any(startswith($marker))))] | first | .iid // .id // empty' <<<"$items")

if [ -n "$found" ]; then
    close=()
    if [ "$kind" = issue ] && [ "$news" = false ]; then
        close=(--data-urlencode "state_event=close")
    fi
    api --output /dev/null --request PUT "$list/$found" --data-urlencode "$text@$markdown" "${close[@]}"
    echo "Updated $kind $found."
elif [ "$news" = true ]; then
    title=()
    if [ "$kind" = issue ]; then
        about=$(jq -r '[.workspace, .name // empty, (.selection // [] | select(. != []) | "(\(join(" ")))")] | join(" ")' "${markdown%.md}.json")
        title=(--data-urlencode "title=SailPoint settings drifted: $about")
    fi
    api --output /dev/null --request POST "$list" --data-urlencode "$text@$markdown" "${title[@]}"
    echo "Created a $kind."
else
    echo "No changes, and no earlier $kind to update."
fi
