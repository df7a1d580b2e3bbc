//! The words of the page, explained for a reader who knows neither the API nor git. Only those that the page uses are shown.

/// A word with the forms that a page has it in, and what it means.
const TERMS: [(&str, &[&str], &str); 30] = [
    ("access profile", &["access profile"], "several entitlements that are requested as one"),
    ("activation", &["activation"], "the time for which somebody switches on an entitlement that is under JIT control"),
    ("agreed", &["agreed"], "decided in the settings files that were approved before this proposal"),
    (
        "allowance",
        &["allowance"],
        "an exception to a guardrail, for one tenant until a day, with a reason and a ticket",
    ),
    ("apply", &["appl"], "to send the changes of a plan to the tenant"),
    ("commit", &["commit"], "a recorded change of the settings files, with an author and a date that are not verified"),
    ("digest", &["digest"], "a number worked out from the whole plan; another plan has another number"),
    ("drift", &["rift"], "a difference that came from a change in the tenant, not from the settings files"),
    ("entitlement", &["ntitlement"], "a right in a system, such as the membership in a group"),
    ("escalation", &["scalation"], "a request that waits too long goes to another person"),
    ("extension", &["xtension"], "more time for an activation that is running"),
    (
        "external system",
        &["xternal system"],
        "a system that is not SailPoint, such as a portal of the organisation's own",
    ),
    ("fallback approver", &["allback approver"], "who decides when no approver can be found"),
    ("governance group", &["governance group"], "a group of people in SailPoint that decides on requests together"),
    ("guardrail", &["uardrail"], "a rule of the owners of a policy that no plan may break"),
    ("JIT", &["JIT"], "just in time: the right is held only while it is activated, not permanently"),
    ("label", &["label "], "a word by which the workspace groups its tenants, such as “ring: prod”"),
    ("loosest value", &["loosest"], "the value of a setting that lets most through"),
    ("machine identity", &["machine identit"], "an account of a program or device, not of a person"),
    ("managed", &["anaged"], "decided by the settings files; a change in the tenant is found and put back"),
    ("org admin", &["org admin"], "an administrator of the whole tenant"),
    ("practice copy", &["PRACTICE"], "a copy kept in a file, to try things out; no real access depends on it"),
    ("policy", &["olicy"], "the rules of a tenant for one thing, such as for activations"),
    ("Request Center", &["Request Center"], "the page on which people ask for access"),
    ("receipt", &["receipt"], "the record of an apply: the values before, what was sent, and how it went"),
    ("role", &["role"], "access that people get together, such as everything for one job"),
    ("setting", &["setting"], "one field of a tenant's configuration"),
    ("single sign-on", &["ingle sign-on"], "one sign-in for many systems"),
    ("source", &[" source"], "the system that an entitlement is a right in"),
    ("tenant", &["tenant"], "one SailPoint system of an organisation"),
];

/// Returns the words that a text uses, each with its meaning, and those that the meanings use.
pub fn terms(text: &str) -> Vec<(&'static str, &'static str)> {
    let uses = |text: &str, forms: &[&str]| forms.iter().any(|form| text.contains(form));
    let first: String =
        TERMS.iter().filter(|(_, forms, _)| uses(text, forms)).map(|(_, _, meaning)| *meaning).collect();
    let used = TERMS.iter().filter(|(_, forms, _)| uses(text, forms) || uses(&first, forms));
    used.map(|(term, _, meaning)| (*term, *meaning)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_used_is_explained() {
        let told: Vec<&str> =
            terms("The Request Center closes for a tenant").into_iter().map(|(term, _)| term).collect();
        assert_eq!(told, ["Request Center", "tenant"]);
    }
}
