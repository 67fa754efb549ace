//! Names of the network's layers, as probes and reports give them.

use std::fmt;

/// A layer of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerId {
    /// Counted from 1; 0 outside blocks.
    pub block: u32,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Stem,
    /// What enters a block's convolutions, where dropout stands there.
    Input,
    Expand,
    Depthwise,
    Project,
    Head,
    /// The pooled features.
    Features,
    /// The classifier's output.
    Logits,
}

impl LayerId {
    pub(super) fn of(role: Role) -> Self {
        Self { block: 0, role }
    }
}

impl fmt::Display for LayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.block > 0 {
            write!(f, "block {} ", self.block)?;
        }
        f.write_str(match self.role {
            Role::Stem => "stem",
            Role::Input => "input",
            Role::Expand => "expand",
            Role::Depthwise => "depthwise",
            Role::Project => "project",
            Role::Head => "head",
            Role::Features => "features",
            Role::Logits => "logits",
        })
    }
}
