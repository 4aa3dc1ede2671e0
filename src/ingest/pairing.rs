//! Which picture that came with an ad is which image of its record: by name.
//!
//! Records write paths, forms send file names, and some browsers send paths, too. The trap: whole names decide first, for
//! all images; only then, for those left on both sides, the names without folders. Else an image that comes early would
//! take the picture that a later one names.

use std::collections::{HashMap, VecDeque};

/// The place of the picture of each image, and the places of pictures that no image speaks of. An image may have no name.
pub(super) fn paired(images: &[Option<&str>], pictures: &[&str]) -> (Vec<Option<usize>>, Vec<usize>) {
    let mut paired = vec![None; images.len()];
    let mut left: Vec<usize> = (0..pictures.len()).collect();
    for short in [|name| name, last_part] {
        let mut by_name: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for &place in &left {
            by_name.entry(short(pictures[place])).or_default().push_back(place);
        }
        for (image, picture) in images.iter().zip(&mut paired).filter(|(_, picture)| picture.is_none()) {
            *picture = image.and_then(|name| by_name.get_mut(short(name))?.pop_front());
        }
        left = by_name.into_values().flatten().collect();
        left.sort_unstable();
    }
    (paired, left)
}

/// A name without folders.
fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::paired;

    fn pairing(images: &[&str], pictures: &[&str]) -> (Vec<Option<usize>>, Vec<usize>) {
        let images: Vec<Option<&str>> = images.iter().copied().map(Some).collect();
        paired(&images, pictures)
    }

    #[test]
    fn whole_names_go_first_whatever_the_order() {
        // The first image must not take what the second names.
        assert_eq!(pairing(&["a/1.jpg", "b/1.jpg"], &["b/1.jpg"]), (vec![None, Some(0)], vec![]));
        assert_eq!(
            pairing(&["a/1.jpg", "b/1.jpg"], &["b/1.jpg", "a/1.jpg"]),
            (vec![Some(1), Some(0)], vec![])
        );
        assert_eq!(pairing(&["a/1.jpg", "1.jpg"], &["1.jpg", "1.jpg"]), (vec![Some(1), Some(0)], vec![]));
        assert_eq!(pairing(&["x", "x", "x"], &["x", "x"]), (vec![Some(0), Some(1), None], vec![]));
        assert_eq!(pairing(&["a\\1.jpg"], &["2.jpg", "c:/1.jpg"]), (vec![Some(1)], vec![0]));
        assert_eq!(paired(&[None, Some("x")], &["x", ""]), (vec![None, Some(0)], vec![1]));
        assert_eq!(pairing(&[], &["x"]), (vec![], vec![0]));
    }

    /// Any order of images and pictures that have the same names pairs each with its own.
    #[test]
    fn every_picture_goes_to_the_image_that_names_it() {
        let names = ["1.jpg", "a/1.jpg", "b/1.jpg", "a/2.jpg", "2.jpg"];
        for turn in 0..names.len() {
            let (mut images, mut pictures) = (names, names);
            images.rotate_left(turn);
            pictures.reverse();
            let (found, left) = pairing(&images, &pictures);
            for (image, picture) in images.iter().zip(found) {
                assert_eq!(Some(*image), picture.map(|place| pictures[place]), "turn {turn}");
            }
            assert_eq!(left, Vec::<usize>::new());
        }
    }
}
