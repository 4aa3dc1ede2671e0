//! Ways of posting that are met in the field, each over any size.
//!
//! A way is a function of a size and a seed. The trap: what is expected must follow from what the ads say and show,
//! so a way whose answer nobody could know from them expects nothing either way.

use super::world::{File, Post, World};

/// How one poster's ads say whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contact {
    Phone,
    None,
    Text,
    Handle,
    /// One of four phones, changed every third ad.
    Rotating,
    /// One of four phones, at random.
    Mixed,
}

impl Contact {
    pub(super) const ALL: [Self; 6] =
        [Self::Phone, Self::None, Self::Text, Self::Handle, Self::Rotating, Self::Mixed];
}

/// One poster's particulars.
struct Poster {
    contact: Contact,
    phones: Vec<String>,
    text: String,
}

impl Poster {
    fn new(world: &mut World, contact: Contact) -> Self {
        Self { contact, phones: (0..4).map(|_| world.phone()).collect(), text: world.phrase() }
    }

    /// The k-th ad.
    fn ad(&self, world: &mut World, k: usize, site: usize, files: Vec<File>) -> usize {
        let mut post = Post { site, files, ..Post::default() };
        match self.contact {
            Contact::None => {}
            Contact::Phone => post.phones = vec![self.phones[0].clone()],
            Contact::Text => post.text = self.text.clone(),
            Contact::Handle => post.poster = format!("lily_{}", &self.phones[0][10..]),
            Contact::Rotating => post.phones = vec![self.phones[k / 3 % 4].clone()],
            Contact::Mixed => post.phones = vec![self.phones[world.below(4) as usize].clone()],
        }
        world.post(post)
    }
}

/// One poster, one photo, n ads.
pub(super) fn one_photo(
    seed: u64,
    n: usize,
    sites: usize,
    same_file: bool,
    contact: Contact,
    background: usize,
) -> World {
    let mut world = World::new(seed);
    let (poster, photo) = (Poster::new(&mut world, contact), world.photo());
    let ads: Vec<usize> = (0..n)
        .map(|k| {
            let file = if same_file { (photo, 0) } else { world.copy(photo) };
            poster.ad(&mut world, k, k % sites, vec![file])
        })
        .collect();
    world.shown.push(ads.clone());
    world.together.push(ads);
    world.background(background, sites);
    world
}

/// One poster with `photos` photos, `show` of them in each of n ads.
pub(super) fn photo_set(
    seed: u64,
    n: usize,
    photos: usize,
    show: usize,
    same_file: bool,
    contact: Contact,
) -> World {
    let mut world = World::new(seed);
    let poster = Poster::new(&mut world, contact);
    let set: Vec<u64> = (0..photos).map(|_| world.photo()).collect();
    let ads = (0..n)
        .map(|k| {
            let shown = (0..show).map(|j| set[(k + j) % photos]);
            let files =
                shown.map(|photo| if same_file { (photo, 0) } else { world.copy(photo) }).collect::<Vec<_>>();
            poster.ad(&mut world, k, k % 2, files)
        })
        .collect();
    world.together.push(ads);
    world
}

/// A seized set: a few posters' ads and nothing else; every third ad adds a picture.
pub(super) fn whole_case(seed: u64, n: usize, posters: usize, contact: Contact) -> World {
    let mut world = World::new(seed);
    for _ in 0..posters {
        let (poster, photo) = (Poster::new(&mut world, contact), world.photo());
        let ads = (0..n)
            .map(|k| {
                let mut files = vec![(photo, 0)];
                if k % 3 == 0 {
                    files.push((world.photo(), 0));
                }
                poster.ad(&mut world, k, k % 2, files)
            })
            .collect();
        world.together.push(ads);
    }
    world.apart = world.together.clone();
    world
}

/// A stock picture on n ads of unrelated posters, each with `own` photos and a phone of its own.
pub(super) fn stock(seed: u64, n: usize, own: usize) -> World {
    let mut world = World::new(seed);
    let picture = world.photo();
    world.common.push(picture);
    let ads: Vec<usize> = (0..n)
        .map(|k| {
            let mut files = vec![(picture, 0)];
            files.extend((0..own).map(|_| (world.photo(), 0)));
            let (phone, which) = (world.phone(), world.below(8) as usize);
            let text = format!("{} {k}", super::world::PHRASES[which]);
            world.post(Post { site: k % 4, files, phones: vec![phone], text, ..Post::default() })
        })
        .collect();
    // Two ads, or a few that say nothing else, may be one poster with many phones: either answer is right.
    if (own > 0 && n > 2) || n > 8 {
        world.apart = ads.iter().map(|&ad| vec![ad]).collect();
    }
    world.shown.push(ads);
    world
}

