//! A data set as NumPy arrays, which every framework reads.

use std::fs;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::Dataset;

/// An array's file: its name, its shape, and its values, unsigned bytes.
type Array<'a> = (&'static str, Vec<usize>, &'a [u8]);

/// A folder below `parent` with `train-images.npy` and `test-images.npy`, unsigned bytes of shape (N, height, width, 3),
/// `train-labels.npy` and `test-labels.npy`, unsigned bytes of shape (N), and `classes.json`, the names that the labels
/// stand for. One that is there already and has these very images is taken as it is.
///
/// The arrays have NumPy's own format, version 1.0 (numpy.org, `numpy.lib.format`). They cannot be written to: every
/// trial reads the same ones.
///
/// # Errors
/// When the folder cannot be written.
pub fn folder(data: &Dataset, parent: &Path) -> io::Result<PathBuf> {
    let folder = parent.join(format!("images-{}", data.digest));
    let classes = serde_json::to_vec(&data.classes)?;
    if holds(&folder, data, &classes) {
        return Ok(folder);
    }
    fs::create_dir_all(parent)?;
    let made = tempfile::Builder::new().prefix("images-").tempdir_in(parent)?;
    for (name, shape, values) in arrays(data) {
        let mut file = BufWriter::new(fs::File::create(made.path().join(name))?);
        file.write_all(&heading(&shape))?;
        file.write_all(values)?;
        let file = file.into_inner()?;
        let mut permissions = file.metadata()?.permissions();
        permissions.set_readonly(true);
        file.set_permissions(permissions)?;
    }
    fs::write(made.path().join("classes.json"), &classes)?;
    match fs::rename(made.path(), &folder) {
        Ok(()) => drop(made.keep()),
        // Another run was faster, or what is there is not what it should be.
        Err(_) if holds(&folder, data, &classes) => {}
        Err(_) => {
            fs::remove_dir_all(&folder)?;
            fs::rename(made.path(), &folder)?;
            drop(made.keep());
        }
    }
    Ok(folder)
}

fn arrays(data: &Dataset) -> [Array<'_>; 4] {
    let images = |count: usize| vec![count, data.height as usize, data.width as usize, 3];
    let (train, test) = (&data.train, &data.test);
    [
        ("train-images.npy", images(train.labels.len()), &train.pixels),
        ("train-labels.npy", vec![train.labels.len()], &train.labels),
        ("test-images.npy", images(test.labels.len()), &test.pixels),
        ("test-labels.npy", vec![test.labels.len()], &test.labels),
    ]
}

fn holds(folder: &Path, data: &Dataset, classes: &[u8]) -> bool {
    let same = |(name, shape, values): Array<'_>| -> io::Result<bool> {
        let file = fs::File::open(folder.join(name))?;
        let heading = heading(&shape);
        if file.metadata()?.len() != (heading.len() + values.len()) as u64 {
            return Ok(false);
        }
        let mut file = BufReader::new(file);
        [&heading, values].into_iter().flat_map(|part| part.chunks(1 << 16)).try_fold(true, |same, part| {
            let mut there = vec![0; part.len()];
            file.read_exact(&mut there).map(|()| same && there == part)
        })
    };
    fs::read(folder.join("classes.json")).is_ok_and(|there| there == classes)
        && arrays(data).into_iter().all(|array| same(array).unwrap_or(false))
}

/// Magic, version, length of the description, and the description, padded so that the values begin at a multiple of 64.
fn heading(shape: &[usize]) -> Vec<u8> {
    const BEFORE: usize = 10;
    let sizes = shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    // As Python writes a tuple: one of a single value ends with a comma.
    let comma = if shape.len() == 1 { "," } else { "" };
    let mut description = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({sizes}{comma}), }}");
    let full = (BEFORE + description.len() + 1).next_multiple_of(64) - BEFORE;
    description = format!("{description:<width$}\n", width = full - 1);
    let length = u16::try_from(full).expect("a description of a few dozen bytes");
    [b"\x93NUMPY\x01\x00".as_slice(), &length.to_le_bytes(), description.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DataSource, DataSpec, Leakage, PerClass};
    use crate::data::{Cache, load};

    /// The first 128 bytes that `numpy.save` of NumPy 2.4.6 writes for arrays of this shape.
    #[test]
    fn a_heading_is_what_numpy_writes() {
        let by_numpy = |description: &str| {
            let mut bytes = b"\x93NUMPY\x01\x00v\x00".to_vec();
            bytes.extend_from_slice(format!("{description:<117}\n").as_bytes());
            bytes
        };
        let images = by_numpy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 3, 3), }");
        assert_eq!((images.len(), heading(&[2, 3, 3, 3])), (128, images));
        let labels = by_numpy("{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }");
        assert_eq!(heading(&[5]), labels);
    }

    #[test]
    fn a_folder_that_was_changed_is_written_again() {
        let spec = DataSpec {
            source: DataSource::Synthetic { seed: 1 },
            per_class: PerClass { train: Some(2), test: Some(1) },
            leakage: Leakage::Report,
        };
        let data = load(&spec, &Cache::disabled(), &|_| {}).unwrap();
        let parent = tempfile::tempdir().unwrap();
        let folder = folder(&data, parent.path()).unwrap();
        let path = folder.join("train-images.npy");
        let written = fs::read(&path).unwrap();
        assert_eq!(written[128..], *data.train.pixels);
        assert!(fs::metadata(&path).unwrap().permissions().readonly());
        let unchanged = fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(super::folder(&data, parent.path()).unwrap(), folder);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), unchanged);
        let mut changed = written.clone();
        *changed.last_mut().unwrap() ^= 1;
        fs::remove_file(&path).unwrap();
        fs::write(&path, changed).unwrap();
        assert_eq!(super::folder(&data, parent.path()).unwrap(), folder);
        assert_eq!(fs::read(&path).unwrap(), written);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}
