//! What the files say that no plan may do: sets of guardrails, the tenants that each is for, and how they add up.

use std::sync::Arc;

use serde_json::Value;

use super::subject::Subject;
use super::{ApprovalWord, Word, ceiling};
use crate::text::problem::Place;

/// The guardrails of one tenant, in one state of the files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guardrails {
    /// Impacts and marks that no change may have.
    pub deny: Vec<Clause<Word>>,
    /// Settings that must be managed.
    pub require: Vec<Clause<Subject>>,
    /// Members that must stay in their set.
    pub keep: Vec<Clause<Keep>>,
    /// Ceilings; several of one setting only where neither is within the other.
    pub limits: Vec<Clause<Limit>>,
    /// The most changes of one plan at one address, members of a set counted one by one.
    pub max_changes: Option<Clause<usize>>,
    /// What lifts the others. Without a clause it is [`Lifting::Flags`].
    pub lift: Option<Clause<Lifting>>,
    /// How an apply may be approved. Every clause holds; without any, every way will do.
    pub apply: Vec<Clause<Vec<ApprovalWord>>>,
}

/// One guardrail: what it says, where, and who answers for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause<T> {
    /// What it says.
    pub says: T,
    /// Where it is written.
    pub place: Place,
    /// Who answers for it and why it is there.
    pub origin: Arc<Origin>,
}

impl<T> Clause<T> {
    /// Returns where it is written and who answers for it.
    pub fn line(&self) -> (&Place, &Origin) {
        (&self.place, &self.origin)
    }
}

/// Who answers for a set of guardrails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Whom to ask, such as `@acme/iam-policy`.
    pub owner: Option<String>,
    /// Why the set is there.
    pub reason: Option<String>,
}

/// A member that must stay in its set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The set.
    pub subject: Subject,
    /// The member.
    pub member: String,
    /// The name that the file gives it.
    pub name: Option<String>,
}

impl Keep {
    /// Returns whether another clause keeps the same member in the same set, however it spells the member.
    pub fn keeps_the_same(&self, other: &Keep) -> bool {
        let key = |keep: &Keep| keep.subject.setting.kind.member_key(&keep.member);
        self.subject == other.subject && key(self) == key(other)
    }

    /// Returns the member with its name, if the file gives it one.
    pub fn shown(&self) -> String {
        match &self.name {
            Some(name) => format!("{} ({name})", self.member),
            None => self.member.clone(),
        }
    }
}

/// A ceiling of a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The setting.
    pub subject: Subject,
    /// The ceiling, see [`ceiling`].
    pub ceiling: Value,
}

/// What lifts guardrails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifting {
    /// Flags of the command line and allowances.
    Flags,
    /// Allowances alone, but for what only tightens.
    Allowances,
}

impl Lifting {
    /// Every word of `lift`.
    pub const ALL: [Lifting; 2] = [Lifting::Allowances, Lifting::Flags];

    /// Returns the word as it is written.
    pub fn text(self) -> &'static str {
        match self {
            Lifting::Flags => "flags",
            Lifting::Allowances => "allowances",
        }
    }
}

/// A set of guardrails for several tenants.
#[derive(Clone, Debug)]
pub struct Set {
    /// The tenants that it is for.
    pub scope: Scope,
    /// What it says.
    pub guardrails: Guardrails,
    /// Where it says for which tenants it is; the whole set if it is for all.
    pub place: Place,
}

/// Which tenants a set is for: those of which everything fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Labels, each with the values of which a tenant must have one.
    pub labels: Vec<(String, Vec<String>)>,
    /// Addresses of which the tenant's must be one; every address if there are none.
    pub addresses: Vec<String>,
}

impl Scope {
    /// Returns whether the set is for a tenant with these labels. `names` are those of its address: the host alone and with
    /// its port. `None` if they are not known, which fits: a guardrail that cannot be evaluated holds.
    pub fn fits<S: AsRef<str>>(&self, labels: &[(String, String)], names: Option<&[S]>) -> bool {
        let labelled = self.labels.iter().all(|(label, values)| {
            labels.iter().any(|(own_label, own_value)| own_label == label && values.contains(own_value))
        });
        let is_one = |names: &[S]| {
            self.addresses.iter().any(|address| names.iter().any(|name| name.as_ref().eq_ignore_ascii_case(address)))
        };
        labelled && (self.addresses.is_empty() || names.is_none_or(is_one))
    }
}

