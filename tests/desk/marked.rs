//! Finds the words of a page that do not come from the table: with its sentences between marks, what stands outside is
//! either of the case or was forgotten.
//!
//! What the case says stands in `bdi`, codes in `code`, names of files and tiers in elements of their own. The trap: texts
//! that a reader never sees as text, labels and placeholders, are words of the page as well.

/// Attributes that are read to people.
const READ: [&str; 5] = ["aria-label", "alt", "placeholder", "title", "data-label"];
/// Elements whose text is no word of the desk: evidence, codes, what was searched for.
const NOT_OURS: [&str; 5] = ["bdi", "code", "style", "script", "mark"];
/// Names, of the program, of languages and of formats, and what the ads of these tests say in labels.
const NAMES: [&str; 14] = [
    "adlink", "English", "Deutsch", "SHA", "JPEG", "jpeg", "pdq", "sha", "md", "example", "img", "src",
    "onerror", "alert",
];

/// Words outside of the marks.
pub(super) fn unmarked(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside: Vec<(String, bool)> = Vec::new();
    let mut rest = page;
    while !rest.is_empty() {
        let Some(tag) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            if inside.iter().all(|(_, ours)| *ours) {
                found.extend(words(&rest[..end]));
            }
            rest = &rest[end..];
            continue;
        };
        let end = tag_end(tag);
        let (tag, after) = (&tag[..end], &tag[end + 1..]);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            while inside.pop().is_some_and(|(open, _)| open != name) {}
            continue;
        }
        let name = tag.split([' ', '>']).next().unwrap_or_default();
        if inside.iter().all(|(_, ours)| *ours) {
            found.extend(READ.iter().filter_map(|read| attribute(tag, read)).flat_map(words));
        }
        if !["input", "img", "br", "wbr", "meta", "link", "!DOCTYPE"].contains(&name) {
            let text = after.split('<').next().unwrap_or_default();
            inside.push((name.to_string(), is_ours(name, tag, text)));
        }
    }
    found
}

/// Whether the text of an element is the desk's own. An option that says its value is a name of the case or of a file.
fn is_ours(name: &str, tag: &str, text: &str) -> bool {
    let value = attribute(tag, "value").unwrap_or_default();
    let is_value = name == "option" && !value.is_empty() && value.replace('_', " ") == text.replace('_', " ");
    let is_code = attribute(tag, "class").is_some_and(|class| class.split(' ').any(|one| one == "tier"));
    !NOT_OURS.contains(&name) && !is_value && !is_code
}

/// Where a tag ends: values may hold `>`.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    let end = tag.char_indices().find(|&(_, c)| {
        quoted ^= c == '"';
        c == '>' && !quoted
    });
    end.expect("a tag that ends").0
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next()
}

fn words(text: &str) -> Vec<String> {
    let mut outside = String::new();
    let mut marks = 0_u32;
    for c in text.chars() {
        match c {
            '\u{27e6}' => marks += 1,
            '\u{27e7}' => marks = marks.saturating_sub(1),
            _ if marks == 0 => outside.push(c),
            _ => {}
        }
    }
    // Characters that were escaped are no words.
    let plain =
        ["&lt;", "&gt;", "&amp;", "&quot;"].iter().fold(outside, |text, escape| text.replace(escape, " "));
    // Nor are paths, and ids of hex digits.
    let said = plain.split_whitespace().filter(|piece| !piece.starts_with('/'));
    let words = said.flat_map(|piece| piece.split(|c: char| !c.is_alphanumeric()));
    let is_id = |word: &str| word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit());
    let words = words.filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1 && !is_id(word));
    words.filter(|word| !NAMES.contains(word)).map(String::from).collect()
}

#[test]
fn words_outside_of_marks_are_found_wherever_a_reader_meets_them() {
    let page = "<p title=\"\u{27e6}so\u{27e7} no\">\u{27e6}told\u{27e7} 3 left <bdi>of the case</bdi><img alt=\"seen > heard\"></p>";
    assert_eq!(unmarked(page), ["no", "left", "seen", "heard"]);
    assert_eq!(unmarked("<option value=\"a.b\">a.b</option><option value=\"x\">said</option>"), ["said"]);
    assert_eq!(unmarked("<br><code>n-12</code>\u{27e6}all &lt; said\u{27e7} &lt;"), Vec::<String>::new());
}
