//! Every file of a bundle against its manifest.

use std::path::Path;

use rayon::prelude::*;

use crate::bundle::BundleError;
use crate::bundle::manifest::{Manifest, files_of};

/// A file that is not as the manifest says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub path: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// In the manifest, not in the bundle.
    Missing,
    /// In the bundle, not in the manifest.
    Extra,
    /// In both, with other content.
    Changed,
}

/// Compares every file of the bundle at `root` with `manifest`, in the order of their paths. A file of another size is
/// not read.
///
/// # Errors
/// When a file cannot be read, or is none.
pub fn check(root: &Path, manifest: &Manifest) -> Result<Vec<Finding>, BundleError> {
    let present = files_of(root)?;
    let finding = |path: &str, kind| Finding { path: path.to_owned(), kind };
    let missing = manifest.files.keys().filter(|path| present.binary_search(path).is_err());
    let mut findings: Vec<Finding> = missing.map(|path| finding(path, Kind::Missing)).collect();
    let compared: Vec<Option<Finding>> = present
        .par_iter()
        .map(|path| match manifest.files.get(path) {
            None => Ok(Some(finding(path, Kind::Extra))),
            Some(record) if record.fits(&root.join(path))? => Ok(None),
            Some(_) => Ok(Some(finding(path, Kind::Changed))),
        })
        .collect::<Result<_, BundleError>>()?;
    findings.extend(compared.into_iter().flatten());
    findings.sort();
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const FILES: [&str; 4] = ["experiment.yaml", "results.json", "trials/bn/seed-1/trial.json", "plots/a.svg"];

    fn bundle() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (number, path) in FILES.iter().enumerate() {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("content {number}")).unwrap();
        }
        Manifest::write(folder.path()).unwrap();
        folder
    }

    fn findings(folder: &tempfile::TempDir) -> Vec<Finding> {
        check(folder.path(), &Manifest::read(folder.path()).unwrap().unwrap()).unwrap()
    }

    fn one(path: &str, kind: Kind) -> Vec<Finding> {
        vec![Finding { path: path.to_owned(), kind }]
    }

    #[test]
    fn every_bit_flipped_in_every_file_is_found_and_named() {
        let folder = bundle();
        assert_eq!(findings(&folder), []);
        for path in FILES {
            let full = folder.path().join(path);
            let original = fs::read(&full).unwrap();
            for bit in 0..original.len() * 8 {
                let mut changed = original.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                fs::write(&full, changed).unwrap();
                assert_eq!(findings(&folder), one(path, Kind::Changed), "bit {bit}");
            }
            fs::write(&full, original).unwrap();
        }
        assert_eq!(findings(&folder), []);
        // The manifest itself: it is refused, or a file is not as it says.
        let full = folder.path().join("manifest.json");
        let original = fs::read(&full).unwrap();
        for bit in 0..original.len() * 8 {
            let mut changed = original.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            fs::write(&full, &changed).unwrap();
            let is_found = match Manifest::read(folder.path()) {
                Err(error) => error.to_string().contains("manifest.json"),
                Ok(manifest) => !check(folder.path(), &manifest.unwrap()).unwrap().is_empty(),
            };
            assert!(is_found, "bit {bit}: {}", String::from_utf8_lossy(&changed));
        }
    }

    #[test]
    fn files_deleted_added_and_swapped_are_named() {
        let folder = bundle();
        for path in FILES {
            let full = folder.path().join(path);
            let original = fs::read(&full).unwrap();
            fs::remove_file(&full).unwrap();
            assert_eq!(findings(&folder), one(path, Kind::Missing));
            fs::write(full, original).unwrap();
        }
        fs::write(folder.path().join("plots/b.svg"), "more").unwrap();
        assert_eq!(findings(&folder), one("plots/b.svg", Kind::Extra));
        fs::remove_file(folder.path().join("plots/b.svg")).unwrap();
        let [left, right] = [FILES[0], FILES[1]].map(|path| folder.path().join(path));
        let (one, other) = (fs::read(&left).unwrap(), fs::read(&right).unwrap());
        fs::write(&left, other).unwrap();
        fs::write(&right, one).unwrap();
        let swapped: Vec<String> = findings(&folder).into_iter().map(|finding| finding.path).collect();
        assert_eq!(swapped, [FILES[0], FILES[1]]);
    }

    #[test]
    #[cfg(unix)]
    fn links_have_no_place_in_a_bundle() {
        let folder = bundle();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("plots/link.svg")).unwrap();
        let refused = check(folder.path(), &Manifest::read(folder.path()).unwrap().unwrap()).unwrap_err();
        assert!(refused.to_string().contains("link.svg is not what it should be"), "{refused}");
    }

    #[test]
    fn a_manifest_of_a_newer_format_or_with_a_broken_digest_is_refused() {
        let folder = bundle();
        let path = folder.path().join("manifest.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen("\"schema\": 1", "\"schema\": 2", 1)).unwrap();
        assert!(matches!(Manifest::read(folder.path()), Err(BundleError::Newer { found: 2, .. })));
        fs::write(&path, text.replacen("\"sha256\": \"", "\"sha256\": \"x", 1)).unwrap();
        assert!(matches!(Manifest::read(folder.path()), Err(BundleError::Malformed { .. })));
    }

    #[test]
    fn equal_bundles_have_equal_names() {
        let digest = |folder: &tempfile::TempDir| Manifest::write(folder.path()).unwrap();
        let (one, other) = (bundle(), bundle());
        assert_eq!(digest(&one), digest(&other));
        fs::write(other.path().join("results.json"), "other").unwrap();
        assert_ne!(digest(&one), digest(&other));
    }
}
