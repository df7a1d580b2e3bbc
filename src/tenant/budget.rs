//! How many requests go out with one client id: SailPoint documents 100 in 10 seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many requests may go out at once before the rate counts. With the usual rate of 8 a second these are 100 in 10 seconds.
const AT_ONCE: f64 = 20.0;

/// The budgets of all clients.
#[derive(Debug, Default)]
pub(super) struct Budgets {
    /// By address, which has host and port, and client id.
    budgets: Mutex<HashMap<(String, String), Arc<Budget>>>,
}

impl Budgets {
    /// Returns the budget of a client.
    pub(super) fn of(&self, address: &str, client_id: &str) -> Arc<Budget> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.entry((address.to_owned(), client_id.to_owned())).or_default().clone()
    }
}

/// The requests that one client may send.
#[derive(Debug, Default)]
pub(super) struct Budget {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many requests went out beyond what the rate has made up for.
    spent: f64,
    /// When that was so; `None` before the first request.
    at: Option<Instant>,
    /// Whether somebody was told that requests wait.
    told: bool,
}

/// How long a request waits, and whether it is the first of its client that does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) wait: Duration,
    pub(super) first: bool,
}

impl Budget {
    /// Takes a request out of the budget and returns when its turn is.
    pub(super) fn take(&self, per_second: f64, now: Instant) -> Turn {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if per_second <= 0.0 {
            return Turn { wait: Duration::ZERO, first: false };
        }
        let since = state.at.map(|at| now.saturating_duration_since(at).as_secs_f64()).unwrap_or_default();
        state.at = Some(now);
        state.spent = (state.spent - since * per_second).max(0.0) + 1.0;
        let over = state.spent - AT_ONCE;
        if over <= 0.0 {
            return Turn { wait: Duration::ZERO, first: false };
        }
        let first = !std::mem::replace(&mut state.told, true);
        Turn { wait: Duration::try_from_secs_f64(over / per_second).unwrap_or(Duration::MAX), first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_requests_go_out_at_once_and_then_eight_a_second() {
        let (budget, start) = (Budget::default(), Instant::now());
        let wait = |millis: u64| budget.take(8.0, start + Duration::from_millis(millis)).wait.as_millis();
        assert_eq!((0..20).map(|_| wait(0)).collect::<Vec<_>>(), [0; 20]);
        // Those that come too early wait in line.
        assert_eq!([wait(0), wait(0), wait(0)], [125, 250, 375]);
        // The line is empty again, and one more may go out every 125 ms.
        assert_eq!([wait(375), wait(500), wait(625)], [125, 125, 125]);
        assert_eq!([wait(875), wait(1000)], [0, 0]);
        // A pause restores no more than the first twenty.
        assert_eq!((0..21).map(|_| wait(60_000)).max(), Some(125));
    }

    #[test]
    fn in_ten_seconds_there_are_never_more_than_a_hundred_and_one() {
        let (budget, start) = (Budget::default(), Instant::now());
        let mut sent: Vec<u128> = (0..500)
            .map(|number: u64| {
                let at = start + Duration::from_millis(number % 7);
                (number % 7) as u128 + budget.take(8.0, at).wait.as_millis()
            })
            .collect();
        sent.sort_unstable();
        let busiest = sent.iter().map(|from| sent.iter().filter(|at| (*from..*from + 10_000).contains(*at)).count());
        assert!(busiest.max().is_some_and(|busiest| (95..=101).contains(&busiest)));
    }

    #[test]
    fn only_the_first_that_waits_is_told_of() {
        let (budget, now) = (Budget::default(), Instant::now());
        let told: Vec<bool> = (0..40).map(|_| budget.take(8.0, now).first).collect();
        assert_eq!(told.iter().filter(|first| **first).count(), 1);
        assert!(told[20]);
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        let (budget, now) = (Budget::default(), Instant::now());
        assert!((0..1000).all(|_| budget.take(0.0, now).wait.is_zero()));
    }

    #[test]
    fn each_client_and_each_port_has_a_budget_of_its_own() {
        let budgets = Budgets::default();
        let one = budgets.of("acme.example", "a");
        assert!(Arc::ptr_eq(&one, &budgets.of("acme.example", "a")));
        for (authority, id) in [("acme.example", "b"), ("acme.example:8443", "a"), ("other.example", "a")] {
            assert!(!Arc::ptr_eq(&one, &budgets.of(authority, id)), "{authority} {id}");
        }
    }
}
