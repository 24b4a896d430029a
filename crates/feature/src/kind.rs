//! The kinds of feature, with their stored numbers.
//!
//! A kind's number is part of the stored format (`spec/features.md`): never reused, never renumbered.

/// What a feature was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Whole normalised system instruction: exactly one per exchange that has one.
    System = 1,
    /// Window of the system instruction.
    SystemWindow = 2,
    /// Whole normalised prompt: exactly one per exchange that has one.
    Prompt = 3,
    /// First 48 bytes of a longer prompt: at most one per exchange.
    Prefix = 4,
    /// Last 48 bytes of a longer prompt: at most one per exchange.
    Suffix = 5,
    /// Window of the prompt's first 256 bytes.
    Head = 6,
    /// Window of the prompt's last 256 bytes.
    Tail = 7,
    /// Window of what lies between head and tail.
    Body = 8,
    /// Window over function words, punctuation and layout, content words masked.
    Skeleton = 9,
    /// Model and sampling parameters as one token.
    Shape = 10,
    /// The /24 (v4) or /48 (v6) network of the client.
    Network = 11,
    /// Autonomous system.
    AutonomousSystem = 12,
    /// TLS client fingerprint.
    Ja4 = 13,
    /// User agent.
    UserAgent = 14,
    /// API-key id.
    Credential = 15,
    /// Reasoning signature handed back in.
    Signature = 16,
    /// Means of payment.
    Payment = 17,
    /// Sign-up device.
    Device = 18,
    /// Domain of the e-mail address.
    EmailDomain = 19,
    /// Organisation.
    Organization = 20,
    /// First 24 bytes of a prompt: at most one per exchange.
    Opening = 21,
    /// Last 24 bytes of a prompt: at most one per exchange.
    Ending = 22,
    /// Conversation id: at most one per exchange.
    Conversation = 23,
}

impl Kind {
    /// Every kind, in the order of its number.
    pub const ALL: [Kind; 23] = [
        Kind::System,
        Kind::SystemWindow,
        Kind::Prompt,
        Kind::Prefix,
        Kind::Suffix,
        Kind::Head,
        Kind::Tail,
        Kind::Body,
        Kind::Skeleton,
        Kind::Shape,
        Kind::Network,
        Kind::AutonomousSystem,
        Kind::Ja4,
        Kind::UserAgent,
        Kind::Credential,
        Kind::Signature,
        Kind::Payment,
        Kind::Device,
        Kind::EmailDomain,
        Kind::Organization,
        Kind::Opening,
        Kind::Ending,
        Kind::Conversation,
    ];

    /// The kind of a stored number; none when unknown.
    pub fn from_number(number: u8) -> Option<Kind> {
        Kind::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// What people read.
    pub fn name(self) -> &'static str {
        match self {
            Kind::System => "system instruction",
            Kind::SystemWindow => "passage of the system instruction",
            Kind::Prompt => "whole prompt",
            Kind::Prefix | Kind::Opening => "opening of the prompt",
            Kind::Suffix | Kind::Ending => "ending of the prompt",
            Kind::Head => "passage near the prompt's start",
            Kind::Tail => "passage near the prompt's end",
            Kind::Body => "passage inside the prompt",
            Kind::Skeleton => "sentence skeleton",
            Kind::Shape => "request parameters",
            Kind::Network => "network",
            Kind::AutonomousSystem => "autonomous system",
            Kind::Ja4 => "TLS client fingerprint",
            Kind::UserAgent => "user agent",
            Kind::Credential => "API key",
            Kind::Signature => "reasoning signature",
            Kind::Payment => "payment",
            Kind::Device => "sign-up device",
            Kind::EmailDomain => "e-mail domain",
            Kind::Organization => "organisation",
            Kind::Conversation => "conversation",
        }
    }

    /// Whether the kind is made of text, so that equal values mean equal words.
    pub fn is_text(self) -> bool {
        self <= Kind::Skeleton || matches!(self, Kind::Opening | Kind::Ending)
    }

    /// Whether an exchange has at most one feature of this kind, so that counts add up to exchanges.
    pub fn is_exclusive(self) -> bool {
        matches!(
            self,
            Kind::System
                | Kind::Prompt
                | Kind::Prefix
                | Kind::Suffix
                | Kind::Signature
                | Kind::Opening
                | Kind::Ending
                | Kind::Conversation
        )
    }

    /// Most features of this kind that one profile keeps: those with the smallest hashes. The bound guards memory
    /// against one account that holds much of a day's traffic; ordinary accounts stay far below it.
    pub fn kept_max(self) -> usize {
        match self {
            Kind::Prompt => 1024,
            Kind::System | Kind::Prefix | Kind::Suffix | Kind::Opening | Kind::Ending | Kind::Head | Kind::Tail => 512,
            Kind::SystemWindow | Kind::Body | Kind::Skeleton | Kind::Network | Kind::Signature => 256,
            Kind::Conversation => 32,
            _ => 64,
        }
    }
}

/// A keyed feature with its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Feature {
    /// What it was made of.
    pub kind: Kind,
    /// Keyed pseudo-random value of the kind and the content.
    pub hash: u64,
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn numbers_are_the_stored_ones() {
        for (index, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index + 1, "{kind:?}");
            assert_eq!(Kind::from_number(kind as u8), Some(kind));
        }
        assert_eq!(Kind::from_number(0), None);
        assert_eq!(Kind::from_number(24), None);
    }
}
