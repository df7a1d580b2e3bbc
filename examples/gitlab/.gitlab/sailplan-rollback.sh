#!/usr/bin/env bash
# Undoes what the job SAILPLAN_ROLLBACK_JOB applied to SAILPLAN_TENANT: `preview` plans it, `send DIGEST` does it if the plan still
# has that digest, and opens the merge request that reverts the settings.
set -euo pipefail
# shellcheck source=SCRIPTDIR/sailplan-api.sh
. "$(dirname "$0")/sailplan-api.sh"
out="$PWD/$SAILPLAN_OUT/$SAILPLAN_TENANT"

if ! [[ ${SAILPLAN_ROLLBACK_JOB:-} =~ ^[0-9]+$ ]]; then
    echo "The input rollback_job is a number: that of the job that applied." >&2
    exit 64
fi
fetched=$(mktemp -d)
api --output "$fetched/artefacts.zip" "$project/jobs/$SAILPLAN_ROLLBACK_JOB/artifacts"
unzip -q "$fetched/artefacts.zip" ".sailplan-out/$SAILPLAN_TENANT/receipts/*" -d "$fetched" || true
shopt -s nullglob
found=("$fetched/.sailplan-out/$SAILPLAN_TENANT"/receipts/*.json)
if [ ${#found[@]} != 1 ]; then
    echo "Job $SAILPLAN_ROLLBACK_JOB left ${#found[@]} receipts of $SAILPLAN_TENANT: it sent nothing, or it is another kind of job." >&2
    exit 1
fi
mkdir -p "$SAILPLAN_DIR/.sailplan/receipts"
cp -R "$(dirname "${found[0]}")/." "$SAILPLAN_DIR/.sailplan/receipts/"
receipt=".sailplan/receipts/$(basename "${found[0]}")"
# That job has ended, so a receipt that it left open is complete now.
if jq -e '.finishedAt == null' "$SAILPLAN_DIR/$receipt" >/dev/null; then
    sailplan -C "$SAILPLAN_DIR" receipts --settle "$receipt"
fi

case "$1" in
preview)
    rm -rf "$out"
    mkdir -p "$out"
    # shellcheck disable=SC2086 # several flags
    sailplan -C "$SAILPLAN_DIR" ${SAILPLAN_FLAGS:-} rollback "$receipt" --out "$out/plan.json"
    sailplan show --format markdown "$out/plan.json" >"$out/plan.md"
    sailplan show --format html "$out/plan.json" >"$out/plan.html"
    sailplan show --format gitlab-terraform "$out/plan.json" >"$out/terraform.json"
    ;;
send)
    bash "$(dirname "$0")/sailplan-send.sh" rollback "$receipt" --approved "$2" --accept
    changed=$(git diff --name-only)
    if [ -z "$changed" ]; then
        echo "No line of the settings files brings the change back, so there is nothing to revert."
        exit 0
    fi
    branch="sailplan-revert-$CI_JOB_ID"
    title="Take back what job $SAILPLAN_ROLLBACK_JOB applied to $SAILPLAN_TENANT"
    actions='[]'
    while IFS= read -r file; do
        actions=$(jq -c --arg path "$file" --rawfile text "$file" '. + [{action: "update", file_path: $path, content: $text}]' <<<"$actions")
    done <<<"$changed"
    jq -n --arg branch "$branch" --arg start "$CI_COMMIT_SHA" --arg title "$title" --argjson actions "$actions" \
        '{branch: $branch, start_sha: $start, commit_message: $title, actions: $actions}' |
        api --output /dev/null --header "Content-Type: application/json" --data-binary @- "$project/repository/commits"
    body="$SAILPLAN_TENANT was rolled back by $CI_JOB_URL. Without this change, the next apply that does not know of that would bring the rolled-back values back."
    api --data-urlencode "source_branch=$branch" --data-urlencode "target_branch=$CI_DEFAULT_BRANCH" --data-urlencode "title=$title" \
        --data-urlencode "description=$body" "$project/merge_requests" | jq -r .web_url
    ;;
*)
    exit 64
    ;;
esac
