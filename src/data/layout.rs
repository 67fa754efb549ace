//! Where a path of a class-folder data set belongs: `train/<class>/<image>` and `test/<class>/<image>`, below at most one
//! enclosing folder. `val`, `valid` and `validation` stand for `test` where there is none.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::decode::is_named_like_an_image;

/// What the folders above the classes say about the images in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Train,
    Test,
    /// Test images where there are no others, by the name of their folder.
    Validation(&'static str),
}

impl Part {
    const ALL: [Self; 5] =
        [Self::Train, Self::Test, Self::Validation("val"), Self::Validation("valid"), Self::Validation("validation")];

    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
            Self::Validation(name) => name,
        }
    }

    fn named(folder: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == folder)
    }
}

/// Where a path belongs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// A folder above the classes.
    Above {
        root: &'a str,
    },
    Class {
        root: &'a str,
        part: Part,
        class: String,
    },
    File {
        root: &'a str,
        part: Part,
        class: String,
        name: &'a str,
    },
}

/// `None` when nothing of this path belongs in a data set.
pub(super) fn place(path: &str) -> Option<Place<'_>> {
    let parts: Vec<&str> = path.split('/').collect();
    let (root, parts) = match *parts.as_slice() {
        [first, ref rest @ ..] if Part::named(first).is_none() => (first, rest),
        ref all => ("", all),
    };
    Some(match *parts {
        [] => Place::Above { root },
        [part] => Part::named(part).map(|_| Place::Above { root })?,
        [part, class] => Place::Class { root, part: Part::named(part)?, class: class_of(class) },
        [part, class, name] => Place::File { root, part: Part::named(part)?, class: class_of(class), name },
        _ => return None,
    })
}

/// The name of a class in Unicode's composed form (NFC): macOS hands out `é` in two characters, others in one, and the
/// two halves of a data set may come from both.
fn class_of(folder: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(folder).into_owned()
}

/// A text beside `train` and `test` that people put there for people.
pub(super) fn is_about_the_data(path: &str) -> bool {
    const NAMES: [&str; 5] = ["readme", "license", "copying", "citation", "notice"];
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let beside = !folder.contains('/') && Part::named(folder).is_none();
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    beside && !is_named_like_an_image(name) && NAMES.contains(&stem.as_str())
}

/// What systems and tools leave in folders by themselves: no part of the data, wherever it lies.
pub(super) fn is_litter(path: &str) -> bool {
    const FILES: [&str; 6] = [".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".gitkeep", ".gitignore"];
    const FOLDERS: [&str; 5] = ["__macosx", "@eadir", ".ipynb_checkpoints", ".git", ".trash"];
    let is_one_of = |names: &[&str], part: &str| names.contains(&part.to_ascii_lowercase().as_str());
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("._") || is_one_of(&FILES, name) || path.split('/').any(|part| is_one_of(&FOLDERS, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validation_folders_are_known_by_their_usual_names() {
        for name in ["val", "valid", "validation"] {
            let path = format!("{name}/cat/1.png");
            let Some(Place::File { part: Part::Validation(known), .. }) = place(&path) else { panic!("{path}") };
            assert_eq!(known, name);
        }
        assert_eq!(place("validate/cat/1.png"), None);
    }

    #[test]
    fn what_systems_leave_is_told_from_data() {
        for path in [
            "train/cat/Thumbs.db",
            "train/.DS_Store",
            "__MACOSX/train/cat/._1.png",
            "train/cat/@eaDir/1.png/x.jpg",
            "test/desktop.ini",
            "train/.ipynb_checkpoints",
        ] {
            assert!(is_litter(path), "{path}");
        }
        for path in ["train/cat/thumbs.png", "train/git/1.png", "train/cat/1._x.png"] {
            assert!(!is_litter(path), "{path}");
        }
    }

    #[test]
    fn a_class_has_one_name_however_its_folder_is_encoded() {
        let class = |path: &str| match place(path) {
            Some(Place::Class { class, .. }) => class,
            other => panic!("{other:?}"),
        };
        assert_eq!(class("train/caf\u{e9}"), class("test/cafe\u{301}"));
    }
}
