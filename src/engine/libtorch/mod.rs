//! What retrial needs of libtorch beyond burn: determinism switches, versions, threads, and images on a GPU.

pub mod describe;
pub mod images;
pub mod shim;

use std::sync::Once;

/// What cuBLAS needs to be deterministic (its documentation, "Results reproducibility"); read when CUDA starts.
pub const CUBLAS_WORKSPACE: &str = "CUBLAS_WORKSPACE_CONFIG";

/// Sets what must be set before the first CUDA context exists.
pub fn prepare_cuda() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if std::env::var_os(CUBLAS_WORKSPACE).is_none() {
            // SAFETY: what threads there are by now wait, for a signal (`cli::stop`) or for work (rayon's): none of them
            // reads or writes the environment. Trials, images and libtorch have not started theirs.
            unsafe { std::env::set_var(CUBLAS_WORKSPACE, ":4096:8") };
        }
    });
}

/// # Errors
/// Says why the GPU of this index cannot be used.
pub fn check_gpu(index: usize) -> Result<(), String> {
    let count = usize::try_from(tch::Cuda::device_count()).unwrap_or(0);
    if !tch::Cuda::is_available() || count == 0 {
        return Err("libtorch sees no GPU (no NVIDIA driver, or a libtorch without CUDA)".to_owned());
    }
    if index >= count {
        return Err(format!("GPUs that libtorch sees: {count}, numbered from 0"));
    }
    Ok(())
}

/// Threads of libtorch's own operators, for each thread that calls them.
pub fn set_threads(threads: usize) {
    tch::set_num_threads(i32::try_from(threads).unwrap_or(i32::MAX));
}
