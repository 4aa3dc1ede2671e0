//! A whole photo group at once: all its images, and one act for all of them or for those picked out.
//!
//! Each picture is shown once, however many ads show it. Rejecting some images decides the pairs between them and
//! the rest; the pairs among the rest are left as they are.

use maud::{Markup, html};

use super::parts::{ad_lines, decision_row, hidden, no_default_button};
use crate::language::{say, word};
use crate::link::{CommonReason, PhotoGroup};
use crate::record::{Decision, ImageId, Ruling, Subject};
use crate::review::http::access::Session;
use crate::review::state::course::Course;
use crate::review::state::ledger::{Ledger, ruling_words};
use crate::review::state::model::CaseState;
use crate::review::state::photo_course::{OpenPhoto, odd_one_out, open_photos};
use crate::view::words;

/// Images shown of one group.
const MOST_IMAGES: usize = 120;

/// The images of a group, sorted by id.
pub(crate) fn images(case: &CaseState<'_>, id: &str) -> Option<Vec<ImageId>> {
    let group = find(case, id)?;
    Some(group.images.iter().map(|&row| case.joined.image(row).id()).collect())
}

fn find<'v>(case: &'v CaseState<'_>, id: &str) -> Option<&'v PhotoGroup> {
    let groups = &case.joined.findings.groups;
    groups.binary_search_by(|group| group.id.as_str().cmp(id)).ok().map(|place| &groups[place])
}

/// The group's page.
pub(crate) fn photo(
    case: &CaseState<'_>,
    ledger: &Ledger,
    session: &Session,
    id: &str,
    said: Option<&str>,
    in_course: bool,
) -> Option<Markup> {
    let group = find(case, id)?;
    let odd = odd_one_out(case, group);
    let ids = images(case, id)?;
    let about = ledger.about_photo(&ids);
    let course = Course::default();
    // What a reviewer calls it is not told to one who has not yet said.
    let own = about.iter().any(|decision| decision.reviewer == session.reviewer);
    let known = |reason: &CommonReason| own || *reason != CommonReason::Reviewer;
    Some(html! {
        h1 { (say!("One photo, {files}", files = words::count(group.images.len(), "image file"))) }
        p { (say!("In {ads}.", ads = words::rarity(group))) " " code.id { (group.id) }
            @if let Some(reason) = group.common.filter(known) { " " (say!("Held to be common: {reason}.", reason = say(reason.words()))) } }
        @if in_course { p.place { (say!("{photos} left to be judged at once", photos = words::count(open_photos(case, ledger).len(), "photo"))) } }
        p #said role="status" { @if let Some(said) = said { (say!("Saved: {ruling}.", ruling = said)) } }
        form.group method="post" action=(format!("/photo/{id}")) {
            (no_default_button())
            (hidden(session, &course))
            @if in_course { input type="hidden" name="on" value="photos"; }
            div.tools { button type="button" data-does="reveal" aria-pressed="false" aria-keyshortcuts="Space" { (say!("Hold to show")) kbd { (say!("Space")) } }
                button type="button" data-does="grey" aria-pressed="false" aria-keyshortcuts="G" { (say!("No colours")) kbd { "G" } } }
            ul.cards {
                @for (&row, place) in group.images.iter().zip(1..).take(MOST_IMAGES) {
                    @let image = case.joined.image(row);
                    @let is_odd = odd.filter(|(odd, _)| *odd == row);
                    li.card.odd[is_odd.is_some()] {
                        div.picture { img src=(format!("/image/{}", image.id())) data-reveal=(format!("/reveal/{}", image.id())) alt=(say!("Image {number}, blurred", number = place)) loading="lazy"; }
                        label { input type="checkbox" name="image" value=(image.id()); " " (say!("Image {number}", number = place)) span.minor { " " (image.width) "\u{d7}" (image.height) } }
                        @if let Some((_, score)) = is_odd { p.odd-words { strong { (say!("Look here first:")) " " } (say!("tied least to the others, score {score}", score = words::decimal(score, 1))) } }
                        details { summary { (say!("Ads")) } (ad_lines(case, row)) }
                    }
                }
            }
            @if group.images.len() > MOST_IMAGES { p { (say!("{number} more are not shown; the buttons for all do not speak for them.", number = words::thousands(group.images.len() - MOST_IMAGES))) } }
            div.rulings role="group" aria-label=(say!("Decision")) {
                div.choices {
                    button.ruling name="ruling" value="confirm" data-key="S" aria-keyshortcuts="S" { (say!("All the same photo")) kbd { "S" } }
                    button.ruling name="ruling" value="reject" data-key="D" aria-keyshortcuts="D" { (say!("Picked ones differ")) kbd { "D" } }
                    button.ruling name="ruling" value="common" data-key="C" aria-keyshortcuts="C" { (say!("Common photo")) kbd { "C" } }
                    @if in_course { a.button data-key="N" aria-keyshortcuts="N" href=(format!("/next-photo?after={id}")) { (say!("Next")) kbd { "N" } } }
                }
                label.reason { span { (say!("Why (optional)")) } input name="reason" maxlength="400" autocomplete="off"; }
            }
        }
        form.take-back method="post" action="/undo" { (hidden(session, &course)) button data-key="Z" aria-keyshortcuts="Z" { (say!("Take back")) kbd { "Z" } } }
        (decisions(&about, &session.reviewer))
    })
}

