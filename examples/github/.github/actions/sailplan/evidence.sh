#!/usr/bin/env bash
# Finds out for the receipt which pull request this commit is from, and who approved it: reviewers of the pull request, and
# reviewers of the environment. What cannot be read is left out, and stops nothing.
set -euo pipefail
# Without these, gh talks to github.com even on GitHub Enterprise Server.
export GH_HOST="${GITHUB_SERVER_URL#https://}" GH_ENTERPRISE_TOKEN="$GH_TOKEN"

ask() {
    local answer
    if answer=$(gh api --paginate "repos/$GITHUB_REPOSITORY/$1" 2>/dev/null); then
        printf '%s' "$answer"
    else
        echo "::warning::The receipt cannot tell $2." >&2
    fi
}

number=
if [ "$GITHUB_EVENT_NAME" = push ]; then
    number=$(ask "commits/$GITHUB_SHA/pulls" "the pull request" |
        jq -r --arg sha "$GITHUB_SHA" '[.[] | select(.merged_at != null and .merge_commit_sha == $sha)] | first | .number // empty')
fi
people=
if [ -n "$number" ]; then
    # The last word of each reviewer counts.
    people=$(ask "pulls/$number/reviews?per_page=100" "who approved the pull request" | jq -rs '
        [add // [] | .[] | select(.state | IN("APPROVED", "CHANGES_REQUESTED", "DISMISSED"))] | group_by(.user.login)
        | map(last | select(.state == "APPROVED") | "\(.user.login) (review)") | join(",")')
fi
deployers=$(ask "actions/runs/$GITHUB_RUN_ID/approvals" "who approved the environment" | jq -rs --arg name "$SAILPLAN_ENVIRONMENT" '
    [add // [] | .[] | select(.state == "approved" and (.environments | any(.name == $name))) | "\(.user.login) (environment)"]
    | unique | join(",")')
{
    echo "pull-request=$number"
    echo "approved-by=$people${people:+,}$deployers"
} >>"$GITHUB_OUTPUT"
