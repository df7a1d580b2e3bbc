#!/usr/bin/env bash
# Sends a plan or a rollback of one tenant and keeps its receipts: `apply PLAN` or `rollback RECEIPT ...`. The receipt names the
# merge request of this commit, and who approved it and the deployment. What cannot be read is left out, and stops nothing.
set -euo pipefail
out="$PWD/$SAILPLAN_OUT/$SAILPLAN_TENANT"
rm -rf "$out"
mkdir -p "$out"
# shellcheck source=SCRIPTDIR/sailplan-api.sh
. "$(dirname "$0")/sailplan-api.sh"

ask() {
    local answer
    if answer=$(api "$project/$1" 2>/dev/null); then
        printf '%s' "$answer"
    else
        echo "The receipt cannot tell $2." >&2
    fi
}

number=$(ask "repository/commits/$CI_COMMIT_SHA/merge_requests" "the merge request" |
    jq -r --arg sha "$CI_COMMIT_SHA" --arg branch "$CI_DEFAULT_BRANCH" \
        '[.[] | select(.state == "merged" and .target_branch == $branch and $sha == (.merge_commit_sha, .squash_commit_sha, .sha))] | first | .iid // empty')
people=
if [ -n "$number" ]; then
    people=$(ask "merge_requests/$number/approvals" "who approved the merge request" |
        jq -r '[.approved_by[].user.username + " (merge request)"] | join(",")')
fi
name=$(jq -rn --arg name "$SAILPLAN_TENANT/write" '$name | @uri')
deployment=$(ask "deployments?environment=$name&order_by=id&sort=desc" "the deployment" |
    jq -r --arg job "$CI_JOB_ID" '[.[] | select((.deployable.id | tostring) == $job)] | first | .id // empty')
deployers=
# `approval_summary` has the answers to approval rules, `approvals` those to a plain number of approvals, which older servers know.
if [ -n "$deployment" ]; then
    deployers=$(ask "deployments/$deployment" "who approved the deployment" |
        jq -r '[.approvals // [], .approval_summary.rules[]?.deployment_approvals // [] | .[] | select(.status == "approved")
            | .user.username + " (deployment)"] | unique | join(",")')
fi
export SAILPLAN_PULL_REQUEST="$number" SAILPLAN_APPROVED_BY="$people${people:+,}$deployers"

code=0
# shellcheck disable=SC2086 # several flags
sailplan -C "$SAILPLAN_DIR" ${SAILPLAN_FLAGS:-} "$1" --receipt "$out/receipt.json" "${@:2}" > >(tee "$out/output.txt") &
child=$!
# Cancelling the job stops this process; sailplan ends by itself when it gets the signal.
trap 'kill -TERM "$child" 2>/dev/null' INT TERM HUP
wait "$child" || code=$?
while kill -0 "$child" 2>/dev/null; do
    code=0
    wait "$child" || code=$?
done
if [ -d "$SAILPLAN_DIR/.sailplan/receipts" ]; then
    cp -R "$SAILPLAN_DIR/.sailplan/receipts" "$out/receipts"
fi
exit "$code"
