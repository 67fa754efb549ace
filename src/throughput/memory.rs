//! The largest resident memory of this process, where the system keeps account of it (Linux).

/// Starts counting anew; whether that was possible.
pub fn reset_peak() -> bool {
    // proc_pid_clear_refs(5): 5 sets the peak to what is resident now.
    cfg!(target_os = "linux") && std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// In bytes since [`reset_peak`], or since the process started; `None` where the system does not tell.
pub fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    parse(&status)
}

fn parse(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_bytes() {
        // As proc_pid_status(5) shows it.
        assert_eq!(parse("Name:\tbash\nVmHWM:\t    4168 kB\nVmRSS:\t    4168 kB\n"), Some(4_268_032));
        assert_eq!(parse("Name:\tbash\n"), None);
        assert_eq!(parse("VmHWM: a lot\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_large_allocation_raises_the_peak() {
        let before = peak().unwrap();
        let large = vec![1_u8; 256 << 20];
        std::hint::black_box(&large);
        assert!(peak().unwrap() >= before.max(256 << 20));
    }
}
