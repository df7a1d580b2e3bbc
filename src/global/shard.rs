//! Shards: the tenants of a workspace in parts, for several machines.

use std::fmt;

use clap::Args;
use sha2::{Digest as _, Sha256};

/// One of several parts of the tenants of a workspace. Every tenant is in exactly one of them, and which one follows from its
/// name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub number: u32,
    /// How many parts there are.
    pub of: u32,
}

impl Shard {
    /// Returns part `number` of `of`; `None` if there is no such part.
    pub fn new(number: u32, of: u32) -> Option<Shard> {
        (1..=of).contains(&number).then_some(Shard { number, of })
    }

    /// Returns whether a tenant of this name belongs to the part: SHA-256 of the name, read as a whole number with the first
    /// byte in front, modulo the number of parts, counted from 0.
    pub fn has(self, name: &str) -> bool {
        let of = u64::from(self.of);
        let rest = Sha256::digest(name.as_bytes()).iter().fold(0, |rest, byte| (rest * 256 + u64::from(*byte)) % of);
        rest + 1 == u64::from(self.number)
    }

    /// Returns the part that the variables of a CI system or of Kubernetes name.
    ///
    /// # Errors
    ///
    /// They are not set, or name no part; the message says which.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
        // Where the number is, the one that it counts from, and where it is written how many parts there are.
        const SOURCES: [(&str, u32, &str); 2] =
            [("CI_NODE_INDEX", 1, "CI_NODE_TOTAL"), ("JOB_COMPLETION_INDEX", 0, "SAILPLAN_SHARDS")];
        let number = |name: &str| {
            let text = variable(name).ok_or_else(|| format!("{name} is not set"))?;
            text.trim().parse::<u32>().map_err(|_| format!("{name} is not a whole number"))
        };
        for (index, first, total) in SOURCES {
            if variable(index).is_none() {
                continue;
            }
            let (number, of) = (number(index)?, number(total)?);
            let found =
                number.checked_sub(first).and_then(|rest| rest.checked_add(1)).and_then(|at| Shard::new(at, of));
            return found.ok_or_else(|| format!("{index} is {number}, and {total} is {of}"));
        }
        Err("neither CI_NODE_INDEX and CI_NODE_TOTAL nor JOB_COMPLETION_INDEX and SAILPLAN_SHARDS are set".to_owned())
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// What `--shard` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardChoice {
    /// The environment says which.
    Auto,
    /// This one.
    Of(Shard),
}

/// The flag of commands that can do a part of the tenants.
#[derive(Args, Clone, Copy, Debug)]
pub struct ShardArgs {
    /// Only part K of N of the tenants, K from 1 to N; auto takes K and N from GitLab or Kubernetes
    ///
    /// SHA-256 of its name decides the part of a tenant. auto reads CI_NODE_INDEX and CI_NODE_TOTAL, or JOB_COMPLETION_INDEX, which
    /// starts at 0, and SAILPLAN_SHARDS. A part without tenants ends with 0.
    #[arg(long, value_name = "K/N|auto", value_parser = choice)]
    pub shard: Option<ShardChoice>,
}

fn choice(text: &str) -> Result<ShardChoice, String> {
    if text == "auto" {
        return Ok(ShardChoice::Auto);
    }
    let parts = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    let shard = parts.and_then(|(number, of)| Shard::new(number, of));
    shard.map(ShardChoice::Of).ok_or_else(|| "write it as K/N with K from 1 to N, such as 1/4, or auto".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tenant_is_in_one_part_and_the_parts_are_about_equal() {
        for of in [1, 2, 3, 7, 16] {
            let shards: Vec<Shard> = (1..=of).map(|number| Shard::new(number, of).unwrap()).collect();
            let mut sizes = vec![0; shards.len()];
            for tenant in 0..1000 {
                let name = format!("tenant-{tenant}");
                let places: Vec<usize> = (0..shards.len()).filter(|place| shards[*place].has(&name)).collect();
                assert_eq!(places.len(), 1, "{name} of {of}: {places:?}");
                sizes[places[0]] += 1;
            }
            let fair = 1000 / shards.len();
            assert!(sizes.iter().all(|size| (fair / 2..=fair * 2).contains(size)), "{sizes:?}");
        }
    }

    #[test]
    fn another_program_finds_the_same_part() {
        // python3 -c "import hashlib; print(int(hashlib.sha256(b'prod').hexdigest(), 16) % 7 + 1)"
        let part = |name: &str| (1..=7).find(|number| Shard::new(*number, 7).unwrap().has(name));
        assert_eq!(["prod", "t000", "ä"].map(part), PARTS.map(Some));
    }

    const PARTS: [u32; 3] = [4, 6, 3];

    #[test]
    fn a_part_is_a_number_from_one_of_several() {
        for (text, shard) in [("1/1", (1, 1)), ("2/4", (2, 4)), ("4/4", (4, 4))] {
            assert_eq!(choice(text), Ok(ShardChoice::Of(Shard { number: shard.0, of: shard.1 })), "{text}");
        }
        assert_eq!(choice("auto"), Ok(ShardChoice::Auto));
        for text in ["", "0/4", "5/4", "1/0", "1", "1/", "/4", "-1/4", "1/4/2", "a/b", "AUTO", "1/99999999999"] {
            assert!(choice(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_environment_names_the_part() {
        let found = |variables: &[(&str, &str)]| {
            let value =
                |name: &str| variables.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned());
            Shard::of_environment(value).map(|shard| shard.to_string())
        };
        let shard = |text: &str| Ok(text.to_owned());
        assert_eq!(found(&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "4")]), shard("1/4"));
        assert_eq!(found(&[("CI_NODE_INDEX", "4"), ("CI_NODE_TOTAL", "4")]), shard("4/4"));
        assert_eq!(found(&[("JOB_COMPLETION_INDEX", "0"), ("SAILPLAN_SHARDS", "4")]), shard("1/4"));
        assert_eq!(found(&[("JOB_COMPLETION_INDEX", "3"), ("SAILPLAN_SHARDS", "4")]), shard("4/4"));
        for (variables, why) in [
            (&[][..], "neither CI_NODE_INDEX and CI_NODE_TOTAL nor JOB_COMPLETION_INDEX and SAILPLAN_SHARDS are set"),
            (
                &[("CI_NODE_TOTAL", "4")],
                "neither CI_NODE_INDEX and CI_NODE_TOTAL nor JOB_COMPLETION_INDEX and SAILPLAN_SHARDS are set",
            ),
            (&[("CI_NODE_INDEX", "1")], "CI_NODE_TOTAL is not set"),
            (&[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "4")], "CI_NODE_INDEX is 0, and CI_NODE_TOTAL is 4"),
            (&[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "4")], "CI_NODE_INDEX is not a whole number"),
            (
                &[("JOB_COMPLETION_INDEX", "4"), ("SAILPLAN_SHARDS", "4")],
                "JOB_COMPLETION_INDEX is 4, and SAILPLAN_SHARDS is 4",
            ),
            (
                &[("JOB_COMPLETION_INDEX", "0"), ("SAILPLAN_SHARDS", "0")],
                "JOB_COMPLETION_INDEX is 0, and SAILPLAN_SHARDS is 0",
            ),
        ] {
            assert_eq!(found(variables), Err(why.to_owned()), "{variables:?}");
        }
    }
}
