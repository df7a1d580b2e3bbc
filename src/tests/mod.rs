//! What must hold of the program as a whole, from the settings files to what a tenant is sent. A test of one module is beside
//! its code.

mod agreement;
mod new_setting;
mod properties;
mod schedules;
