//! Interchangeable work: what one account asks could as well have been asked by any other of the group.
//!
//! Independent customers have subjects of their own, so a prompt resembles the prompts of its own account more than
//! those of the others. Under a random split of one work list it does not. Measured from the sums of content vectors:
//! the share of the prompts' variance that lies *between* accounts (an intraclass correlation).

use stillwatch_stats::special::ln_normal_cdf;

use super::reference::Reference;
use super::{Signal, percent};
use crate::campaign::Question;
use crate::group::Group;
use crate::population::{AccountIndex, Behaviour, Population};

/// Prompts an account must have.
const PROMPTS_MIN: u64 = 3;
/// Accounts from which the normal approximation is used.
const ACCOUNTS_MIN: usize = 20;
/// The null: subjects differ between accounts at least this much of what they do among all customers.
const NULL_SHARE: f64 = 0.35;
/// Most share of what is usual for the signal to be large.
const SHARE_MAX: f64 = 0.2;

/// How much of the variance lies between accounts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Between {
    /// Share of the variance between accounts, about 0 to 1 (an unbiased estimate can fall below 0).
    pub share: f64,
    /// Its standard error.
    pub error: f64,
    /// Accounts measured.
    pub accounts: usize,
}

/// Measures a set of accounts, each with equal weight; none when fewer than two have enough prompts or all prompts
/// are alike. Linear in the accounts.
pub fn between(population: &Population<'_>, accounts: &[AccountIndex]) -> Option<Between> {
    let measured: Vec<&Behaviour> = accounts
        .iter()
        .map(|&account| population.behaviour(account))
        .filter(|behaviour| behaviour.prompts >= PROMPTS_MIN)
        .collect();
    let count = measured.len() as f64;
    if measured.len() < 2 {
        return None;
    }
    // What all have in common, a template, is taken away first: it cancels in the mean but would drown it in noise.
    let mut common = [0.0f64; stillwatch_feature::content::PLACES];
    for behaviour in &measured {
        for (total, &place) in common.iter_mut().zip(&behaviour.content) {
            *total += place as f64 / behaviour.prompts as f64 / count;
        }
    }
    let common_square: f64 = common.iter().map(|place| place * place).sum();
    let (mut excess, mut excess_square, mut spread) = (0.0, 0.0, 0.0);
    for behaviour in &measured {
        let prompts = behaviour.prompts as f64;
        let places = || behaviour.content.iter().map(|&place| place as f64).zip(&common);
        let own: f64 = places().map(|(place, mean)| (place - prompts * mean).powi(2)).sum();
        let with_common: f64 = places().map(|(place, mean)| place * mean).sum();
        let square = behaviour.content_square as f64 - 2.0 * with_common + prompts * common_square;
        let within = (own - square) / (prompts * (prompts - 1.0));
        // The others sum up to what this account lacks.
        let with_others = -own / (prompts * prompts) / (count - 1.0);
        let difference = within - with_others;
        excess += difference;
        excess_square += difference * difference;
        spread += square / prompts - with_others;
    }
    if spread <= 0.0 {
        return None;
    }
    let mean = excess / count;
    let variance = (excess_square / count - mean * mean).max(0.0) / count;
    let scale = spread / count;
    Some(Between { share: mean / scale, error: variance.sqrt() / scale, accounts: measured.len() })
}

/// Compares the group with what is usual among customers.
pub fn interchangeable(group: &Group, population: &Population<'_>, reference: &Reference) -> Signal {
    let accounts: Vec<AccountIndex> = group.accounts().collect();
    let found = between(population, &accounts);
    let enough = found.filter(|found| found.accounts >= ACCOUNTS_MIN);
    let usual = reference.content_between;
    let ln_p = match enough {
        Some(found) if usual > 0.0 && found.error > 0.0 => {
            ln_normal_cdf((found.share - NULL_SHARE * usual) / found.error)
        }
        _ => 0.0,
    };
    let share = found.map_or(usual, |found| found.share.max(0.0));
    Signal {
        name: "interchangeable work",
        question: Question::Coordination,
        null: "each account has subjects of its own, at least a third as distinct as those of other customers",
        ln_p,
        effect: share,
        expected: usual,
        large: enough.is_some_and(|found| found.share <= SHARE_MAX * usual),
        sentence: format!(
            "Only {} of the variety in what is asked lies between the accounts (among other customers: {}): any account could have sent any other's requests.",
            percent(share),
            percent(usual)
        ),
        clears: "accounts that each have a subject, a product or a style of their own",
    }
}
