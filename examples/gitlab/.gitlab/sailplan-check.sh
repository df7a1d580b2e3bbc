#!/usr/bin/env bash
# Checks without credentials: every file, and in a merge request whether a tenant or setting would no longer be managed; and
# that every tenant of the workspace has jobs in .gitlab-ci.yml. A practice tenant needs none.
set -euo pipefail

args=()
if [ "$CI_PIPELINE_SOURCE" = merge_request_event ]; then
    args+=(--base "${CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}")
fi
sailplan -C "$SAILPLAN_DIR" validate ${args[@]+"${args[@]}"}
wanted=$(sailplan -C "$SAILPLAN_DIR" tenants --format json | jq -r '
    .tenants[] | select(.url | startswith("practice:") | not) | "    inputs: { tenant: \(.name), ring: \(.labels.ring // "?") }"' | sort)
found=$(grep -E '^    inputs: \{ tenant: ' .gitlab-ci.yml | sort || true)
if [ "$wanted" != "$found" ]; then
    echo "The tenants of the workspace and those of .gitlab-ci.yml differ; < is missing there, > is there and in no workspace:" >&2
    diff <(echo "$wanted") <(echo "$found") >&2 || true
    echo "Each entry of include is \`- local: .gitlab/sailplan-tenant.yml\` with such a line below it." >&2
    exit 1
fi
