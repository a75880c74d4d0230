//! A field's fault: which field, what kind. The sentence for the reader comes from the catalogue.

use serde::Serialize;

/// What is wrong with a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Hash)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// It is missing or blank.
    Required,
    /// It is not of the form asked for.
    Invalid,
    /// It has fewer characters than the least.
    TooShort,
    /// It has more characters than the most.
    TooLong,
}

impl FaultCode {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Invalid => "invalid",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
        }
    }
}

/// One fault in one field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The field's JSON name.
    pub field: &'static str,
    /// What is wrong.
    pub code: FaultCode,
    /// The bound that was broken, for `too_short` and `too_long`.
    pub bound: Option<usize>,
}

impl Fault {
    /// A fault without a bound.
    #[must_use]
    pub fn new(field: &'static str, code: FaultCode) -> Self {
        Self { field, code, bound: None }
    }
    /// A fault against a bound in characters.
    #[must_use]
    pub fn bound(field: &'static str, code: FaultCode, bound: usize) -> Self {
        Self { field, code, bound: Some(bound) }
    }
}

/// All faults of one submission.
pub type Faults = Vec<Fault>;
