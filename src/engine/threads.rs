//! How many trials run at once, and how many threads each may use.

/// Cores this process may use; 1 when the system does not say.
pub fn available_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A split of the machine's cores between trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadPlan {
    /// Trials at a time.
    pub jobs: usize,
    pub threads_per_job: usize,
}

impl ThreadPlan {
    /// `jobs` trials at a time, or as many as there are cores; never more than `trials`. The cores are divided evenly.
    pub fn new(jobs: Option<usize>, trials: usize, cores: usize) -> Self {
        let jobs = jobs.unwrap_or(cores).min(trials).max(1);
        Self { jobs, threads_per_job: (cores / jobs).max(1) }
    }

    /// A pool for one trial. The number of threads changes its speed and nothing else.
    ///
    /// # Errors
    /// When the system refuses to start threads.
    pub fn pool(&self) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
        rayon::ThreadPoolBuilder::new().num_threads(self.threads_per_job).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_divided_between_the_trials_at_hand() {
        let plan = |jobs, trials, cores| {
            let plan = ThreadPlan::new(jobs, trials, cores);
            (plan.jobs, plan.threads_per_job)
        };
        assert_eq!(plan(None, 8, 2), (2, 1));
        assert_eq!(plan(None, 2, 16), (2, 8));
        assert_eq!(plan(Some(1), 8, 2), (1, 2));
        assert_eq!(plan(Some(9), 100, 2), (9, 1));
        assert_eq!(plan(None, 0, 2), (1, 2));
    }
}
