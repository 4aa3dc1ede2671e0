//! Leads: pairs of which parts agree, that are worth a look and link nothing.
//!
//! They stand in the appendix, apart from the findings. The trap: words. A lead may be one photo or two of one place;
//! neither is proven, and that one person took both is just what it does not say.

use super::long_tables::{LongTable, MOST_ROWS, OPEN_ROWS, example, more};
use super::text::path;
use crate::language::say;
use crate::link::Pair;
use crate::view::{Joined, words};
use maud::{Markup, html};

pub(super) fn leads(joined: &Joined<'_>) -> Markup {
    let leads = strongest_first(&joined.findings.leads);
    html! {
        @if leads.is_empty() { p { (say!("There are none: no two pictures agree in part without being proven to be the same photo.")) } }
        @else {
            p {
                (say!(
                    "{leads}: two pictures that agree in part, and nothing proves that they show one photo: a small or changed \
                     part of it, or one bed, floor or wall taken twice. Leads join nothing and add no weight. Rooms are let, \
                     and homes have the same furniture: look first.",
                    leads = words::count(leads.len(), "lead"),
                ))
            }
            (table(joined, &leads))
            (more(leads.len(), "leads.csv"))
        }
    }
}

fn table(joined: &Joined<'_>, leads: &[&Pair]) -> Markup {
    let head = html! {
        tr {
            th scope="col" { (say!("One picture")) } th scope="col" { (say!("The other")) }
            th scope="col" { (say!("What agrees")) } th.number scope="col" { (say!("Score")) }
        }
    };
    let rows = leads.iter().take(MOST_ROWS).map(|lead| row(joined, lead)).collect();
    LongTable { caption: say!("Table of leads"), class: None, head, rows, open: OPEN_ROWS }.show()
}

fn row(joined: &Joined<'_>, lead: &Pair) -> Markup {
    html! {
        tr {
            th scope="row" { (path(example(joined, lead.a))) }
            td { (path(example(joined, lead.b))) }
            td { (words::overlap(lead.proof.overlap_a, lead.proof.overlap_b)) }
            td.number { (words::decimal(lead.proof.score, 1)) }
        }
    }
}

fn strongest_first(leads: &[Pair]) -> Vec<&Pair> {
    let mut leads: Vec<&Pair> = leads.iter().collect();
    leads.sort_by(|x, y| y.proof.score.total_cmp(&x.proof.score).then((x.a, x.b).cmp(&(y.a, y.b))));
    leads
}
