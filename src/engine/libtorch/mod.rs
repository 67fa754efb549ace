//! What retrial needs of libtorch beyond burn: determinism switches, versions, threads, and images on a GPU.

pub mod describe;
pub mod images;
pub mod shim;

use std::sync::Once;

/// What cuBLAS needs to be deterministic (its documentation, "Results reproducibility"); read when CUDA starts.
pub const CUBLAS_WORKSPACE: &str = "CUBLAS_WORKSPACE_CONFIG";

/// How oneMKL picks its code paths (its developer guide, "Getting Reproducible Results"); read at its first product.
pub const MKL_REPRODUCIBILITY: &str = "MKL_CBWR";

/// Sets what libraries read from the environment, and read once: before the first CUDA context and the first product.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without `STRICT`, a product of the same matrices has other bits on another number of threads.
        for (variable, value) in [(CUBLAS_WORKSPACE, ":4096:8"), (MKL_REPRODUCIBILITY, "AUTO,STRICT")] {
            if std::env::var_os(variable).is_none() {
                // SAFETY: what threads there are by now wait, for a signal (`cli::stop`) or for work (rayon's): none of them
                // reads or writes the environment. Trials, images and libtorch have not started theirs.
                unsafe { std::env::set_var(variable, value) };
            }
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
