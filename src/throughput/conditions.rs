//! What goes on on the machine: its load, its clocks, and the processor time that others take while something is timed.
//!
//! Linux keeps account of all processor time in /proc; elsewhere that part is unknown. Other processes are counted and
//! never named: the record is published.

use std::fs;

use sysinfo::{
    CpuRefreshKind, MINIMUM_CPU_UPDATE_INTERVAL, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System,
};

use crate::bundle::throughput::{Conditions, Strain};
use crate::engine::Engine;

/// In per cent of one core.
const BUSY: f32 = 10.0;

/// The machine as it is now. Takes a fifth of a second: busy is what a process is over time.
pub fn conditions(engine: &Engine) -> Conditions {
    let mut system =
        System::new_with_specifics(RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing().with_frequency()));
    let busy_processes = busy_processes(&mut system);
    let clocks: Vec<f64> = system.cpus().iter().map(|cpu| cpu.frequency() as f64).filter(|mhz| *mhz > 0.0).collect();
    let load = System::load_average();
    Conditions {
        load_average: cfg!(unix).then_some([load.one, load.five, load.fifteen]),
        busy_processes,
        cpu_mhz: crate::stats::mean(&clocks),
        gpu: engine.gpu(),
    }
}

fn busy_processes(system: &mut System) -> Option<u32> {
    let own = sysinfo::get_current_pid().ok()?;
    let kind = ProcessRefreshKind::nothing().with_cpu().without_tasks();
    let mut refresh = || system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    refresh();
    std::thread::sleep(MINIMUM_CPU_UPDATE_INTERVAL);
    refresh();
    let busy = system.processes().values().filter(|process| process.pid() != own && process.cpu_usage() > BUSY);
    u32::try_from(busy.count()).ok()
}

/// Cores of the machine, also of those that this process may not use: what others do is counted over all of them.
pub fn machine_cores() -> u32 {
    let system = System::new_with_specifics(RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing()));
    u32::try_from(system.cpus().len()).unwrap_or(u32::MAX).max(1)
}

/// Watches what others do from its start to its end.
pub struct Watch(Option<Ticks>);

impl Watch {
    pub fn start() -> Self {
        Self(Ticks::now())
    }

    pub fn finish(self, engine: &Engine) -> Strain {
        let times = self.0.zip(Ticks::now()).and_then(|(start, end)| end.since(&start));
        let gpu = engine.gpu();
        Strain {
            others_cores: times.map(|(others, _)| others),
            stolen_cores: times.map(|(_, stolen)| stolen),
            throttled: gpu.as_ref().map(|gpu| gpu.throttled.clone()).unwrap_or_default(),
            gpu_processes: gpu.and_then(|gpu| gpu.other_processes),
        }
    }
}

/// Processor time since the system started, in the system's ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ticks {
    cores: u64,
    /// Of all cores, idle or not.
    total: u64,
    busy: u64,
    stolen: u64,
    own: u64,
}

impl Ticks {
    fn now() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/stat").ok()?, &fs::read_to_string("/proc/self/stat").ok()?)
    }

    /// From the texts of /proc/stat and /proc/self/stat (proc_stat(5), proc_pid_stat(5)).
    fn parse(all: &str, own: &str) -> Option<Self> {
        let first = all.lines().next()?.strip_prefix("cpu ")?;
        let fields: Vec<u64> = first.split_whitespace().map(|field| field.parse().ok()).collect::<Option<_>>()?;
        // Guests' time, behind these, is counted in the first two already.
        let [user, nice, system, idle, wait, interrupts, soft, stolen] = *fields.get(..8)? else { return None };
        let is_core = |line: &&str| line.starts_with("cpu") && !line.starts_with("cpu ");
        // The name, in parentheses, may hold spaces and parentheses; utime and stime are the 12th and 13th field after it.
        let after_name: Vec<&str> = own.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |at: usize| after_name.get(at)?.parse::<u64>().ok();
        let busy = user + nice + system + interrupts + soft;
        Some(Self {
            cores: all.lines().filter(is_core).count() as u64,
            total: busy + idle + wait + stolen,
            busy,
            stolen,
            own: field(11)? + field(12)?,
        })
    }

    /// Mean cores that others kept busy, and that the host withheld; `None` where no time has passed.
    fn since(&self, start: &Self) -> Option<(f64, f64)> {
        let total = self.total.checked_sub(start.total).filter(|total| *total > 0)? as f64;
        let busy = self.busy.saturating_sub(start.busy);
        let others = busy.saturating_sub(self.own.saturating_sub(start.own)) as f64;
        let stolen = self.stolen.saturating_sub(start.stolen) as f64;
        let cores = self.cores as f64;
        Some((others / total * cores, stolen / total * cores))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "42 (a (strange) name) R 1 42 42 0 -1 4194304 100 0 0 0 30 20 0 0 20 0 1 0 100 1 1";

    #[test]
    fn what_others_take_is_what_is_busy_less_our_own() {
        let start = Ticks::parse("cpu  100 0 50 850 0 0 0 0 0 0\ncpu0 1\ncpu1 1\nintr 1\n", OWN).unwrap();
        assert_eq!(start, Ticks { cores: 2, total: 1000, busy: 150, stolen: 0, own: 50 });
        // A second later on two cores of 100 ticks each: 150 busy, 100 of them ours, 20 withheld.
        let own = OWN.replace(" 30 20 ", " 110 40 ");
        let end = Ticks::parse("cpu  240 0 60 880 0 0 0 20 0 0\ncpu0 1\ncpu1 1\nintr 1\n", &own).unwrap();
        let (others, stolen) = end.since(&start).unwrap();
        assert!((others - 0.5).abs() < 1e-12 && (stolen - 0.2).abs() < 1e-12, "{others} {stolen}");
        assert_eq!(start.since(&start), None);
    }

    #[test]
    fn other_texts_are_not_understood_and_no_panic() {
        for (all, own) in [("", OWN), ("cpu  1 2", OWN), ("cpu  1 2 3 4 5 6 7 x", OWN), ("cpu  1 2 3 4 5 6 7 8", "")] {
            assert_eq!(Ticks::parse(all, own), None);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_system_tells() {
        assert!(Ticks::now().is_some());
        assert!(machine_cores() >= 1);
    }
}
