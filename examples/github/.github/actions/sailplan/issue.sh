#!/usr/bin/env bash
# Keeps one issue per workspace and selection about drift: opened when there is drift, updated while it lasts, closed when it is
# gone. If a tenant could not be read, drift is not known: the issue stays as it is, and the job fails.
set -euo pipefail
# Without these, gh talks to github.com even on GitHub Enterprise Server.
export GH_HOST="${GITHUB_SERVER_URL#https://}" GH_ENTERPRISE_TOKEN="$GH_TOKEN"

marker=$(sed -n '/^<!-- sailplan:v1 /{s/ digest=.*//;s/ *-->.*//;p;q;}' "$SAILPLAN_MARKDOWN")
if [ -z "$marker" ]; then
    echo "::error::$SAILPLAN_MARKDOWN has no sailplan marker"
    exit 1
fi

if [ "$SAILPLAN_DRIFT" = unknown ]; then
    echo "::warning::Not everything could be read, so the issue about drift stays as it is."
    exit 0
fi
about=$(jq -r '[.workspace, .name // empty, (.selection // [] | select(. != []) | "(\(join(" ")))")] | join(" ")' "${SAILPLAN_MARKDOWN%.md}.json")

found=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues?state=open&per_page=100" |
    jq -rn --arg marker "$marker digest=" --arg author "$SAILPLAN_AUTHOR" '
        [inputs[] | select(.user.login == $author and (has("pull_request") | not)
            and (.body // "" | split("\n") | any(startswith($marker))))] | first | .number // empty')

if [ "$SAILPLAN_DRIFT" = true ] && [ -n "$found" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/$found" -F "body=@$SAILPLAN_MARKDOWN"
    echo "Updated issue $found."
elif [ "$SAILPLAN_DRIFT" = true ]; then
    gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues" \
        -f "title=SailPoint settings drifted: $about" -F "body=@$SAILPLAN_MARKDOWN"
    echo "Opened an issue."
elif [ -n "$found" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/$found" -F "body=@$SAILPLAN_MARKDOWN" -f state=closed
    echo "Closed issue $found."
else
    echo "No drift."
fi
