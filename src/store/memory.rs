/// A store that forgets at exit. For tests.
#[derive(Debug, Default)]
pub struct MemoryStore {}
