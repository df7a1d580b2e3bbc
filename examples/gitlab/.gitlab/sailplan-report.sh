#!/usr/bin/env bash
# Keeps one note per workspace on the merge request, or one issue about drift: found by its hidden marker and its author,
# so that nobody else's text is taken for it, and updated in place. Without news nothing new is created.
#
#     sailplan-report.sh note|issue PLAN.md true|false
#
# SAILPLAN_GITLAB_TOKEN is a project access token with the scope api: CI_JOB_TOKEN may write neither notes nor issues.
set -euo pipefail
kind=$1 markdown=$2 news=$3

# The token comes from a file, since the arguments of a command are seen by every process.
api() {
    curl --silent --show-error --fail-with-body --max-time 60 --retry 3 \
        --config <(printf 'header = "PRIVATE-TOKEN: %s"\n' "$SAILPLAN_GITLAB_TOKEN") "$@"
}

# Prints every item of a list, page by page.
all() {
    local page=1 items
    while items=$(api "$1per_page=100&page=$page") && [ "$(jq length <<<"$items")" -gt 0 ]; do
        jq -c '.[]' <<<"$items"
        page=$((page + 1))
    done
}

# The digest in the marker changes from plan to plan; workspace, selection and name do not.
marker=$(sed -n '/^<!-- sailplan:v1 /{s/ digest=.*//;s/ *-->.*//;p;q;}' "$markdown")
if [ -z "$marker" ]; then
    echo "$markdown has no sailplan marker" >&2
    exit 1
fi
me=$(api "$CI_API_V4_URL/user" | jq -r .id)
project="$CI_API_V4_URL/projects/$CI_PROJECT_ID"
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
        title=(--data-urlencode "title=SailPoint settings drifted: ${marker#*workspace=}")
    fi
    api --output /dev/null --request POST "$list" --data-urlencode "$text@$markdown" "${title[@]}"
    echo "Created a $kind."
else
    echo "No changes, and no earlier $kind to update."
fi
