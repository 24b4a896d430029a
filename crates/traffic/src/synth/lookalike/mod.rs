//! Innocent patterns that resemble a campaign, each a class of its own.
//!
//! Every class is cast `lookalike_groups` times, from the same hat as everyone else; what its members share is what
//! such customers share in the world. Invariant: the accounts of a look-alike belong to one class and no campaign.

mod agreed;
mod company;
mod crowd;
mod neighbours;
mod public;

use super::benign::{Pipeline, Talk};
use super::population::Cast;
use super::stage::{Behaviour, Member, Sheet, Stage};

/// Casts one instance of every class.
pub(crate) fn cast(cast: &mut Cast<'_>, instance: u64) {
    public::benchmark(cast, instance);
    public::release_day(cast, instance);
    crowd::agent_framework(cast, instance);
    crowd::sdk_default(cast, instance);
    crowd::viral_prompt(cast, instance);
    crowd::hub_template(cast, instance);
    crowd::vendor_template(cast, instance);
    crowd::vendor_hosted(cast, instance);
    neighbours::classroom(cast, instance);
    neighbours::shared_network(cast, instance);
    neighbours::cohort(cast, instance);
    neighbours::family(cast, instance);
    company::support_bot(cast, instance);
    company::rag_batch(cast, instance);
    company::translation_batch(cast, instance);
    company::shared_key(cast, instance);
    company::gateway(cast, instance);
    company::explainability(cast, instance);
    agreed::distillation(cast, instance);
    agreed::evaluation(cast, instance);
    neighbours::minority(cast, instance);
}

/// Names of all look-alike classes, as they stand in the truth.
pub const CLASSES: [&str; 21] = [
    "public-benchmark",
    "release-day-benchmark",
    "agent-framework",
    "sdk-default",
    "viral-prompt",
    "hub-template",
    "vendor-template",
    "vendor-hosted",
    "classroom",
    "shared-network",
    "cohort",
    "family-plan",
    "support-bot",
    "rag-batch",
    "translation-batch",
    "shared-ci-key",
    "gateway",
    "explainability-logging",
    "authorised-distillation",
    "authorised-evaluation",
    "minority",
];

/// How much machine traffic this platform bears, relative to a large one.
fn bulk(stage: &Stage) -> f64 {
    stage.rate.min(1.0) * stage.crowd.sqrt()
}

/// People who talk, and now and then use a template that others use too.
#[derive(Debug)]
struct Template {
    talk: Talk,
    pipeline: Pipeline,
    /// Mean uses a day, by member.
    uses: Vec<f64>,
    /// First day of use, by member.
    since: Vec<u32>,
    /// Share of uses with words added by hand.
    altered: f64,
}

impl Behaviour for Template {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        self.talk.day(stage, member, day, sheet);
        let place = member.place as usize;
        if day < self.since[place] {
            return;
        }
        for _ in 0..sheet.random.poisson(self.uses[place]) {
            let offset = sheet.moment();
            let mut script = self.pipeline.run(stage, member, sheet);
            if sheet.random.chance(self.altered) {
                script.prompt.push(' ');
                stage.speaker(member.voice).sentence("constraint", &mut sheet.random, &mut script.prompt);
            }
            script.conversation = (!member.machine).then(|| sheet.random.bits());
            script.turn = 1;
            sheet.note(offset, script);
        }
    }
}
