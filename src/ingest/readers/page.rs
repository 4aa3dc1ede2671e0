//! A page of HTML: its words, and the images it shows.
//!
//! One image of the page is one photo in several sizes (`srcset`) and spellings (lazy loading), so it comes as a list of
//! addresses, the best first. The trap: pages are hostile and broken; nothing here follows a link or runs anything.

use super::address::joined;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use html5gum::Tokenizer;
use html5gum::emitters::default::{DefaultEmitter, StartTag, Token};
use std::collections::BTreeSet;

/// Text of a page that is kept, in bytes; images that are looked at.
const TEXT: usize = 64 << 10;
const IMAGES: usize = 2000;

/// What a page says and shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct WebPage {
    pub(super) title: String,
    pub(super) text: String,
    /// Its own address, where it names one.
    pub(super) address: String,
    pub(super) phones: Vec<String>,
    pub(super) images: Vec<Shown>,
    pub(super) videos: u64,
}

/// An image of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Shown {
    /// Addresses of it, absolute where the page has a base; the best first.
    pub(super) addresses: Vec<String>,
    /// Place of a `data:` address in the page as it was read, where it has one.
    pub(super) inline: Option<(u64, u64)>,
}

/// The text that some bytes are, and whether places in it are places in them. `declared`: what came with the page.
pub(super) fn decoded(bytes: &[u8], declared: Option<&str>) -> (String, bool) {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_lowercase();
    let in_page = head.split("charset=").nth(1).map(|rest| {
        rest.trim_start_matches(['"', '\''])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            .collect::<String>()
    });
    let named = |name: &str| Encoding::for_label(name.as_bytes());
    let told = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| named(declared?))
        .or_else(|| named(&in_page?));
    let encoding = told.unwrap_or(if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 });
    if encoding == UTF_8 {
        return (String::from_utf8_lossy(bytes).into_owned(), std::str::from_utf8(bytes).is_ok());
    }
    (encoding.decode(bytes).0.into_owned(), false)
}

