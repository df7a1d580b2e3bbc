//! sailplan keeps the JIT activation policy and the access-request settings of SailPoint Identity Security Cloud
//! tenants the way a git repository says they should be.

pub mod practice;
pub mod printable;
pub mod problem;
pub mod tenant;
pub mod yaml;
