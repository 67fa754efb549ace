//! Checking a bundle without trusting whoever made it, in four tiers from seconds to hours; and one bundle
//! against another.

pub mod comparison;
pub mod cost;
pub mod difference;
pub mod digests;
pub mod programs;
pub mod rendering;
pub mod replay;
pub mod signature;
