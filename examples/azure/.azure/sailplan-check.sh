#!/usr/bin/env bash
# Checks without credentials: every file, and in a pull request whether a tenant or setting would no longer be managed; and
# that every tenant of the workspace has stages in azure-pipelines.yml. A practice tenant needs none.
set -euo pipefail

args=()
if [ "$BUILD_REASON" = PullRequest ]; then
    args+=(--base 'HEAD^1') # the branch that the merge commit merges into
fi
sailplan -C "$SAILPLAN_DIR" validate ${args[@]+"${args[@]}"}
# Each tenant comes after those of the rings before it, in the order of the file.
wanted=$(sailplan -C "$SAILPLAN_DIR" tenants --format json | jq -r '
    def rank: {dev: 0, stage: 1, prod: 2}[.labels.ring // ""] // 9;
    [.tenants[] | select(.url | startswith("practice:") | not)] as $all | $all[] | rank as $rank
    | "    parameters: { tenant: \(.name), ring: \(.labels.ring // "?"), after: [\([$all[] | select(rank < $rank) | .name] | join(", "))] }"' | sort)
found=$(grep -E '^    parameters: \{ tenant: ' azure-pipelines.yml | sort || true)
if [ "$wanted" != "$found" ]; then
    echo "##vso[task.logissue type=error]The tenants of the workspace and those of azure-pipelines.yml differ; < is missing there, > is there and in no workspace."
    diff <(echo "$wanted") <(echo "$found") || true
    echo "Each is \`- template: .azure/sailplan-tenant.yml\` with such a line below it."
    exit 1
fi