/// A photo on n ads that give no contact, each of which shows one of its own: one or many, who knows, below sixteen.
pub(super) fn silent_hub(seed: u64, n: usize) -> World {
    let mut world = World::new(seed);
    let picture = world.photo();
    world.common.push(picture);
    let ads: Vec<usize> = (0..n)
        .map(|k| {
            let files = vec![(picture, 0), (world.photo(), 0)];
            world.post(Post { site: k % 3, files, ..Post::default() })
        })
        .collect();
    if n >= 16 {
        world.apart = ads.iter().map(|&ad| vec![ad]).collect();
    }
    world
}

/// `badges` that one site puts on every ad; two posters with three ads each among n others.
pub(super) fn badge(seed: u64, n: usize, badges: usize, phones: bool) -> World {
    let mut world = World::new(seed);
    let marks: Vec<u64> = (0..badges).map(|_| world.photo()).collect();
    world.common = marks.clone();
    let with = |file: File| marks.iter().map(|&mark| (mark, 0)).chain([file]).collect::<Vec<_>>();
    for _ in 0..2 {
        let (poster, photo) = (Poster::new(&mut world, Contact::Phone), world.photo());
        let ads = (0..3)
            .map(|k| {
                let files = with(world.copy(photo));
                poster.ad(&mut world, k, 0, files)
            })
            .collect();
        world.together.push(ads);
    }
    world.apart = world.together.clone();
    for _ in 0..n {
        let files = with((world.photo(), 0));
        let text = world.phrase();
        let phone = if phones { vec![world.phone()] } else { vec!["n/a".to_string()] };
        let ad = world.post(Post { files, phones: phone, text, ..Post::default() });
        world.alone.push(ad);
    }
    world
}

/// Two posters with sets of their own; the second also shows `taken` photos of the first, in one ad or in all.
pub(super) fn stolen(seed: u64, n: usize, always: bool) -> World {
    let mut world = World::new(seed);
    let mut taken = None;
    for which in 0..2 {
        let poster = Poster::new(&mut world, Contact::Phone);
        let set: Vec<u64> = (0..4).map(|_| world.photo()).collect();
        let ads = (0..n)
            .map(|k| {
                let mut files: Vec<File> = (0..2).map(|j| world.copy(set[(k + j) % 4])).collect();
                if let Some(photo) = taken.filter(|_| k == 0 || (always && k % 2 == 0)) {
                    files.push(world.copy(photo));
                }
                poster.ad(&mut world, k, k % 3, files)
            })
            .collect();
        taken = Some(set[which]);
        world.together.push(ads);
    }
    world.apart = world.together.clone();
    world
}

/// One poster's photo, n ads under one phone, and thieves with a phone and photos of their own.
pub(super) fn thieves(seed: u64, n: usize, thieves: usize) -> World {
    let mut world = World::new(seed);
    let (poster, photo) = (Poster::new(&mut world, Contact::Phone), world.photo());
    let ads = (0..n)
        .map(|k| {
            let file = world.copy(photo);
            poster.ad(&mut world, k, k % 3, vec![file])
        })
        .collect();
    world.together.push(ads);
    for k in 0..thieves {
        let (phone, own) = (world.phone(), world.photo());
        let file = world.copy(photo);
        world.post(Post { site: k % 3, files: vec![file, (own, 0)], phones: vec![phone], ..Post::default() });
    }
    world
}

/// One photo set that moves: new city and new phone every week, four sites.
pub(super) fn touring(seed: u64, n: usize) -> World {
    let mut world = World::new(seed);
    let set: Vec<u64> = (0..3).map(|_| world.photo()).collect();
    let ads = (0..n)
        .map(|k| {
            let files = vec![world.copy(set[k % 3]), world.copy(set[(k + 1) % 3])];
            let (phone, text) = (world.phone(), world.phrase());
            let day = 1 + k as u64 * 7 % 300;
            world.post(Post {
                site: k % 4,
                files,
                phones: vec![phone],
                text,
                day,
                place: format!("City {k}"),
                ..Post::default()
            })
        })
        .collect();
    world.together.push(ads);
    world
}

