//! Which paths a file of a bundle may have: such that it lies inside the bundle on every system, and under one name.

use crate::config::is_device;

/// Longer names do not fit on common file systems.
const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 1000;

/// Why `path`, with `/` between folders, cannot be one of a bundle's; `None` if it can.
pub fn fault_of(path: &str) -> Option<&'static str> {
    if path.len() > LONGEST_PATH {
        return Some("it is longer than paths are everywhere allowed to be");
    }
    if path.starts_with('/') {
        return Some("it is absolute");
    }
    path.split('/').find_map(fault_of_name)
}

fn fault_of_name(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("a name in it is empty"),
        "." | ".." => Some("it leads out of its folder"),
        _ if name.len() > LONGEST_NAME => Some("a name in it is longer than names are everywhere allowed to be"),
        _ if name.chars().any(|c| c.is_control() || "\\:*?\"<>|".contains(c)) => {
            Some("it has a character that is not allowed everywhere")
        }
        _ if name.ends_with(['.', ' ']) || name.starts_with(' ') => {
            Some("a name in it begins or ends with what some systems drop")
        }
        _ if is_device(name) => Some("a name in it is a device on some systems"),
        _ => None,
    }
}

/// Two paths with the same fold are one file where case does not count.
pub fn fold(path: &str) -> String {
    path.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_inside_a_bundle_are_fine() {
        for path in
            ["results.json", "trials/bn/seed-1/trial.json", "plots/a b.svg", "..hidden", "console.md", "com10", "com"]
        {
            assert_eq!(fault_of(path), None, "{path}");
        }
    }

    #[test]
    // Microsoft, "Naming Files, Paths, and Namespaces", lists the reserved characters and names.
    fn paths_that_lead_elsewhere_or_are_not_one_file_everywhere_are_not() {
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../x",
            "a//b",
            "a/",
            "./a",
            "a\\b",
            "C:/x",
            "c:x",
            "a\0b",
            "a\nb",
            "nul",
            "NUL.txt",
            "trials/COM1",
            "LPT9.json",
            "dot.",
            "space ",
            " space",
            "a:b",
            "what?",
        ] {
            assert!(fault_of(path).is_some(), "{path:?}");
        }
        assert!(fault_of(&"a/".repeat(600)).is_some());
        assert!(fault_of(&"a".repeat(256)).is_some());
    }
}