impl Guardrails {
    /// Returns whether nothing is guarded.
    pub fn is_empty(&self) -> bool {
        let Guardrails { deny, require, keep, limits, max_changes, lift: _, apply } = self;
        // `lift` alone has nothing to lift.
        deny.is_empty()
            && require.is_empty()
            && keep.is_empty()
            && limits.is_empty()
            && max_changes.is_none()
            && apply.is_empty()
    }

    /// Returns these guardrails and others that hold beside them.
    #[must_use]
    pub fn and(mut self, other: &Guardrails) -> Guardrails {
        let Guardrails { deny, require, keep, limits, max_changes, lift, apply } = other;
        unite(&mut self.deny, deny, PartialEq::eq);
        unite(&mut self.require, require, PartialEq::eq);
        unite(&mut self.keep, keep, Keep::keeps_the_same);
        limits.iter().for_each(|limit| lower(&mut self.limits, limit));
        self.max_changes = match (self.max_changes, max_changes) {
            (Some(most), Some(other)) if other.says < most.says => Some(other.clone()),
            (most, other) => most.or_else(|| other.clone()),
        };
        self.lift = match (self.lift, lift) {
            (Some(own), Some(other)) if own.says == Lifting::Flags => Some(other.clone()),
            (own, other) => own.or_else(|| other.clone()),
        };
        self.apply.extend(apply.iter().cloned());
        self
    }

    /// Returns whether only allowances lift what loosens, is for review or overrides.
    pub fn only_allowances(&self) -> bool {
        self.lift.as_ref().is_some_and(|lift| lift.says == Lifting::Allowances)
    }

    /// Returns the ways in which an apply may be approved.
    pub fn approvals(&self) -> Vec<ApprovalWord> {
        let everywhere = |word: &ApprovalWord| self.apply.iter().all(|clause| clause.says.contains(word));
        ApprovalWord::ALL.into_iter().filter(everywhere).collect()
    }
}

fn unite<T: Clone>(clauses: &mut Vec<Clause<T>>, others: &[Clause<T>], same: impl Fn(&T, &T) -> bool) {
    for clause in others {
        if !clauses.iter().any(|own| same(&own.says, &clause.says)) {
            clauses.push(clause.clone());
        }
    }
}

