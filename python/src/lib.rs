//! adlink for Python: the module `adlink._adlink`, which `adlink/__init__.py` puts names on.
//!
//! One file for each thing a user holds. All work runs on a thread of its own without the interpreter's lock, while the thread
//! that asked looks after Ctrl-C and progress (`work.rs`). The trap: nothing here decides anything; what a photo is, what is
//! near and what links lives in the library, so that Python and the program can never differ.

mod analyse;
mod case;
mod errors;
mod evaluate;
mod evidence;
mod feature_index;
mod hashes;
mod linked;
mod radius_index;
mod tiles;
mod work;

use pyo3::prelude::*;

#[pymodule]
fn _adlink(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("AdlinkError", py.get_type::<errors::AdlinkError>())?;
    module.add("ImageError", py.get_type::<errors::ImageError>())?;
    module.add_class::<hashes::Hash>()?;
    module.add_class::<evidence::Evidence>()?;
    module.add_class::<radius_index::RadiusIndex>()?;
    module.add_class::<feature_index::FeatureIndex>()?;
    module.add_class::<case::Case>()?;
    module.add_class::<linked::Linked>()?;
    module.add_function(wrap_pyfunction!(analyse::analyse, module)?)?;
    module.add_function(wrap_pyfunction!(hashes::hash, module)?)?;
    module.add_function(wrap_pyfunction!(hashes::hash_many, module)?)?;
    module.add_function(wrap_pyfunction!(evidence::compare, module)?)?;
    module.add_function(wrap_pyfunction!(tiles::join_files, module)?)?;
    module.add_function(wrap_pyfunction!(tiles::components, module)?)?;
    module.add_function(wrap_pyfunction!(evaluate::evaluate, module)?)
}
