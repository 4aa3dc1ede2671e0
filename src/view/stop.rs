//! What to do when a child may be depicted, in the words of reports and desk, and to whom it is reported by country.
//!
//! The table names who takes such reports and where, and claims no more: not what the law of a country asks, nor that an
//! office answers. The trap: a wrong address is worse than none, so a country that is not sure is not in it, and the
//! default holds everywhere.

use crate::language::{say, word};

/// Who takes reports in a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotlineOffice {
    /// Two letters, ISO 3166.
    pub country: &'static str,
    /// The country's name in English: what shows it says it.
    pub name: &'static str,
    /// Who takes reports, likewise.
    pub office: &'static str,
    /// Its address on the web.
    pub address: &'static str,
}

const fn at(
    country: &'static str,
    name: &'static str,
    office: &'static str,
    address: &'static str,
) -> HotlineOffice {
    HotlineOffice { country, name, office, address }
}

/// By name of the country.
pub const HOTLINES: [HotlineOffice; 16] = [
    at("AU", word!("Australia"), word!("the eSafety Commissioner"), "esafety.gov.au"),
    at("AT", word!("Austria"), word!("Stopline"), "stopline.at"),
    at("BE", word!("Belgium"), word!("Child Focus"), "childfocus.be"),
    at("BR", word!("Brazil"), word!("SaferNet Brasil"), "safernet.org.br"),
    at("CA", word!("Canada"), word!("Cybertip.ca"), "cybertip.ca"),
    at("FR", word!("France"), word!("Point de Contact"), "pointdecontact.net"),
    at("DE", word!("Germany"), word!("jugendschutz.net"), "jugendschutz.net"),
    at("IE", word!("Ireland"), word!("Hotline.ie"), "hotline.ie"),
    at("JP", word!("Japan"), word!("the Internet Hotline Center"), "internethotline.jp"),
    at("NL", word!("the Netherlands"), word!("Offlimits"), "offlimits.nl"),
    at("NZ", word!("New Zealand"), word!("the Department of Internal Affairs"), "dia.govt.nz"),
    at("PL", word!("Poland"), word!("Dyzurnet.pl"), "dyzurnet.pl"),
    at("SE", word!("Sweden"), word!("ECPAT Sverige"), "ecpat.se"),
    at("CH", word!("Switzerland"), word!("clickandstop.ch"), "clickandstop.ch"),
    at("GB", word!("the United Kingdom"), word!("the Internet Watch Foundation"), "report.iwf.org.uk"),
    at("US", word!("the United States"), word!("the CyberTipline of NCMEC"), "report.cybertip.org"),
];

/// The heading above [`stop_and_report`], in English.
pub const STOP: &str = word!("If a child may be depicted");

/// What to do then; `country` is what the header of the case says, empty where nobody said.
pub fn stop_and_report(country: &str) -> String {
    let whom = match hotline(country) {
        Some(HotlineOffice { office, address, .. }) => format!("{} ({address})", say(office)),
        None => say!("your national hotline (inhope.org lists them)").into(),
    };
    say!(
        "Stop. Do not copy, send or print the picture, and show it to nobody, not even to ask. Note where it is and how it was \
         found, and report that to {whom} or to the police. In most countries nobody without a mandate may hold such \
         pictures, for whatever reason.",
        whom = whom
    )
}

/// Who takes reports in a country, where that is known.
pub fn hotline(country: &str) -> Option<&'static HotlineOffice> {
    HOTLINES.iter().find(|office| office.country.eq_ignore_ascii_case(country.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_that_are_known_name_an_office_and_all_others_inhope() {
        assert!(HOTLINES.is_sorted_by_key(|office| office.name.trim_start_matches("the ")));
        for office in &HOTLINES {
            assert!(stop_and_report(&office.country.to_lowercase()).contains(office.address), "{office:?}");
            assert!(!office.address.contains([':', '/', ' ']), "{office:?}");
        }
        for unknown in ["", "XX", "Germany"] {
            let text = stop_and_report(unknown);
            assert!(text.contains("inhope.org") && text.contains("police"), "{text}");
        }
    }
}
