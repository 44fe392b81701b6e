//! What the model of the import caches says of a kind of module before anything is looked at.

use super::verdict::{Kind, ModuleVerdict};
use super::words::capital;
use crate::heap::import_cache::{Outcome, predict};

/// Versions that the model knows: an older or newer one is taken for the nearest.
const MODELLED: (u32, u32) = (10, 15);

/// The predicted verdict, and why, in a sentence.
pub(super) fn prediction(kind: Kind, minor: u32) -> (ModuleVerdict, String) {
    let prediction = predict(kind, minor.clamp(MODELLED.0, MODELLED.1) as u8);
    let verdict = match prediction.outcome {
        Outcome::Unloads => ModuleVerdict::Unloads,
        Outcome::KeptByCaches => ModuleVerdict::KeptByCaches,
        Outcome::KeptByModule => ModuleVerdict::KeptByModule,
        Outcome::Unknown => ModuleVerdict::NotAudited,
    };
    (verdict, format!("{}.", capital(&prediction.why)))
}
