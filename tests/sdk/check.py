"""SailPoint's own Python SDK against a practice tenant: read, change and read every document of every generation that
the SDK has, the lists of what they name by id, and what it makes of the practice tenant's errors. The address of the
tenant is the only argument."""

import os
import sys
import warnings

warnings.simplefilter("ignore")
os.environ.update(SAIL_BASE_URL=sys.argv[1], SAIL_CLIENT_ID="sdk", SAIL_CLIENT_SECRET="of the test")

from sailpoint import (
    access_requests,
    approvals,
    custom_forms,
    entitlement_connections,
    entitlements,
    governance_groups,
    jit_access,
    notifications,
    public_identities,
    search,
    workflows,
)
from sailpoint.configuration import Configuration

EXPERIMENTAL = {"x_sail_point_experimental": "true"}


def refused(error, call, *arguments, **keywords):
    """Calls what must be refused and returns the error."""
    try:
        call(*arguments, **keywords)
    except error as refusal:
        return refusal
    raise AssertionError(f"{call.__name__} was not refused")


def configuration():
    made = Configuration()
    assert made.access_token, "no token"
    made.experimental = made.suppress_experimental_warnings = True
    return made


def jit():
    api = jit_access.JITAccessApi(jit_access.ApiClient(configuration()))
    before = api.get_jit_activation_config_v1("policy", **EXPERIMENTAL)
    minutes = (before.max_activation_period_mins or 0) + 15
    changes = {
        "/maxActivationPeriodMins": minutes,
        "/notificationRecipients": ["sdk@example.com"],
        "/notificationTemplate": None,
        "/applyToFutureAssignments": not before.apply_to_future_assignments,
    }
    operations = [
        jit_access.JitAccessOperationRequest(path=path, value=jit_access.JitAccessOperationRequestValue(value))
        for path, value in changes.items()
    ]
    answered = api.patch_jit_activation_config_v1("policy", operations, **EXPERIMENTAL)
    after = api.get_jit_activation_config_v1("policy", **EXPERIMENTAL)
    assert answered == after, (answered, after)
    assert after.max_activation_period_mins == minutes, after
    assert after.notification_recipients == ["sdk@example.com"], after
    assert after.notification_template is None, after
    assert after.apply_to_future_assignments is changes["/applyToFutureAssignments"], after
    assert after.entitlement_ids == before.entitlement_ids, (before, after)

    bad = jit_access.exceptions.BadRequestException
    missing = refused(bad, api.get_jit_activation_config_v1, "policy")
    assert missing.body == '{"error":"Experimental Header is missing or invalid."}', missing.body
    assert missing.headers["SLPT-Request-ID"], missing.headers
    assert missing.headers["Content-Type"] == "application/json;charset=UTF-8", missing.headers
    kind = refused(bad, api.get_jit_activation_config_v1, "other", **EXPERIMENTAL)
    described(jit_access.ErrorResponseDto, kind)
    wrong = jit_access.JitAccessOperationRequest(
        path="/maxActivationPeriodMins", value=jit_access.JitAccessOperationRequestValue("sixty")
    )
    described(jit_access.ErrorResponseDto, refused(bad, api.patch_jit_activation_config_v1, "policy", [wrong], **EXPERIMENTAL))


def described(model, refusal):
    """The error is the document that SailPoint describes, and its id is that of the gateway's header."""
    error = model.from_json(refusal.body)
    assert error.detail_code and error.messages[0].text, refusal.body
    assert error.tracking_id == refusal.headers["SLPT-Request-ID"], (error, refusal.headers)


def access_config(version, deprecated):
    api = access_requests.AccessRequestsApi(access_requests.ApiClient(configuration()))
    header = {} if version == "v1" else EXPERIMENTAL
    read_with = getattr(api, f"get_access_request_config_{version}_with_http_info")
    write = getattr(api, f"set_access_request_config_{version}")
    answer = read_with(**header)
    assert (answer.headers.get("x-deprecated") == "true") is deprecated, answer.headers
    wanted = answer.data
    wanted.reauthorization_enabled = not wanted.reauthorization_enabled
    behalf = wanted.request_on_behalf_of_config
    behalf.allow_request_on_behalf_of_anyone_by_anyone = not behalf.allow_request_on_behalf_of_anyone_by_anyone
    answered = write(wanted, **header)
    after = read_with(**header).data
    assert answered.to_dict() == after.to_dict() == wanted.to_dict(), (wanted, answered, after)

    if header:
        missing = refused(access_requests.exceptions.BadRequestException, read_with)
        assert missing.body == '{"error":"Experimental Header is missing or invalid."}', missing.body
    api.api_client.configuration.access_token = "of nobody"
    expired = refused(access_requests.exceptions.UnauthorizedException, read_with, **header)
    assert expired.body.startswith('{"error":"JWT'), expired.body
    assert expired.headers["SLPT-Request-ID"], expired.headers


