//! What the checks of a tenant found, judged and in words.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

use crate::documents::doctor::{Check, CheckName, CheckStatus, Purpose, TokenEntry};
use crate::failure::Failure;
use crate::report;
use crate::resource::{CATALOGUE, Resource};
use crate::settings::DesiredResource;
use crate::tenant::{ApiError, ErrorKind, Proxy, TokenFacts};
use crate::text::number::count;

/// The scope that stands for all others.
const ALL_SCOPES: &str = "sp:scopes:all";

/// Clocks that differ by more seconds are a warning.
const CLOCK_TOLERANCE: u64 = 60;

pub(super) const FIX_ABOVE: &str = "fix what fails above, then run sailplan doctor again";

pub(super) fn good(check: CheckName, message: impl Into<String>) -> Check {
    Check::new(check, CheckStatus::Ok, message)
}

pub(super) fn failed(check: CheckName, failure: Failure) -> Check {
    let Failure { kind: _, message, details, status, tracking_id, help } = failure;
    Check { details, help, http_status: status, tracking_id, ..Check::new(check, CheckStatus::Fail, message) }
}

/// Words a failure of the API that is not about a document.
pub(super) fn of_api(error: &ApiError) -> Failure {
    Failure {
        details: error.detail().to_vec(),
        status: error.status(),
        tracking_id: error.tracking_id().map(str::to_owned),
        help: error.hint().into_iter().collect(),
        ..Failure::failed(error.to_string(), "")
    }
}

/// Returns whether the other side answered, however badly.
pub(super) fn answered(error: &ApiError) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::Setup(_) | ErrorKind::ConnectTimeout(_) | ErrorKind::Timeout(_) | ErrorKind::Network(_)
    )
}

pub(super) fn in_words(proxy: Option<&Proxy>) -> String {
    match proxy {
        None => "none, requests go straight to the tenant".to_owned(),
        Some(Proxy { variable: Some(variable), host }) => format!("{host}, as {variable} says"),
        Some(Proxy { variable: None, host }) => format!("{host}, as the settings of the system say"),
    }
}

/// Judges the seconds by which the tenant's clock is ahead.
pub(super) fn clock(offset: Option<i64>) -> Check {
    let help = "set the clock of this machine: the last days of allowances and the times in receipts follow it";
    let Some(offset) = offset else {
        let message = "not compared: the answer of the tenant has no date";
        return Check::new(CheckName::Clock, CheckStatus::Warn, message).help("check the clock of this machine");
    };
    let seconds = offset.unsigned_abs();
    let apart = lasting(seconds);
    let message = match offset {
        0 => "the same as the tenant's".to_owned(),
        1.. => format!("the clock of this machine is {apart} behind the tenant's"),
        _ => format!("the clock of this machine is {apart} ahead of the tenant's"),
    };
    if seconds > CLOCK_TOLERANCE {
        Check::new(CheckName::Clock, CheckStatus::Warn, message).help(help)
    } else {
        good(CheckName::Clock, message)
    }
}

pub(super) fn token(facts: &TokenFacts, purpose: Option<Purpose>) -> Check {
    let life = match facts.life {
        Some(life) => format!("given, lasts {}", lasting(life.as_secs())),
        None => "given, the tenant does not say how long it lasts".to_owned(),
    };
    let message = match facts.ends_at.and_then(timestamp) {
        Some(end) => format!("{life}{}", report::doctor::until(&end.to_string())),
        None => life,
    };
    if facts.outlasts_write || purpose == Some(Purpose::Plan) {
        return good(CheckName::Token, message);
    }
    let message = format!("{message}: too short for a write after a read");
    let help = "give the access token a longer life, or allow less time with --fresh";
    Check::new(CheckName::Token, CheckStatus::Warn, message).help(help)
}

/// Returns a time to the second.
fn timestamp(time: SystemTime) -> Option<Timestamp> {
    let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}

