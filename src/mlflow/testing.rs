//! The client of a server that a test answers for.

use std::time::Duration;

use super::client::Server;

#[path = "answering.rs"]
mod answering;
pub use answering::{Answer, Answering, Asked};

impl Answering {
    /// As a client sees it.
    pub fn server(&self) -> Server {
        self.server_within(Duration::from_secs(20), 1 << 20)
    }

    pub fn server_within(&self, patience: Duration, largest: u64) -> Server {
        Server::new(&self.address.parse().unwrap(), None, patience, largest)
    }
}