/// Adds a limit. The lower one of a setting stays; where neither is within the other, both do.
fn lower(limits: &mut Vec<Clause<Limit>>, limit: &Clause<Limit>) {
    let within = |one: &Limit, other: &Limit| ceiling::reaches(&one.subject, &one.ceiling, &other.ceiling);
    let same = |own: &&Clause<Limit>| own.says.subject == limit.says.subject;
    if limits.iter().filter(same).any(|own| within(&own.says, &limit.says)) {
        return;
    }
    limits.retain(|own| own.says.subject != limit.says.subject || !within(&limit.says, &own.says));
    limits.push(limit.clone());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guardrails::written;
    use crate::text::reader::Reader;
    use crate::text::yaml::{self, Source};

    fn sets(text: &str) -> Vec<Set> {
        let source = Source::new("sailplan.yaml", text);
        let node = yaml::parse(&source).unwrap();
        let mut reader = Reader::new(&source);
        let sets = written::sets(&node, &mut reader);
        assert!(!reader.failed(), "{text}: {:#?}", reader.problems);
        sets
    }

    fn sum(text: &str) -> Guardrails {
        sets(text).iter().fold(Guardrails::default(), |sum, set| sum.and(&set.guardrails))
    }

    #[test]
    fn a_set_is_for_the_tenants_of_which_everything_fits() {
        let labels = [("ring".to_owned(), "prod".to_owned()), ("bank".to_owned(), "at".to_owned())];
        let address: &[&str] = &["acme.api.identitynow.com", "acme.api.identitynow.com:8443"];
        for (scope, fits) in [
            ("{}", true),
            ("{for: {ring: prod}}", true),
            ("{for: {ring: [dev, prod]}}", true),
            ("{for: {ring: prod, bank: at}}", true),
            ("{for: {ring: prod, bank: [ch, lu]}}", false),
            ("{for: {ring: prod, country: at}}", false),
            ("{for: {ring: pro*}}", false),
            ("{for: {address: Acme.api.identitynow.com}}", true),
            ("{for: {address: 'acme.api.identitynow.com:8443'}}", true),
            ("{for: {address: [other.example, acme.api.identitynow.com]}}", true),
            ("{for: {address: identitynow.com}}", false),
            ("{for: {address: acme.api.identitynow.com, ring: dev}}", false),
        ] {
            let scope = &sets(&format!("[{scope}]"))[0].scope;
            assert_eq!(scope.fits(&labels, Some(address)), fits, "{scope:?}");
        }
        let by_address = &sets("[{for: {address: other.example}}]")[0].scope;
        assert!(by_address.fits(&labels, None::<&[&str]>), "an address that is not known may be this one");
        assert!(!by_address.fits(&labels, Some(&["practice:.sailplan/tenant.json"])));
    }

    #[test]
    fn guardrails_add_up() {
        let all = sum(concat!(
            "- {owner: a, deny: [loosens], require: [maxActivationPeriodMins], maxChanges: 9, limits: {maxActivationPeriodMins: 4h}}\n",
            "- {owner: b, deny: [review, loosens], maxChanges: 3, lift: flags, limits: {maxActivationPeriodMins: 2h, maxReminders: 5},\n",
            "   keep: {notificationRecipients: [a@example.com]}, apply: [plan, approved]}\n",
            "- {owner: c, lift: allowances, maxChanges: 7, limits: {maxActivationPeriodMins: 3h},\n",
            "   keep: {notificationRecipients: [A@example.com, b@example.com]}, apply: [approved, yes]}\n",
        ));
        let owner = |origin: &Origin| origin.owner.clone().unwrap_or_default();
        let deny: Vec<_> = all.deny.iter().map(|clause| (clause.says.text(), owner(&clause.origin))).collect();
        assert_eq!(deny, [("loosens", "a".to_owned()), ("review", "b".to_owned())]);
        assert_eq!(all.require.len(), 1);
        let limits: Vec<_> = all
            .limits
            .iter()
            .map(|clause| (clause.says.subject.setting.dotted(), clause.says.ceiling.clone(), owner(&clause.origin)))
            .collect();
        let reminders = all.limits[1].says.subject.setting.dotted();
        assert_eq!(
            limits,
            [
                ("maxActivationPeriodMins".to_owned(), Value::from(120), "b".to_owned()),
                (reminders, Value::from(5), "b".to_owned())
            ]
        );
        let keep: Vec<_> = all.keep.iter().map(|clause| (clause.says.member.as_str(), owner(&clause.origin))).collect();
        assert_eq!(keep, [("a@example.com", "b".to_owned()), ("b@example.com", "c".to_owned())]);
        assert_eq!(
            all.max_changes.as_ref().map(|clause| (clause.says, owner(&clause.origin))),
            Some((3, "b".to_owned()))
        );
        assert!(all.only_allowances());
        assert_eq!(all.approvals(), [ApprovalWord::Approved]);
    }

    #[test]
    fn limits_of_which_neither_is_the_lower_one_both_hold() {
        let limits =
            |text: &str| -> Vec<Value> { sum(text).limits.into_iter().map(|clause| clause.says.ceiling).collect() };
        let flag = "allowRequestOnBehalfOfAnyoneByAnyone";
        let both = format!("- limits: {{{flag}: true}}\n- limits: {{{flag}: false}}\n- limits: {{{flag}: false}}\n");
        assert_eq!(limits(&both), [Value::from(true), Value::from(false)]);
        assert_eq!(limits("- limits: {maxReminders: 5}\n- limits: {maxReminders: 5}\n"), [Value::from(5)]);
    }

    #[test]
    fn what_guards_nothing_is_empty() {
        for (text, empty) in [
            ("[]", true),
            ("[{owner: a, reason: b}]", true),
            ("[{lift: allowances}]", true),
            ("[{deny: [], apply: [plan]}]", false),
            ("[{maxChanges: 0}]", false),
            ("[{keep: {entitlementIds: [a]}}]", false),
        ] {
            assert_eq!(sum(text).is_empty(), empty, "{text}");
        }
    }
}
