//! Feed bytes to entries. Pure: the caller fetched the bytes.
