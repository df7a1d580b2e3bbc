#!/usr/bin/env bash
# Opens the pull request with the lines of the settings files that a rollback edited.
set -euo pipefail
# Without these, gh talks to github.com even on GitHub Enterprise Server.
export GH_HOST="${GITHUB_SERVER_URL#https://}" GH_ENTERPRISE_TOKEN="$GH_TOKEN"

if [ ! -s "$SAILPLAN_PATCH" ]; then
    echo "No line of the settings files brings the change back, so there is nothing to revert."
    exit 0
fi
branch="sailplan-revert-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT"
git switch --quiet --create "$branch"
git apply "$SAILPLAN_PATCH"
gh auth setup-git --hostname "$GH_HOST"
title="Take back what run $SAILPLAN_RUN applied to $SAILPLAN_TENANT"
git -c user.name=github-actions -c user.email=github-actions@users.noreply.github.com commit --quiet --all --message "$title"
git push --quiet origin "$branch"
body="$SAILPLAN_TENANT was rolled back by $GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID. Without this change, the next apply that does not know of that would bring the rolled-back values back. Close and reopen this pull request to have it checked: what a workflow opens starts no workflow."
gh api "repos/$GITHUB_REPOSITORY/pulls" -f "title=$title" -f "head=$branch" -f "base=$GITHUB_REF_NAME" -f "body=$body" --jq .html_url