/// What was said of the images as one photo; what others said only after an own decision.
fn decisions(about: &[&Decision], reviewer: &str) -> Markup {
    let own = about.iter().any(|decision| decision.reviewer == reviewer);
    html! {
        @if !about.is_empty() {
            section aria-labelledby="decisions-title" {
                h2 #decisions-title { (say!("Decisions on these images as one photo")) }
                @if own { ul.decisions { @for decision in about { li { (decision_row(decision, say(ruling_words(decision.ruling)))) } } } }
                @else { p.minor { (say!("Another reviewer has looked at this photo. What they said is shown after your own decision.")) } }
            }
        }
    }
}

/// The id of the photo to be judged at once after another one, from the first again at the end.
pub(crate) fn next(case: &CaseState<'_>, ledger: &Ledger, after: &str) -> Option<String> {
    let id = |photo: &OpenPhoto| &*case.joined.findings.groups[photo.group].id;
    let photos = open_photos(case, ledger);
    let behind = photos.iter().position(|photo| id(photo) == after).and_then(|place| photos.get(place + 1));
    let next = behind.or(photos.first()).filter(|photo| id(photo) != after)?;
    Some(id(next).to_string())
}

/// What one act on a group says: on the photo as a whole, or on the pairs between what was picked and the rest.
pub(crate) fn subjects(
    all: &[ImageId],
    picked: &[ImageId],
    ruling: Ruling,
) -> Result<Vec<Subject>, &'static str> {
    let shown = &all[..all.len().min(MOST_IMAGES)];
    match ruling {
        Ruling::Confirm | Ruling::Common if picked.is_empty() => Ok(vec![Subject::Photo(shown.to_vec())]),
        Ruling::Confirm | Ruling::Common if picked.len() > 1 => Ok(vec![Subject::Photo(picked.to_vec())]),
        Ruling::Confirm | Ruling::Common => Err(word!("Pick two or more images, or none for all.")),
        Ruling::Reject if picked.is_empty() => Err(word!("Pick the images that show another photo.")),
        Ruling::Reject if picked.len() == shown.len() => {
            Err(word!("Leave at least one image to tell them from."))
        }
        Ruling::Reject => {
            let rest = || shown.iter().filter(|id| !picked.contains(id));
            let pairs = picked.iter().flat_map(|a| rest().map(move |b| Subject::Pair(*a.min(b), *a.max(b))));
            Ok(pairs.collect())
        }
        _ => Err(word!("This cannot be said of a whole group.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejecting_some_tells_them_from_all_the_others() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|k| ImageId([k; 32]));
        let said = subjects(&[a, b, c, d], &[c, a], Ruling::Reject).unwrap();
        assert_eq!(said, [(b, c), (c, d), (a, b), (a, d)].map(|(x, y)| Subject::Pair(x, y)));
        assert!(subjects(&[a, b], &[], Ruling::Reject).is_err());
        assert!(subjects(&[a, b], &[a, b], Ruling::Reject).is_err());
        assert_eq!(subjects(&[a, b], &[], Ruling::Common).unwrap(), [Subject::Photo(vec![a, b])]);
    }
}
