//! A corpus linked section by section, whatever sections, is the corpus linked at once.

use super::decisions::{any_decision, snapshot};
use crate::corpus::Snapshot;
use crate::link::findings::Findings;
use crate::link::options::LinkOptions;
use crate::link::photos::Sources;
use crate::link::sample;
use crate::link::sections::{components, together};
use crate::link::whole::{link, link_cut};
use crate::progress::Silent;
use crate::record::Image;
use proptest::prelude::*;

/// Everything findings say.
pub(super) fn words(findings: &Findings) -> String {
    format!("{findings:#?}")
}

/// Linked in sections to which `section_of` assigns the components.
pub(super) fn in_sections(
    world: &Snapshot,
    sources: &Sources,
    options: &LinkOptions,
    section_of: &(dyn Fn(usize) -> usize + Sync),
) -> Findings {
    link_cut(world, sources, options, &Silent, &|ties| {
        let components = components(ties);
        let sections: Vec<usize> = (0..components.len()).map(section_of).collect();
        together(components, &sections)
    })
    .expect("nobody interrupts")
}

/// Images that are near in families, in ads that show several and share contacts now and then.
fn world() -> impl Strategy<Value = Snapshot> {
    let image = (0..6_u64, 0..24_usize)
        .prop_map(|(seed, bits)| sample::image_with(sample::nudge(sample::hash(seed), bits..bits + 9)));
    let images = prop::collection::vec((image, 0..14_u32), 1..26);
    let said = (
        prop::collection::vec((0..14_usize, 0..4_u64), 0..10),
        prop::collection::vec(any_decision(26), 0..4),
    );
    (images, said).prop_map(|(images, (phones, decisions))| {
        let (images, ads): (Vec<Image>, Vec<u32>) = images.into_iter().unzip();
        let mut world = snapshot(images, &ads, decisions);
        for (ad, phone) in phones {
            if let Some(ad) = world.ads.get_mut(ad) {
                ad.phones = vec![format!("+4930123450{phone}")];
                ad.text = format!("call me at night {phone}");
            }
        }
        world
    })
}

proptest! {
    #[test]
    fn sections_give_the_findings_of_the_whole(
        world in world(), draws in prop::collection::vec(0..5_usize, 40), corroborate: bool,
    ) {
        let options = LinkOptions { corroborate, ..LinkOptions::default() };
        let whole = link(&world, &Sources::NONE, &options, &Silent).expect("nobody interrupts");
        for section_of in [&|_| 0, &|place| place, &|place: usize| draws[place % draws.len()]] as [&(dyn Fn(usize) -> usize + Sync); 3] {
            let found = in_sections(&world, &Sources::NONE, &options, section_of);
            prop_assert_eq!(words(&found), words(&whole));
        }
    }
}
