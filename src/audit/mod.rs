//! Checking a bundle without trusting whoever made it, in four tiers from seconds to hours.

pub mod digests;
pub mod rendering;
pub mod replay;
