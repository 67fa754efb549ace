//! How much memory a program and all that it started have at the same time.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Looks are further and further apart, so that they cost a long run nothing and a short one is seen at all.
const FIRST: Duration = Duration::from_millis(10);
const RAREST: Duration = Duration::from_secs(1);

pub struct Memory {
    system: System,
    root: Pid,
    next: Instant,
    pause: Duration,
    peak: u64,
}

impl Memory {
    pub fn of(process: u32) -> Self {
        Self { system: System::new(), root: Pid::from_u32(process), next: Instant::now(), pause: FIRST, peak: 0 }
    }

    /// Takes a sample where one is due.
    pub fn look(&mut self) {
        if Instant::now() < self.next {
            return;
        }
        self.system.refresh_processes_specifics(
            ProcessesToUpdate::All,
            true,
            ProcessRefreshKind::nothing().with_memory().without_tasks(),
        );
        let mut tree = HashSet::from([self.root]);
        // A child has a higher number than its parent nearly always; going round until nothing is added covers the rest.
        loop {
            let children = self.system.processes().iter().filter(|(pid, process)| {
                !tree.contains(pid) && process.parent().is_some_and(|parent| tree.contains(&parent))
            });
            let children: Vec<Pid> = children.map(|(pid, _)| *pid).collect();
            if children.is_empty() {
                break;
            }
            tree.extend(children);
        }
        let now: u64 = tree.iter().filter_map(|pid| Some(self.system.process(*pid)?.memory())).sum();
        self.peak = self.peak.max(now);
        self.pause = (self.pause * 2).min(RAREST);
        self.next = Instant::now() + self.pause;
    }

    /// Bytes; `None` where nothing was seen.
    pub fn peak(&self) -> Option<u64> {
        (self.peak > 0).then_some(self.peak)
    }
}
