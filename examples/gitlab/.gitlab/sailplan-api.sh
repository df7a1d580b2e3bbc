#!/usr/bin/env bash
# GitLab's API for the other scripts, which source this.
#
# SAILPLAN_GITLAB_TOKEN is a project access token with the scope api: CI_JOB_TOKEN may write neither notes nor issues.

# The token comes from a file, since every process can see the arguments of a command.
api() {
    curl --silent --show-error --fail-with-body --location --max-time 60 --retry 3 \
        --config <(printf 'header = "PRIVATE-TOKEN: %s"\n' "$SAILPLAN_GITLAB_TOKEN") "$@"
}

# Prints every item of a list, page by page.
all() {
    local page=1 items
    while items=$(api "$1per_page=100&page=$page") && [ "$(jq length <<<"$items")" -gt 0 ]; do
        jq -c '.[]' <<<"$items"
        page=$((page + 1))
    done
}

# shellcheck disable=SC2034 # for those scripts
project="$CI_API_V4_URL/projects/$CI_PROJECT_ID"
