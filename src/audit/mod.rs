//! Checking a bundle without trusting whoever made it, in four tiers from seconds to hours.

pub mod rendering;
pub mod replay;
