//! What to do when a child may be depicted, in the words of reports and desk, and to whom it is reported by country.
//!
//! The table names who takes such reports and where, and claims no more: not what the law of a country asks, nor that an
//! office answers. The trap: a wrong address is worse than none, so a country that is not sure is not in it, and the
//! default holds everywhere.

/// Who takes reports in a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotlineOffice {
    /// Two letters, ISO 3166.
    pub country: &'static str,
    /// The country's name.
    pub name: &'static str,
    /// Who takes reports.
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
    at("AU", "Australia", "the eSafety Commissioner", "esafety.gov.au"),
    at("AT", "Austria", "Stopline", "stopline.at"),
    at("BE", "Belgium", "Child Focus", "childfocus.be"),
    at("BR", "Brazil", "SaferNet Brasil", "safernet.org.br"),
    at("CA", "Canada", "Cybertip.ca", "cybertip.ca"),
    at("FR", "France", "Point de Contact", "pointdecontact.net"),
    at("DE", "Germany", "jugendschutz.net", "jugendschutz.net"),
    at("IE", "Ireland", "Hotline.ie", "hotline.ie"),
    at("JP", "Japan", "the Internet Hotline Center", "internethotline.jp"),
    at("NL", "the Netherlands", "Offlimits", "offlimits.nl"),
    at("NZ", "New Zealand", "the Department of Internal Affairs", "dia.govt.nz"),
    at("PL", "Poland", "Dyzurnet.pl", "dyzurnet.pl"),
    at("SE", "Sweden", "ECPAT Sverige", "ecpat.se"),
    at("CH", "Switzerland", "clickandstop.ch", "clickandstop.ch"),
    at("GB", "the United Kingdom", "the Internet Watch Foundation", "report.iwf.org.uk"),
    at("US", "the United States", "the CyberTipline of NCMEC", "report.cybertip.org"),
];

/// The heading above [`stop_and_report`].
pub const STOP: &str = "If a child may be depicted";

/// What to do then; `country` is what the header of the case says, empty where nobody said.
pub fn stop_and_report(country: &str) -> String {
    let whom = match hotline(country) {
        Some(HotlineOffice { office, address, .. }) => format!("{office} ({address})"),
        None => "your national hotline (inhope.org lists them)".into(),
    };
    format!(
        "Stop. Do not copy, send or print the picture, and show it to nobody, not even to ask. Note where it is and how it was \
         found, and report that to {whom} or to the police. In most countries nobody without a mandate may hold such \
         pictures, for whatever reason."
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
