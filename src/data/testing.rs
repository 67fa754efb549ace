//! Builds archives and images for tests, honest and hostile ones.

use std::io::{Cursor, Write as _};
use std::path::Path;

use image::{DynamicImage, ImageFormat};
use tar::{EntryType, Header};

/// A tar archive being written. Unlike the `tar` crate's builder, it writes whatever it is told.
pub struct Tar(Vec<u8>);

impl Tar {
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// A header alone, with a right checksum.
    pub fn header(self, name: &str, kind: EntryType, size: u64) -> Vec<u8> {
        self.entry(name.as_bytes(), kind, size, &[]).0
    }

    fn entry(mut self, name: &[u8], kind: EntryType, size: u64, content: &[u8]) -> Self {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub fn raw_name(self, name: &[u8], content: &[u8]) -> Self {
        self.entry(name, EntryType::Regular, content.len() as u64, content)
    }

    /// A file; long names in GNU's manner.
    pub fn file(self, name: &str, content: &[u8]) -> Self {
        if name.len() <= 100 {
            return self.raw_name(name.as_bytes(), content);
        }
        let long = self.entry(
            b"././@LongLink",
            EntryType::GNULongName,
            name.len() as u64 + 1,
            &[name.as_bytes(), b"\0"].concat(),
        );
        long.raw_name(&name.as_bytes()[..100], content)
    }

    pub fn folder(self, name: &str) -> Self {
        self.entry(name.as_bytes(), EntryType::Directory, 0, &[])
    }

    pub fn special(self, name: &str, kind: EntryType) -> Self {
        self.entry(name.as_bytes(), kind, 0, &[])
    }

    /// One pax record (POSIX.1-2001) for the next entry: "length key=value\n", the length counting itself.
    pub fn pax(self, key: &str, value: &str) -> Self {
        let rest = format!(" {key}={value}\n");
        let length = (1..6).map(|digits| digits + rest.len()).find(|sum| sum.to_string().len() + rest.len() == *sum);
        let record = format!("{}{rest}", length.unwrap());
        self.entry(b"PaxHeaders/x", EntryType::XHeader, record.len() as u64, record.as_bytes())
    }

    /// With the two zero blocks at the end.
    pub fn finish(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstandard(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An RGB picture of one colour.
pub fn plain(width: u32, height: u32, colour: [u8; 3]) -> DynamicImage {
    image::RgbImage::from_pixel(width, height, image::Rgb(colour)).into()
}

pub fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn png(colour: [u8; 3]) -> Vec<u8> {
    encoded(&plain(4, 2, colour), ImageFormat::Png)
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}
