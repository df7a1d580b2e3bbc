"""As much of the APIs of GitHub, GitLab and Azure DevOps as the scripts in examples/ use, kept in memory.

GitHub's own client talks to it by way of a proxy: to github.localhost it sends plain HTTP.
"""

import io
import json
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ME = {"github": "github-actions[bot]", "gitlab": 7, "azure": "build-service"}


class Forge:
    """A forge with one pull request; `notes` and `issues` are lists of {id, author, text}, `writes` what was sent."""

    def __init__(self):
        self.notes, self.issues, self.writes = [], [], []
        self.pulls, self.runs = [], []
        # The files of each artefact, by run and name.
        self.artefacts = {}
        self.reviews, self.approvals = [], []
        # Of GitLab: who approved the merge request, and the deployments.
        self.approved_by, self.deployments = [], []
        # Of Azure DevOps: the records of a build's timeline; its `approvals` are by id.
        self.timeline = []
        self.statuses = {}
        # Fields of work items, by id from 1.
        self.work_items = []
        handler = type("Handler", (Handler,), {"forge": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method, path, query, body, token):
        """Returns the status and the answer, JSON or bytes."""
        page, size = int(query.get("page", ["1"])[0]), int(query.get("per_page", ["30"])[0])

        def paged(items):
            return items[(page - 1) * size : page * size]

        if method != "GET":
            self.writes.append((method, path, body))
        match [method, *path.strip("/").split("/")]:
            case _ if token != "token":
                return 401, {"message": "who is this?"}
            # GitHub
            case ["GET", "repos", "acme", "iam", "issues", "5", "comments"]:
                return 200, paged([github(one) for one in self.notes])
            case ["POST", "repos", "acme", "iam", "issues", "5", "comments"]:
                return 201, github(self.add(self.notes, ME["github"], body["body"]))
            case ["PATCH", "repos", "acme", "iam", "issues", "comments", number]:
                return 200, github(self.change(self.notes, number, body["body"]))
            case ["GET", "repos", "acme", "iam", "issues"]:
                return 200, paged([github(one) for one in self.issues if one.get("open", True)])
            case ["POST", "repos", "acme", "iam", "issues"]:
                return 201, github(self.add(self.issues, ME["github"], body["body"]) | {"title": body["title"]})
            case ["PATCH", "repos", "acme", "iam", "issues", number]:
                one = self.change(self.issues, number, body["body"])
                one["open"] = body.get("state") != "closed"
                return 200, github(one)
            case ["GET", "repos", "acme", "iam", "commits", _, "pulls"]:
                return 200, self.pulls
            case ["GET", "repos", "acme", "iam", "actions", "workflows", "sailplan.yml", "runs"]:
                head = query["head_sha"][0]
                return 200, {"workflow_runs": [one for one in self.runs if one["head_sha"] == head]}
            case ["GET", "repos", "acme", "iam", "pulls", number]:
                (one,) = [pull for pull in self.pulls if pull["number"] == int(number)]
                return 200, one
            case ["GET", "repos", "acme", "iam", "pulls", _, "reviews"] if self.reviews is not None:
                return 200, paged(self.reviews)
            case ["POST", "repos", "acme", "iam", "pulls"]:
                return 201, {"html_url": "https://github.localhost/acme/iam/pull/8"}
            case ["GET", "repos", "acme", "iam", "actions", "runs", _, "approvals"] if self.approvals is not None:
                return 200, self.approvals
            case ["GET", "repos", "acme", "iam", "actions", "runs", run, "artifacts"]:
                wanted = query.get("name")
                items = [
                    {
                        "name": name,
                        "archive_download_url": f"http://api.github.localhost/repos/acme/iam/actions/artifacts/{at}/zip",
                        "expired": False,
                        "size_in_bytes": 1,
                    }
                    for at, (of, name) in enumerate(self.artefacts)
                    if of == int(run) and wanted in (None, [name])
                ]
                return 200, {"total_count": len(items), "artifacts": items}
            case ["GET", "repos", "acme", "iam", "actions", "artifacts", at, "zip"]:
                packed = io.BytesIO()
                with zipfile.ZipFile(packed, "w") as archive:
                    for name, text in list(self.artefacts.values())[int(at)].items():
                        archive.writestr(name, text)
                return 200, packed.getvalue()
            # GitLab
            case ["GET", "api", "v4", "user"]:
                return 200, {"id": ME["gitlab"]}
            case ["GET", "api", "v4", "projects", "3", "merge_requests", "5", "notes"]:
                return 200, paged([gitlab(one, "body") for one in self.notes])
            case ["POST", "api", "v4", "projects", "3", "merge_requests", "5", "notes"]:
                return 201, gitlab(self.add(self.notes, ME["gitlab"], body["body"]), "body")
            case ["PUT", "api", "v4", "projects", "3", "merge_requests", "5", "notes", number]:
                return 200, gitlab(self.change(self.notes, number, body["body"]), "body")
            case ["GET", "api", "v4", "projects", "3", "issues"]:
                author = int(query["author_id"][0])
                mine = [one for one in self.issues if one["author"] == author and one.get("open", True)]
                return 200, paged([gitlab(one, "description") for one in mine])
            case ["POST", "api", "v4", "projects", "3", "issues"]:
                return 201, gitlab(self.add(self.issues, ME["gitlab"], body["description"]), "description")
            case ["PUT", "api", "v4", "projects", "3", "issues", number]:
                one = self.change(self.issues, number, body["description"])
                one["open"] = body.get("state_event") != "close"
                return 200, gitlab(one, "description")
            case ["GET", "api", "v4", "projects", "3", "repository", "commits", _, "merge_requests"] if self.pulls is not None:
                return 200, self.pulls
            case ["GET", "api", "v4", "projects", "3", "merge_requests", _, "approvals"]:
                return 200, {"approved_by": [{"user": {"username": name}} for name in self.approved_by]}
            case ["GET", "api", "v4", "projects", "3", "deployments"] if self.deployments is not None:
                return 200, [{"id": one["id"], "deployable": one["deployable"]} for one in self.deployments]
            case ["GET", "api", "v4", "projects", "3", "deployments", number]:
                (one,) = [one for one in self.deployments if one["id"] == int(number)]
                return 200, one
            case ["GET", "api", "v4", "projects", "3", "jobs", job, "artifacts"] if (int(job), "job") in self.artefacts:
                packed = io.BytesIO()
                with zipfile.ZipFile(packed, "w") as archive:
                    for name, text in self.artefacts[(int(job), "job")].items():
                        archive.writestr(name, text)
                return 200, packed.getvalue()
            case ["POST", "api", "v4", "projects", "3", "repository", "commits"]:
                return 201, {}
            case ["POST", "api", "v4", "projects", "3", "merge_requests"]:
                return 201, {"web_url": "https://gitlab.example/acme/iam/-/merge_requests/8"}
            # Azure DevOps
            case ["GET", "_apis", "connectionData"]:
                return 200, {"authenticatedUser": {"id": ME["azure"]}}
            case ["POST", "team", "_apis", "git", "repositories", "3", "pullrequestquery"] if self.pulls is not None:
                (commit,) = body["queries"][0]["items"]
                return 200, {"results": [{commit: self.pulls}]}
            case ["GET", "team", "_apis", "build", "builds", _, "timeline"] if self.timeline is not None:
                return 200, {"records": self.timeline}
            case ["GET", "team", "_apis", "pipelines", "approvals", number]:
                return 200, self.approvals[number]
            case ["GET", "team", "_apis", "build", "builds", build, "artifacts"]:
                name = query["artifactName"][0]
                if (int(build), name) in self.artefacts:
                    return 200, {"resource": {"downloadUrl": f"{self.url}/zip/{build}/{name}"}}
            case ["GET", "zip", build, name]:
                packed = io.BytesIO()
                with zipfile.ZipFile(packed, "w") as archive:
                    for path, text in self.artefacts[(int(build), name)].items():
                        archive.writestr(path, text)
                return 200, packed.getvalue()
            case ["POST", "team", "_apis", "git", "repositories", "3", "pushes"]:
                return 201, {}
            case ["POST", "team", "_apis", "git", "repositories", "3", "pullrequests"]:
                return 201, {"pullRequestId": 8}
            case ["GET", "team", "_apis", "git", "repositories", "3", "pullRequests", "5", "threads"]:
                return 200, {"value": [azure(one) for one in self.notes]}
            case ["POST", "team", "_apis", "git", "repositories", "3", "pullRequests", "5", "threads"]:
                return 200, azure(self.add(self.notes, ME["azure"], body["comments"][0]["content"]))
            case ["PATCH", "team", "_apis", "git", "repositories", "3", "pullRequests", "5", "threads", number]:
                self.statuses[int(number)] = body["status"]
                return 200, {}
            case ["PATCH", "team", "_apis", "git", "repositories", "3", "pullRequests", "5", "threads", number, "comments", "1"]:
                return 200, azure(self.change(self.notes, number, body["content"]))
            case ["GET", "team", "_apis", "wit", "workitemtypes", "Issue", "states"]:
                names = {"To Do": "Proposed", "Doing": "InProgress", "Done": "Completed"}
                return 200, {"value": [{"name": name, "category": category} for name, category in names.items()]}
            case ["POST", "team", "_apis", "wit", "wiql"]:
                wanted = dict(re.findall(r"\[System\.(\w+)\] = '((?:[^']|'')*)'", body["query"]))
                assert "[System.CreatedBy] = @me" in body["query"] and "[System.State] <> 'Done'" in body["query"]
                found = [
                    {"id": at}
                    for at, fields in enumerate(self.work_items, 1)
                    if fields["State"] != "Done" and fields["Title"] == wanted["Title"].replace("''", "'")
                ]
                return 200, {"workItems": found}
            case [("POST" | "PATCH") as verb, "team", "_apis", "wit", "workitems", which]:
                if verb == "POST" and which == "$Issue":
                    self.work_items.append({"State": "To Do"})
                    which = len(self.work_items)
                fields = self.work_items[int(which) - 1]
                fields.update({change["path"].removeprefix("/fields/System."): change["value"] for change in body})
                return 200, {"id": int(which)}
        return 404, {"message": f"nothing at {method} {path}"}

    def add(self, items, author, text):
        items.append({"id": 101 + len(items), "author": author, "text": text})
        return items[-1]

    def change(self, items, number, text):
        (one,) = [one for one in items if one["id"] == int(number)]
        one["text"] = text
        return one


def github(one):
    extra = {"pull_request": {}} if one.get("pull") else {}
    return {"id": one["id"], "number": one["id"], "user": {"login": one["author"]}, "body": one["text"]} | extra


def gitlab(one, text):
    # An issue is addressed by its number in the project, not by its id.
    return {"id": one["id"], "author": {"id": one["author"]}, text: one["text"]} | (
        {"id": 9000 + one["id"], "iid": one["id"]} if text == "description" else {}
    )


def azure(one):
    comment = {"id": 1, "author": {"id": one["author"]}, "content": one["text"]}
    return {"id": one["id"], "comments": [comment]}


class Handler(BaseHTTPRequestHandler):
    """Reads a request, asks the forge, writes the answer."""

    forge = None

    def handle_one(self):
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        body = {key: one[0] for key, one in parse_qs(raw).items()} if form else json.loads(raw or "null")
        token = self.headers.get("PRIVATE-TOKEN") or self.headers.get("Authorization", "").split(" ")[-1]
        status, answer = self.forge.answer(self.command, url.path, parse_qs(url.query), body, token)
        packed = isinstance(answer, bytes)
        data = answer if packed else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/zip" if packed else "application/json")
        self.send_header("Content-Length", str(len(data)))
        query = parse_qs(url.query)
        if isinstance(answer, list) and answer and len(answer) == int(query.get("per_page", ["0"])[0]):
            page = int(query.get("page", ["1"])[0])
            base = f"http://api.github.localhost{url.path}?per_page={len(answer)}"
            self.send_header("Link", f'<{base}&page={page + 1}>; rel="next"')
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = handle_one

    def log_message(self, *_):
        pass
