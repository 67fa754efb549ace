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
        let alone = tree.iter().filter_map(|pid| highest(*pid)).max().unwrap_or(0);
        self.peak = self.peak.max(now).max(alone);
        self.pause = (self.pause * 2).min(RAREST);
        self.next = Instant::now() + self.pause;
    }

    /// Bytes, at least: the most that one process ever had, or that all were seen to have at a time; `None` where nothing was seen.
    pub fn peak(&self) -> Option<u64> {
        (self.peak > 0).then_some(self.peak)
    }
}

/// The most that a process ever had resident, in bytes, where the system keeps it (proc(5), `VmHWM`): so what it had
/// between two looks counts as well.
fn highest(process: Pid) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
