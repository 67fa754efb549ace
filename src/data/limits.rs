//! How much a data set may ask of this machine, whatever its headers say.

/// Limits on reading a source. The defaults are far above any data set this program is meant for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Decoded pixels of both splits together.
    pub pixel_bytes: u64,
    /// One file.
    pub file_bytes: u64,
    /// What an archive unpacks to.
    pub stream_bytes: u64,
    /// What may stand between two files of an archive: headers and long names; also padding after its end.
    pub header_bytes: u64,
    /// Files and folders.
    pub entries: u64,
    /// Height and width of an image.
    pub side: u32,
    /// Height times width of an image.
    pub pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pixel_bytes: 64 << 30,
            file_bytes: 64 << 20,
            stream_bytes: 256 << 30,
            header_bytes: 1 << 20,
            entries: 5_000_000,
            side: 20_000,
            pixels: 120_000_000,
        }
    }
}