/// Returns a number of seconds in words, in the largest unit that says it exactly, or with the rest left out from two
/// minutes on.
fn lasting(seconds: u64) -> String {
    let unit = |number: u64, one: &str, more: &str| count(usize::try_from(number).unwrap_or(usize::MAX), one, more);
    match seconds {
        _ if seconds >= 172_800 => unit(seconds / 86_400, "day", "days"),
        _ if seconds >= 7200 || seconds == 3600 => unit(seconds / 3600, "hour", "hours"),
        _ if seconds >= 120 => unit(seconds / 60, "minute", "minutes"),
        _ => unit(seconds, "second", "seconds"),
    }
}

pub(super) fn scopes(facts: &TokenFacts, purpose: Option<Purpose>) -> Check {
    let plans = purpose == Some(Purpose::Plan);
    let Some(scopes) = &facts.scopes else {
        let message = "the token does not tell";
        return if plans {
            Check::new(CheckName::Scopes, CheckStatus::Warn, format!("{message}, so it may be able to write"))
                .help(format!("give a token for planning only the scopes that read: {}", scopes_to_read()))
        } else {
            good(CheckName::Scopes, message)
        };
    };
    let message = scopes.join(", ");
    let levels = facts.user_levels.as_deref();
    let writable = |resource: &&Resource| allows(scopes, resource.scopes_to_write) && may_write(levels, resource);
    let writes: Vec<&str> = CATALOGUE.into_iter().filter(|resource| writable(resource)).map(|it| it.name).collect();
    if !plans || writes.is_empty() {
        return good(CheckName::Scopes, message);
    }
    let message = format!("{message}: a token for planning that could write {}", writes.join(", "));
    let help = format!("give a token for planning only the scopes that read: {}", scopes_to_read());
    Check::new(CheckName::Scopes, CheckStatus::Warn, message).help(help)
}

/// Names for each document one scope that reads it and writes nothing.
fn scopes_to_read() -> String {
    let scopes: Vec<&str> =
        CATALOGUE.into_iter().filter_map(|resource| resource.scopes_to_read.first().copied()).collect();
    scopes.join(", ")
}

fn allows(scopes: &[String], any_of: &[&str]) -> bool {
    scopes.iter().any(|scope| scope == ALL_SCOPES || any_of.contains(&scope.as_str()))
}

/// Returns whether the owner of a token may write as far as the token tells: levels that it does not name are not known.
fn may_write(levels: Option<&[String]>, resource: &Resource) -> bool {
    levels.is_none_or(|levels| levels.iter().any(|level| resource.levels_to_write.contains(&level.as_str())))
}

pub(super) fn entry(facts: TokenFacts) -> TokenEntry {
    let TokenFacts { life, ends_at, outlasts_write: _, scopes, user_levels } = facts;
    TokenEntry {
        life_seconds: life.map(|life| life.as_secs()),
        expires_at: ends_at.and_then(timestamp).map(|end| end.to_string()),
        scopes,
        user_levels,
    }
}

pub(super) fn lacks_of_plan(desired: &[DesiredResource], unread: &[String]) -> Check {
    if desired.is_empty() {
        let help = "list settings files in sailplan.yaml, or name them, to have their documents checked";
        let message = "no setting is managed, so no document was read";
        return Check::new(CheckName::Plan, CheckStatus::Warn, message).help(help);
    }
    if unread.is_empty() {
        return good(CheckName::Plan, "lacks nothing");
    }
    failed(CheckName::Plan, Failure::failed(format!("cannot read {}", unread.join(", ")), FIX_ABOVE))
}

