#!/usr/bin/env bash
# Fetches the plan that was approved for a tenant: the artefact of the last successful run of the pull request that this commit
# merged, planned against main as it was then. The artefact is not trusted: only plan.json is taken from it, and sailplan apply
# refuses it (3) unless the settings of this checkout give the same changes and the tenant has not changed since.
set -euo pipefail
# Without these, gh talks to github.com even on GitHub Enterprise Server.
export GH_HOST="${GITHUB_SERVER_URL#https://}" GH_ENTERPRISE_TOKEN="$GH_TOKEN"

number=$(gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" |
    jq -r --arg sha "$GITHUB_SHA" --arg base "$GITHUB_REF_NAME" \
        '[.[] | select(.merged_at != null and .merge_commit_sha == $sha and .base.ref == $base)] | first | .number // empty')
if [ -z "$number" ]; then
    echo "::warning::No merged pull request for $GITHUB_SHA, so there is no approved plan and nothing is applied. To apply, run this workflow by hand: it plans afresh and asks for approval."
    exit 0
fi
head=$(gh api "repos/$GITHUB_REPOSITORY/pulls/$number" | jq -r .head.sha)
workflow=${GITHUB_WORKFLOW_REF%%@*}
# With the number in its name: another pull request may have the same head and another base.
name="sailplan-plan-$number-$SAILPLAN_TENANT"
runs=$(gh api "repos/$GITHUB_REPOSITORY/actions/workflows/${workflow##*/}/runs?event=pull_request&status=success&head_sha=$head" |
    jq -r --arg repository "$GITHUB_REPOSITORY" '.workflow_runs[] | select(.head_repository.full_name == $repository) | .id')
run=
for candidate in $runs; do
    found=$(gh api "repos/$GITHUB_REPOSITORY/actions/runs/$candidate/artifacts?name=$name" |
        jq --arg name "$name" '[.artifacts[] | select(.name == $name and (.expired | not))] | length')
    if [ "$found" != 0 ]; then
        run=$candidate
        break
    fi
done
if [ -z "$run" ]; then
    echo "::error::No good plan of $SAILPLAN_TENANT for pull request $number at $head (one from a fork gets none). Run this workflow by hand: it plans afresh and asks for approval."
    exit 1
fi
fetched=$(mktemp -d "$RUNNER_TEMP/sailplan-fetched.XXXXXX")
gh run download "$run" --repo "$GITHUB_REPOSITORY" --name "$name" --dir "$fetched"

# The file comes from a branch, so only values that cannot be mistaken for anything else are taken from it.
digest=$(jq -rs 'select(length == 1) | .[0].digest | strings | select(test("^sha256:[0-9a-f]{64}$"))' "$fetched/plan.json")
base=$(jq -rs 'select(length == 1) | .[0].base.commit | strings | select(test("^[0-9a-f]{40,64}$"))' "$fetched/plan.json")
if [ -z "$digest" ] || [ -z "$base" ]; then
    echo "::error::The artefact of run $run holds no plan that can be applied. Run this workflow by hand."
    exit 1
fi
if ! git merge-base --is-ancestor "$base" "$GITHUB_SHA^1"; then
    echo "::error::The plan of run $run was made against $base, which was never on $GITHUB_REF_NAME. Run this workflow by hand."
    exit 1
fi
mkdir -p "$SAILPLAN_FOLDER"
cp "$fetched/plan.json" "$SAILPLAN_FOLDER/plan.json"
echo "Pull request #$number was planned in run $run, against \`$base\`: digest \`$digest\`." >>"$GITHUB_STEP_SUMMARY"
echo "plan=$SAILPLAN_FOLDER/plan.json" >>"$GITHUB_OUTPUT"
