//! What the repository publishes beside the program is what the program says.

use sailplan::schema::{self, Schema};

#[test]
fn the_schemas_are_those_of_the_program() {
    for one in Schema::ALL {
        let path = format!("{}/schemas/{}", env!("CARGO_MANIFEST_DIR"), one.file());
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        let name = one.file().trim_end_matches(".schema.json");
        assert_eq!(
            committed,
            schema::text(one).unwrap(),
            "{path} is stale: cargo run -- schema {name} > schemas/{}",
            one.file()
        );
    }
}