/// Says what an apply would lack, as the token tells: only a write would prove it.
pub(super) fn lacks_of_apply(desired: &[DesiredResource], plans: bool, token: Option<&TokenEntry>) -> Check {
    let Some(token) = token.filter(|_| plans) else {
        return failed(CheckName::Apply, Failure::failed("lacks what plan lacks", FIX_ABOVE));
    };
    let mut resources: Vec<&Resource> = desired.iter().map(DesiredResource::resource).collect();
    resources.dedup();
    let (mut details, mut help) = (Vec::new(), Vec::new());
    for resource in resources {
        let mut lacks = Vec::new();
        if token.scopes.as_ref().is_some_and(|scopes| !allows(scopes, resource.scopes_to_write)) {
            lacks.push(format!("the scope {}", resource.scopes_to_write.join(" or ")));
        }
        if !may_write(token.user_levels.as_deref(), resource) {
            lacks.push(format!("the user level {}", resource.levels_to_write.join(" or ")));
        }
        if !lacks.is_empty() {
            details.push(format!("{}: the token does not name {}", resource.name, lacks.join(" and ")));
            help.push(resource.rights_to_write.to_owned());
        }
    }
    if !details.is_empty() {
        let message = "lacks the right to write, as the token tells";
        let check = Check::new(CheckName::Apply, CheckStatus::Warn, message).details(details);
        return Check { help, ..check };
    }
    let unknown = match (&token.scopes, &token.user_levels) {
        (Some(_), Some(_)) => "",
        (Some(_), None) => "; the user level is not known",
        (None, Some(_)) => "; the scopes are not known",
        (None, None) => "; scopes and user level are not known",
    };
    good(CheckName::Apply, format!("lacks nothing that can be told without writing{unknown}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;
    use crate::text::source::Source;

    #[test]
    fn clocks_may_be_a_minute_apart() {
        for (offset, status, message) in [
            (Some(0), CheckStatus::Ok, "the same as the tenant's"),
            (Some(60), CheckStatus::Ok, "the clock of this machine is 60 seconds behind the tenant's"),
            (Some(61), CheckStatus::Warn, "the clock of this machine is 61 seconds behind the tenant's"),
            (Some(-60), CheckStatus::Ok, "the clock of this machine is 60 seconds ahead of the tenant's"),
            (Some(-7201), CheckStatus::Warn, "the clock of this machine is 2 hours ahead of the tenant's"),
            (None, CheckStatus::Warn, "not compared: the answer of the tenant has no date"),
        ] {
            let check = clock(offset);
            assert_eq!((check.status, check.message.as_str()), (status, message));
            assert_eq!(check.help.is_empty(), status == CheckStatus::Ok, "{offset:?}");
        }
    }

    #[test]
    fn a_life_is_said_in_words() {
        for (seconds, words) in [
            (1, "1 second"),
            (119, "119 seconds"),
            (750, "12 minutes"),
            (3600, "1 hour"),
            (5400, "90 minutes"),
            (43_200, "12 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(lasting(seconds), words);
        }
    }

    #[test]
    fn an_apply_lacks_a_user_level_that_the_token_does_not_name() {
        let yaml = "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n\
                    approvalsConfig: {TENANT: {autoApprove: OFF}, ROLE/1: {autoApprove: OFF}}\n";
        let desired = settings::read(&[Source::new("settings.yaml", yaml)]).0.resources;
        let apply = |scopes: Option<&[&str]>, levels: Option<&[&str]>| {
            let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
            let (scopes, user_levels) = (scopes.map(list), levels.map(list));
            let token = TokenEntry { life_seconds: None, expires_at: None, scopes, user_levels };
            lacks_of_apply(&desired, true, Some(&token))
        };
        let check = apply(Some(&["idn:jit-policy:update", "sp:approvals:read"]), Some(&["POLICY_ADMIN"]));
        assert_eq!(check.status, CheckStatus::Warn);
        assert_eq!(
            check.details,
            ["approvalsConfig: the token does not name the scope sp:approvals:write and the user level ORG_ADMIN"]
        );
        assert_eq!(
            apply(Some(&[ALL_SCOPES]), Some(&["ORG_ADMIN"])).message,
            "lacks nothing that can be told without writing"
        );
        let silent = apply(None, None);
        let message = "lacks nothing that can be told without writing; scopes and user level are not known";
        assert_eq!((silent.status, silent.message.as_str()), (CheckStatus::Ok, message));
    }
}
