//! Why a case is held: what a supervisor asks first, and what every result and export says again.

/// All empty where nobody said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// What it is held for.
    pub purpose: String,
    /// What allows it.
    pub legal_basis: String,
    /// The day after which it is to go, as `2027-01-31`.
    pub retain_until: String,
    /// How results are to be handled: a protective marking.
    pub handling: String,
    /// Where it is worked on: two letters, ISO 3166.
    pub country: String,
}

impl Header {
    /// Whether nobody said anything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Names and values of what was said.
    pub fn said(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("purpose", self.purpose.as_str()),
            ("legal_basis", &self.legal_basis),
            ("retain_until", &self.retain_until),
            ("handling", &self.handling),
            ("country", &self.country),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty())
    }
}