/// Reads a page. `base`: the address it was fetched from; empty when unknown.
pub(super) fn read(html: &str, base: &str) -> WebPage {
    let mut reading = PageReading { base: base.to_string(), ..PageReading::default() };
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => reading.start(&tag, html),
            Token::EndTag(tag) => reading.end(&tag.name),
            Token::String(text) => reading.words(&String::from_utf8_lossy(&text)),
            Token::Comment(text) => reading.comment(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    reading.finish()
}

#[derive(Default)]
struct PageReading {
    base: String,
    page: WebPage,
    /// Address of each image, to have it once.
    met: BTreeSet<String>,
    phones: BTreeSet<String>,
    in_title: bool,
    /// Within what is not shown: scripts, styles, templates.
    hidden: usize,
    /// Sources of the `picture` at hand.
    picture: Vec<String>,
}

/// Elements whose content is no text of the page.
const HIDDEN: [&[u8]; 5] = [b"script", b"style", b"noscript", b"template", b"svg"];

impl PageReading {
    fn start(&mut self, tag: &StartTag<usize>, html: &str) {
        let attribute = |name: &str| {
            let value = tag.attributes.get(name.as_bytes())?;
            Some(String::from_utf8_lossy(value).trim().to_string()).filter(|value| !value.is_empty())
        };
        match &tag.name[..] {
            b"title" => self.in_title = self.page.title.is_empty(),
            b"base" => {
                if let Some(href) = attribute("href") {
                    self.base = joined(&self.base, &href);
                }
            }
            b"img" | b"amp-img" | b"image" => self.image(&attribute, tag, html),
            b"source" => {
                let sets = ["srcset", "data-srcset"].into_iter().filter_map(attribute);
                self.picture.extend(sets.flat_map(|set| largest_first(&set)));
            }
            b"video" => {
                self.page.videos += 1;
                self.add(attribute("poster").into_iter().collect(), None);
            }
            b"meta" => self.meta(&attribute),
            b"link" => match attribute("rel").unwrap_or_default().to_lowercase().as_str() {
                "image_src" => self.add(attribute("href").into_iter().collect(), None),
                "canonical" => {
                    self.page.address =
                        attribute("href").map(|href| joined(&self.base, &href)).unwrap_or_default()
                }
                _ => {}
            },
            b"a" => self.link(&attribute("href").unwrap_or_default()),
            b"br" | b"p" | b"div" | b"li" | b"tr" | b"h1" | b"h2" | b"h3" => self.words("\n"),
            name if HIDDEN.contains(&name) && !tag.self_closing => self.hidden += 1,
            _ => {}
        }
    }

    fn end(&mut self, name: &[u8]) {
        match name {
            b"title" => self.in_title = false,
            b"picture" => self.picture.clear(),
            name if HIDDEN.contains(&name) => self.hidden = self.hidden.saturating_sub(1),
            _ => {}
        }
    }

    fn image(&mut self, attribute: &dyn Fn(&str) -> Option<String>, tag: &StartTag<usize>, html: &str) {
        let sets = ["srcset", "data-srcset", "data-lazy-srcset"];
        let mut addresses: Vec<String> =
            sets.into_iter().filter_map(attribute).flat_map(|set| largest_first(&set)).collect();
        addresses.append(&mut self.picture);
        let lazy =
            ["data-src", "data-original", "data-lazy-src", "data-lazy", "data-full", "data-image", "src"];
        let lazy: Vec<String> = lazy.into_iter().filter_map(attribute).collect();
        let is_inline = |address: &String| address.starts_with("data:");
        // Inline stands before its real address only as a place holder; by itself it is the image.
        let (inline, named): (Vec<String>, Vec<String>) = lazy.into_iter().partition(is_inline);
        addresses.extend(named);
        addresses.retain(|address| !is_inline(address));
        if !addresses.is_empty() {
            return self.add(addresses, None);
        }
        if inline
            .iter()
            .any(|address| address.starts_with("data:image/") && !address.starts_with("data:image/svg"))
        {
            let place = ["src", "data-src"].into_iter().find_map(|name| {
                let span = tag.attributes.get(name.as_bytes())?.span;
                let value = html.get(span.start..span.end)?;
                let start = value.find(";base64,")? + ";base64,".len();
                let length = crate::source::base64_text(&value.as_bytes()[start..]);
                Some(((span.start + start) as u64, length as u64))
            });
            let shown = format!("data:image {}", self.page.images.len());
            self.add(vec![shown], place);
        }
    }

    fn meta(&mut self, attribute: &dyn Fn(&str) -> Option<String>) {
        let name = attribute("property").or_else(|| attribute("name")).unwrap_or_default().to_lowercase();
        let Some(content) = attribute("content") else { return };
        match name.as_str() {
            "og:image" | "og:image:url" | "og:image:secure_url" | "twitter:image" | "twitter:image:src" => {
                self.add(vec![content], None)
            }
            "og:url" if self.page.address.is_empty() => self.page.address = joined(&self.base, &content),
            "og:title" if self.page.title.is_empty() => self.page.title = content,
            _ => {}
        }
    }

    /// Phones stand in links that dial them.
    fn link(&mut self, href: &str) {
        let number =
            ["tel:", "https://wa.me/", "https://api.whatsapp.com/send?phone=", "whatsapp://send?phone="]
                .into_iter()
                .find_map(|start| href.strip_prefix(start));
        let digits: String = number
            .unwrap_or_default()
            .chars()
            .take_while(|c| c.is_ascii_digit() || "+-() .".contains(*c))
            .collect();
        if digits.chars().filter(char::is_ascii_digit).count() >= 5 {
            let dialled = if href.starts_with("tel:") || digits.starts_with('+') {
                digits
            } else {
                format!("+{digits}")
            };
            self.phones.insert(dialled.trim().to_string());
        }
    }

    /// What HTTrack, wget and SingleFile write about the page they saved.
    fn comment(&mut self, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let found = match words[..] {
            ["Mirrored", "from", address, "by", ..] => Some(format!("https://{address}")),
            _ => words
                .windows(2)
                .find(|pair| ["url:", "saved"].contains(&pair[0]) && pair[1].contains("://"))
                .map(|pair| pair[1].to_string()),
        };
        if let Some(address) = found.filter(|address| address.contains("://")) {
            self.page.address = address;
        }
    }

    fn words(&mut self, text: &str) {
        if self.in_title {
            self.page.title.push_str(text);
        } else if self.hidden == 0 && self.page.text.len() < TEXT {
            self.page.text.push_str(text);
        }
    }

    fn add(&mut self, addresses: Vec<String>, inline: Option<(u64, u64)>) {
        let addresses: Vec<String> = addresses
            .into_iter()
            .filter(|address| address.len() < 4096)
            .map(|address| {
                if inline.is_some() || address.starts_with("data:") {
                    address
                } else {
                    joined(&self.base, &address)
                }
            })
            .collect();
        if addresses.is_empty()
            || self.page.images.len() >= IMAGES
            || addresses.iter().any(|one| self.met.contains(one))
        {
            return;
        }
        self.met.extend(addresses.iter().cloned());
        self.page.images.push(Shown { addresses, inline });
    }

    fn finish(mut self) -> WebPage {
        let lines = self.page.text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        self.page.text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        self.page.title = self.page.title.split_whitespace().collect::<Vec<_>>().join(" ");
        self.phones.extend(numbers(&self.page.text));
        self.page.phones = self.phones.into_iter().collect();
        self.page
    }
}

/// International phone numbers in a text: a plus and seven to fifteen digits.
fn numbers(text: &str) -> Vec<String> {
    let number = |(at, _): (usize, &str)| {
        let run: String = text[at..]
            .chars()
            .take_while(|c| c.is_ascii_digit() || "+-() ./".contains(*c))
            .take(30)
            .collect();
        let digits = run.chars().filter(char::is_ascii_digit).count();
        (7..=15).contains(&digits).then(|| run.trim_end_matches(|c: char| !c.is_ascii_digit()).to_string())
    };
    text.match_indices('+').filter_map(number).collect()
}

/// The addresses of a `srcset`, that of the largest picture first.
fn largest_first(set: &str) -> Vec<String> {
    let mut sized: Vec<(f64, String)> = Vec::new();
    // A comma parts two candidates only before white space; addresses have commas, too.
    for candidate in
        set.split([' ', '\n', '\t', '\r']).filter(|word| !word.is_empty()).fold(Vec::new(), grouped)
    {
        let (address, size) = candidate;
        let number: f64 = size.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(1.0);
        sized.push((number, address));
    }
    sized.sort_by(|a, b| b.0.total_cmp(&a.0));
    sized.into_iter().map(|(_, address)| address).collect()
}

/// Words of a `srcset` in pairs of address and size.
fn grouped(mut pairs: Vec<(String, String)>, word: &str) -> Vec<(String, String)> {
    let is_size = |word: &str| {
        let word = word.trim_end_matches(',');
        word.ends_with(['w', 'x', 'h']) && word[..word.len() - 1].parse::<f64>().is_ok()
    };
    match pairs.last_mut() {
        Some((_, size)) if is_size(word) && size.is_empty() => *size = word.trim_end_matches(',').to_string(),
        _ if word.trim_matches(',').is_empty() => {}
        _ => pairs.push((word.trim_matches(',').to_string(), String::new())),
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(page: &WebPage) -> Vec<Vec<&str>> {
        page.images.iter().map(|image| image.addresses.iter().map(String::as_str).collect()).collect()
    }

    #[test]
    fn images_in_all_their_spellings() {
        let html = r#"<html><head><title> Ad &amp; 1 </title><meta property="og:image" content="/og.jpg">
            <script>var x = "<img src='/never.jpg'>";</script></head><body>
            <img src="a.jpg"><IMG SRC='../b.jpg?x=1&amp;y=2'><img src="a.jpg">
            <img src="data:image/gif;base64,R0lGOD" data-src="//cdn.example/lazy.jpg">
            <img src="small.jpg" srcset="m.jpg 640w, l,arge.jpg 1280w, s.jpg 320w">
            <picture><source srcset="p2.webp 2x, p1.webp 1x"><img src="p.jpg"></picture>
            call <a href="tel:+49-30-1234">us</a> or +44 20 7946 0000.</body></html>"#;
        let page = read(html, "https://s.example/ad/1/x.html");
        let base = "https://s.example/ad/1/";
        let expected = [
            vec!["https://s.example/og.jpg".to_string()],
            vec![format!("{base}a.jpg")],
            vec!["https://s.example/ad/b.jpg?x=1&y=2".into()],
            vec!["https://cdn.example/lazy.jpg".into()],
            vec![
                format!("{base}l,arge.jpg"),
                format!("{base}m.jpg"),
                format!("{base}s.jpg"),
                format!("{base}small.jpg"),
            ],
            vec![format!("{base}p2.webp"), format!("{base}p1.webp"), format!("{base}p.jpg")],
        ];
        assert_eq!(shown(&page), expected);
        assert_eq!((page.title.as_str(), page.text.as_str()), ("Ad & 1", "call us or +44 20 7946 0000."));
        assert_eq!(page.phones, ["+44 20 7946 0000", "+49-30-1234"]);
    }

    #[test]
    fn an_image_written_into_the_page_is_found_by_its_place() {
        let html = "<!-- Page saved with SingleFile \n url: https://s.example/ad/7 \n --><p>ä<img src=\"data:image/png;base64,aGVsbG8=\">";
        let page = read(html, "");
        let (start, length) = page.images[0].inline.unwrap();
        assert_eq!(&html[start as usize..(start + length) as usize], "aGVsbG8=");
        assert_eq!(page.address, "https://s.example/ad/7");
    }

    #[test]
    fn pages_in_other_encodings() {
        assert_eq!(decoded(b"<meta charset=windows-1251>\xcf", None).0, "<meta charset=windows-1251>П");
        assert_eq!(decoded(b"caf\xe9", None), ("café".into(), false));
        assert_eq!(decoded(b"caf\xc3\xa9", None), ("café".into(), true));
        assert_eq!(decoded(b"\xcf", Some("koi8-r")).0, "о");
    }

    proptest! {
        #[test]
        fn no_page_makes_it_panic(text in "(<img |<a href=|src=|srcset=|data:image/x;base64,|[<>\"'= a-z0-9/.,+&;#!-]|é){0,60}") {
            read(&text, "https://s.example/");
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            read(&decoded(&bytes, None).0, "");
        }
    }
}