def lists():
    def api(module, name):
        return getattr(module, name)(module.ApiClient(configuration()))

    held = "38439bbc-264b-447b-acac-a182a466b0e9"
    found = api(entitlements, "EntitlementsApi").list_entitlements_v1_with_http_info(
        filters=f'id in ("{held}","unknown")', count=True
    )
    assert [(one.id, one.name, one.source.name) for one in found.data] == [(held, "Domain Admins", "Active Directory")], found
    assert found.headers["x-total-count"] == "1", found.headers
    bad = entitlements.exceptions.BadRequestException
    refusal = refused(bad, api(entitlements, "EntitlementsApi").list_entitlements_v1, filters='id co "a"')
    described(entitlements.ErrorResponseDto, refusal)

    people = api(public_identities, "PublicIdentitiesApi").get_public_identities_v1(
        filters='id eq "5168015d32f890ca15812c9180835d2e"'
    )
    assert [one.name for one in people] == ["Alison Ferguso"], people
    groups = api(governance_groups, "GovernanceGroupsApi").list_workgroups_v1(sorters="-name")
    assert [one.name for one in groups] == ["Revocation Desk", "Access Reviewers"], groups
    templates = api(notifications, "NotificationsApi")
    assert templates.list_notification_templates_v1() == [], "templates"
    shipped = templates.list_notification_template_defaults_v1(filters='key eq "jit-activation-default"')
    assert {one.name for one in shipped} == {"JIT Activation"}, shipped
    assert api(workflows, "WorkflowsApi").list_workflows_v1() == [], "workflows"
    forms = api(custom_forms, "CustomFormsApi").search_form_definitions_by_tenant_v1()
    assert (forms.count, forms.results[0].name) == (1, "Reason for access"), forms
    holders = api(entitlement_connections, "EntitlementConnectionsApi").list_entitlement_connections_v1_with_http_info(
        filters=f'entitlement.id eq "{held}" and type eq "JIT"', limit=1, count=True
    )
    assert (holders.headers["x-total-count"], holders.data[0].type) == ("1", "JIT"), holders

    action = {"match": {"action": "AccessRequestConfigUpdated"}}
    query = {"bool": {"should": [action], "minimum_should_match": 1}}
    asked = search.Search(indices=["events"], query_type="DSL", query_dsl=query, sort=["-created", "id"])
    assert api(search, "SearchApi").search_post_v1(asked, limit=10) == [], "events"


def approvals_config():
    api = approvals.ApprovalsApi(approvals.ApiClient(configuration()))
    name = "ACCESS_REQUEST_APPROVAL"
    inherited = api.get_approvals_config_v1(name)
    wanted = approvals.ApprovalConfig(
        auto_approve="OFF",
        requires_comment="ALL",
        reminder_config=approvals.ApprovalConfigReminderConfig(
            enabled=True, days_until_first_reminder=2, reminder_cron_schedule="@every 48h", max_reminders=3
        ),
        fallback_approver=approvals.ApprovalConfigFallbackApprover(
            identity_id="5168015d32f890ca15812c9180835d2e", type="IDENTITY"
        ),
    )
    answered = api.put_approvals_config_v1(name, "APPROVAL_TYPE", wanted)
    after = api.get_approvals_config_v1(name)
    assert answered.to_dict() == after.to_dict(), (answered, after)
    for setting in ["auto_approve", "requires_comment", "reminder_config", "fallback_approver"]:
        assert getattr(after, setting) == getattr(wanted, setting), (setting, after)
    assert api.delete_approval_config_request_v1(name, "APPROVAL_TYPE") is None
    # Deleted, it is inherited again.
    assert api.get_approvals_config_v1(name).to_dict() == inherited.to_dict()
    role = api.put_approvals_config_v1("2c91808a7813090a017814121e121518", "ROLE", wanted)
    assert role.auto_approve == "OFF", role
    bad = approvals.exceptions.BadRequestException
    described(approvals.ErrorResponseDto, refused(bad, api.put_approvals_config_v1, name, "NO_SCOPE", wanted))


lists()
approvals_config()
jit()
access_config("v1", deprecated=True)
access_config("v2", deprecated=False)
print("ok")
