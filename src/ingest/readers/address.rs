//! Addresses in pages, made whole; and the paths that programs which mirror sites make of them.

/// An address as a page at `base` means it. What has a scheme of its own, or no base, stays as it is.
pub(super) fn joined(base: &str, address: &str) -> String {
    let address = address.trim();
    let has_scheme = address.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let Some((scheme, rest)) = base.split_once("://").filter(|_| !has_scheme && !address.is_empty()) else {
        return address.to_string();
    };
    if let Some(rest) = address.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if address.starts_with(['?', '#']) {
        return format!("{scheme}://{host}/{path}{address}");
    }
    let (folder, name) = match address.strip_prefix('/') {
        Some(name) => ("", name),
        None => (path.rsplit_once('/').map_or("", |(folder, _)| folder), address),
    };
    let end = name.find(['?', '#']).unwrap_or(name.len());
    format!("{scheme}://{host}/{}{}", normal(folder, &name[..end]), &name[end..])
}

/// A path within a folder, without `.` and `..`; it never leads out of the top.
pub(super) fn normal(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let steps: Vec<&str> = path.split('/').collect();
    for step in &steps {
        match *step {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let slash = if matches!(steps.last(), Some(&"" | &"." | &"..")) && !parts.is_empty() { "/" } else { "" };
    format!("{}{slash}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_as_browsers_understand_them() {
        let base = "https://s.example/a/b/page.html?x=1#y";
        for (address, expected) in [
            ("c.jpg", "https://s.example/a/b/c.jpg"),
            ("../c.jpg?q=../z", "https://s.example/a/c.jpg?q=../z"),
            ("../../../../c.jpg", "https://s.example/c.jpg"),
            ("/c.jpg", "https://s.example/c.jpg"),
            ("//t.example/c.jpg", "https://t.example/c.jpg"),
            ("http://t.example/c.jpg", "http://t.example/c.jpg"),
            ("data:image/png;base64,x", "data:image/png;base64,x"),
            ("?p=2", "https://s.example/a/b/page.html?p=2"),
            ("", ""),
        ] {
            assert_eq!(joined(base, address), expected, "{address}");
        }
        assert_eq!(joined("https://s.example", "c.jpg"), "https://s.example/c.jpg");
        assert_eq!(joined("", "../c.jpg"), "../c.jpg");
    }

    proptest! {
        #[test]
        fn no_address_makes_it_panic(base in "\\PC{0,20}", address in "\\PC{0,20}") {
            joined(&format!("https://{base}"), &address);
            prop_assert!(!normal(&base, &address).split('/').any(|part| part == ".."));
        }
    }
}