/// One phone, several photo sets that share no photo.
pub(super) fn agency(seed: u64, n: usize, persons: usize, logo: bool) -> World {
    let mut world = World::new(seed);
    let (poster, mark) = (Poster::new(&mut world, Contact::Phone), world.photo());
    for _ in 0..persons {
        let set: Vec<u64> = (0..2).map(|_| world.photo()).collect();
        let ads = (0..n)
            .map(|k| {
                let mut files: Vec<File> = set.iter().map(|&photo| world.copy(photo)).collect();
                if logo {
                    files.push((mark, 0));
                }
                poster.ad(&mut world, k, k % 2, files)
            })
            .collect();
        world.together.push(ads);
    }
    world
}

/// Two agencies, each with one phone and a set per person, which trade one photo.
pub(super) fn trading(seed: u64, n: usize) -> World {
    let mut world = World::new(seed);
    let traded = world.photo();
    for _ in 0..2 {
        let poster = Poster::new(&mut world, Contact::Phone);
        let set: Vec<u64> = (0..4).map(|_| world.photo()).collect();
        let ads = (0..n)
            .map(|k| {
                let mut files: Vec<File> = (0..2).map(|j| world.copy(set[(k + j) % 4])).collect();
                if k % 3 == 0 {
                    files.push(world.copy(traded));
                }
                poster.ad(&mut world, k, k % 2, files)
            })
            .collect();
        world.together.push(ads);
    }
    world.apart = world.together.clone();
    world
}

/// Site 3 copies all ads of site 0 a day later, files unchanged; three posters among them.
pub(super) fn mirror(seed: u64, n: usize) -> World {
    let mut world = World::new(seed);
    for p in 0..3 {
        let poster = Poster::new(&mut world, Contact::Phone);
        let set: Vec<u64> = (0..2).map(|_| world.photo()).collect();
        let mut ads = Vec::new();
        for k in 0..n / 3 {
            let files: Vec<File> = set.iter().map(|&photo| world.copy(photo)).collect();
            let ad = poster.ad(&mut world, k, 0, files);
            world.posts[ad].day = 1 + (20 * p + k) as u64;
            let copy = Post { site: 3, day: 2 + (20 * p + k) as u64, ..world.posts[ad].clone() };
            world.post(copy);
            ads.push(ad);
        }
        world.together.push(ads);
    }
    world.apart = world.together.clone();
    world
}

/// One photo and a new one in each of n ads, a new phone each time, and always the same name on a messenger.
pub(super) fn one_handle(seed: u64, n: usize) -> World {
    let mut world = World::new(seed);
    let photo = world.photo();
    let ads = (0..n)
        .map(|k| {
            let (files, phone) = (vec![(photo, 0), (world.photo(), 0)], world.phone());
            let text = format!("{}, t.me/sweet_anna_77", world.phrase());
            world.post(Post { site: k % 2, files, phones: vec![phone], text, ..Post::default() })
        })
        .collect();
    world.together.push(ads);
    world.background(15, 2);
    world
}

/// A site whose hotline ends the text of all its ads; a third of them show a stock picture beside their own.
pub(super) fn hotline(seed: u64, n: usize) -> World {
    let mut world = World::new(seed);
    let picture = world.photo();
    world.common.push(picture);
    let ads: Vec<usize> = (0..3 * n)
        .map(|k| {
            let mut files = vec![(world.photo(), 0)];
            files.extend((k % 3 == 0).then_some((picture, 0)));
            let text = format!("{}. Questions? Our hotline +49 800 5550199", world.phrase());
            world.post(Post { files, text, ..Post::default() })
        })
        .collect();
    if n >= 16 {
        world.apart = ads.iter().step_by(3).map(|&ad| vec![ad]).collect();
    }
    world
}

/// A file that a site puts on every ad, n posters with three ads each, and stock pictures on two ads of five: the file and
/// any stock picture are two things in common.
pub(super) fn badge_and_stock(seed: u64, n: usize) -> World {
    let mut world = World::new(seed);
    let badge = world.photo();
    let stock: Vec<u64> = (0..6).map(|_| world.photo()).collect();
    world.common = [&[badge], &stock[..]].concat();
    for _ in 0..n {
        let (poster, photo) = (Poster::new(&mut world, Contact::Phone), world.photo());
        let ads = (0..3)
            .map(|k| {
                let mut files = vec![(badge, 0), world.copy(photo), (world.photo(), 0)];
                if world.below(5) < 2 {
                    files.push((stock[world.below(6) as usize], 0));
                }
                poster.ad(&mut world, k, 0, files)
            })
            .collect();
        world.together.push(ads);
    }
    world.apart = world.together.clone();
    world
}
