#!/usr/bin/env bash
# The API of Azure DevOps for the other scripts, which source this.
#
# SYSTEM_ACCESSTOKEN is the pipeline's own token.

# The token comes from a file, since every process can see the arguments of a command.
api() {
    curl --silent --show-error --fail-with-body --max-time 60 --retry 3 \
        --config <(printf 'header = "Authorization: Bearer %s"\n' "$SYSTEM_ACCESSTOKEN") "$@"
}

# Sends the JSON of standard input and prints the answer.
send() {
    api --request "$1" --header "Content-Type: application/json" --data-binary @- "$2?api-version=7.1"
}

project="${SYSTEM_COLLECTIONURI}${SYSTEM_TEAMPROJECTID}"
# shellcheck disable=SC2034 # for those scripts
repository="$project/_apis/git/repositories/$BUILD_REPOSITORY_ID"
