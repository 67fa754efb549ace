//! Folders of this machine in what a program printed: what is kept is published, and who ran it where is nobody's business.

use std::path::{Path, PathBuf};

/// Folders with what stands for each in a text.
pub struct Places(Vec<(String, &'static str)>);

impl Places {
    /// The folder that trials write below, that of the experiment, the installation that `program` is a part of, and home.
    pub fn of(work: &Path, experiment: &Path, program: &Path) -> Self {
        let installation =
            std::env::var_os("PATH").and_then(|path| installation(program, std::env::split_paths(&path)));
        let home = std::env::home_dir();
        Self::new([
            (Some(work.to_owned()), "{work}"),
            (Some(experiment.to_owned()), "{experiment}"),
            (installation, "{installation}"),
            (home, "~"),
        ])
    }

    fn new<const N: usize>(places: [(Option<PathBuf>, &'static str); N]) -> Self {
        // So short a name may stand anywhere.
        const SHORTEST: usize = 4;
        let text = |(path, name): (Option<PathBuf>, &'static str)| Some((path?.to_str()?.to_owned(), name));
        let mut places: Vec<_> =
            places.into_iter().filter_map(text).filter(|(path, _)| path.len() >= SHORTEST).collect();
        // One inside of another comes first.
        places.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        Self(places)
    }

    /// The text without them; as it is where it is no text.
    pub fn hidden_in(&self, printed: Vec<u8>) -> Vec<u8> {
        match String::from_utf8(printed) {
            Ok(text) => self.0.iter().fold(text, |text, (path, name)| text.replace(path.as_str(), name)).into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }
}

/// The folder whose `bin` the program lies in, where that is not one of the system's.
fn installation(program: &Path, mut path: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    const OF_SYSTEMS: [&str; 3] = ["/", "/usr", "/usr/local"];
    let folder = match program.parent() {
        Some(parent) if program.is_absolute() => parent.to_owned(),
        _ => path.find(|folder| folder.join(program).is_file())?,
    };
    let above = folder.parent().filter(|_| folder.ends_with("bin") || folder.ends_with("Scripts"))?;
    OF_SYSTEMS.iter().all(|known| above != Path::new(known)).then(|| above.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_a_machine_are_not_kept() {
        let some = |path: &str| Some(PathBuf::from(path));
        let places = Places::new([
            (some("/home/me"), "~"),
            (some("/home/me/venv"), "{installation}"),
            (some("/"), "{work}"),
            (None, "{experiment}"),
        ]);
        let printed = b"/home/me/venv/lib/x.py:7: in /home/me/a, /usr/lib".to_vec();
        assert_eq!(places.hidden_in(printed), b"{installation}/lib/x.py:7: in ~/a, /usr/lib");
        assert_eq!(places.hidden_in(vec![0xFF, 0x2F]), [0xFF, 0x2F]);
    }

    #[test]
    fn an_installation_is_what_lies_around_the_folder_of_programs() {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("venv/bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::write(bin.join("python3"), "").unwrap();
        let path = || ["/nowhere/bin".into(), bin.clone()].into_iter();
        assert_eq!(installation(Path::new("python3"), path()), Some(folder.path().join("venv")));
        assert_eq!(installation(&bin.join("python3"), [].into_iter()), Some(folder.path().join("venv")));
        assert_eq!(installation(Path::new("other"), path()), None);
        assert_eq!(installation(Path::new("/usr/bin/python3"), path()), None);
    }
}
