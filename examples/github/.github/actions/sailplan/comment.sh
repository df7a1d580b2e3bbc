#!/usr/bin/env bash
# Keeps one comment per workspace and selection on a pull request: found by its hidden marker and its author, so that no other author's
# comment is taken for it, and updated in place. A plan in which nothing changed updates an old comment and creates none.
set -euo pipefail
# Without these, gh talks to github.com even on GitHub Enterprise Server.
export GH_HOST="${GITHUB_SERVER_URL#https://}" GH_ENTERPRISE_TOKEN="$GH_TOKEN"

# The digest in the marker changes from plan to plan; workspace, selection and name do not.
marker=$(sed -n '/^<!-- sailplan:v1 /{s/ digest=.*//;s/ *-->.*//;p;q;}' "$SAILPLAN_MARKDOWN")
if [ -z "$marker" ]; then
    echo "::error::$SAILPLAN_MARKDOWN has no sailplan marker"
    exit 1
fi

found=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$SAILPLAN_PULL/comments?per_page=100" |
    jq -rn --arg marker "$marker digest=" --arg author "$SAILPLAN_AUTHOR" '
        [inputs[] | select(.user.login == $author
            and (.body // "" | split("\n") | any(startswith($marker))))] | first | .id // empty')

if [ -n "$found" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" -F "body=@$SAILPLAN_MARKDOWN"
    echo "Updated comment $found."
elif [ "$SAILPLAN_NEWS" = true ]; then
    gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$SAILPLAN_PULL/comments" -F "body=@$SAILPLAN_MARKDOWN"
    echo "Created a comment."
else
    echo "No changes, and no earlier comment to update."
fi
