use std::path::PathBuf;
use std::time::Instant;

use super::*;
use crate::config::{Leakage, PerClass};

fn spec(source: DataSource, train: Option<u32>, test: Option<u32>) -> DataSpec {
    DataSpec { source, per_class: PerClass { train, test }, leakage: Leakage::Report }
}

fn synthetic() -> Dataset {
    load(&spec(DataSource::Synthetic { seed: 4 }, Some(2), Some(1)), &Cache::disabled(), &|_| {}).unwrap()
}

#[test]
fn a_record_says_what_the_data_set_is() {
    let dataset = synthetic();
    let record = dataset.record();
    assert_eq!(record.description, "synthetic textures, seed 4");
    assert_eq!((record.train, record.test), (vec![2; 10], vec![1; 10]));
    assert_eq!((record.image, record.archive), ([32, 32], None));
    assert_eq!(record.classes[6], "crosshatch");
    assert_eq!(record.digest, dataset.compute_digest());
}

/// The digest as its documentation describes it, put together by hand for two images of one pixel.
#[test]
fn the_digest_is_the_documented_one() {
    let train = ImageSet { pixels: vec![1, 2, 3].into(), labels: vec![0], names: vec![] };
    let test = ImageSet { pixels: vec![4, 5, 6].into(), labels: vec![1], names: vec![] };
    let classes = vec!["ä".into(), "b".into()];
    let decoded = Decoded { classes, height: 1, width: 1, train, test, conversions: Default::default() };
    let mut bytes = r#"{"classes":["ä","b"],"height":1,"test":1,"train":1,"width":1}"#.as_bytes().to_vec();
    bytes.extend([0, 1, 2, 3, 1, 4, 5, 6]);
    assert_eq!(decoded.digest(), Digest::of_bytes(&bytes));
}

#[test]
fn every_part_of_a_data_set_changes_its_digest() {
    let dataset = synthetic();
    let changed = |change: fn(&mut Dataset)| {
        let mut other = dataset.clone();
        change(&mut other);
        assert_ne!(other.compute_digest(), dataset.digest);
    };
    changed(|data| data.classes[0].push('s'));
    changed(|data| data.train.labels[0] = 1);
    changed(|data| data.test.pixels = data.test.pixels.iter().map(|byte| byte ^ 1).collect());
    changed(|data| (data.height, data.width) = (16, 64));
    changed(|data| std::mem::swap(&mut data.train, &mut data.test));
}

/// Set `RETRIAL_TEST_IMAGES` to an archive of 32 x 32 class-folder images to try a real one.
#[test]
fn a_real_archive_loads_and_loads_again_from_the_cache() {
    let Some(path) = std::env::var_os("RETRIAL_TEST_IMAGES").map(PathBuf::from) else {
        eprintln!("SKIPPED: RETRIAL_TEST_IMAGES names no archive");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path());
    let whole = spec(DataSource::Images { path: path.clone(), fit: None }, None, None);
    let mut loads = [&whole; 2].into_iter().map(|spec| {
        let start = Instant::now();
        let dataset = load(spec, &cache, &|event| eprintln!("{event:?}")).unwrap();
        eprintln!("{} images in {:?}", dataset.train.labels.len() + dataset.test.labels.len(), start.elapsed());
        dataset
    });
    let (cold, cached) = (loads.next().unwrap(), loads.next().unwrap());
    assert!(cold == cached, "{} and {}", cold.digest, cached.digest);
    eprintln!("{}", serde_json::to_string(&cold.record()).unwrap());
    let few = load(&spec(DataSource::Images { path, fit: None }, Some(10), Some(5)), &cache, &|_| {}).unwrap();
    assert_eq!(few.record().train, vec![10; few.classes.len()]);
}
