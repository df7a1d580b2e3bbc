#!/usr/bin/env bash
# Fetches the plan that was approved: the artefact of the last good run for the head of the pull request that this
# commit merged. It is not trusted for where it comes from: sailplan apply refuses it (3) unless the settings of this
# checkout give the same changes and the tenant still stands where it stood.
set -euo pipefail
# Without these, gh talks to github.com also from a server of one's own.
export GH_HOST="${GITHUB_SERVER_URL#https://}" GH_ENTERPRISE_TOKEN="$GH_TOKEN"

pull=$(gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" |
    jq -c --arg sha "$GITHUB_SHA" --arg base "$GITHUB_REF_NAME" \
        '[.[] | select(.merged_at != null and .merge_commit_sha == $sha and .base.ref == $base)] | first // empty')
if [ -z "$pull" ]; then
    echo "::warning::No merged pull request for $GITHUB_SHA, so there is no approved plan and nothing is applied. To apply, run this workflow by hand: it plans afresh and asks for approval."
    echo "changes=0" >>"$GITHUB_OUTPUT"
    exit 0
fi
number=$(jq -r .number <<<"$pull")
head=$(jq -r .head.sha <<<"$pull")
workflow=${GITHUB_WORKFLOW_REF%%@*}
run=$(gh api "repos/$GITHUB_REPOSITORY/actions/workflows/${workflow##*/}/runs?event=pull_request&status=success&head_sha=$head" |
    jq -r --arg repository "$GITHUB_REPOSITORY" \
        '[.workflow_runs[] | select(.head_repository.full_name == $repository)] | first | .id // empty')
if [ -z "$run" ]; then
    echo "::error::No good plan for pull request $number at $head (one from a fork gets none). Run this workflow by hand: it plans afresh and asks for approval."
    exit 1
fi
gh run download "$run" --repo "$GITHUB_REPOSITORY" --name sailplan-plan --dir "$SAILPLAN_FOLDER"

# The file comes out of a branch, so only what cannot be mistaken for anything else is taken from it.
changes=$(jq -r '.summary.changes | numbers | floor' "$SAILPLAN_FOLDER/plan.json")
digest=$(jq -r '.digest | strings | select(test("^sha256:[0-9a-f]{64}$"))' "$SAILPLAN_FOLDER/plan.json")
if [ -z "$changes" ] || [ -z "$digest" ]; then
    echo "::error::The artefact of run $run holds no plan that can be applied. Run this workflow by hand."
    exit 1
fi
echo "Pull request #$number was planned in run $run: $changes to change, digest \`$digest\`." >>"$GITHUB_STEP_SUMMARY"
{
    echo "directory=$SAILPLAN_FOLDER"
    echo "changes=$changes"
} >>"$GITHUB_OUTPUT"
