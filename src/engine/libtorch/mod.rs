//! What retrial needs of libtorch beyond burn: determinism switches, versions, threads, and images on a GPU.

pub mod shim;
