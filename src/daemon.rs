//! Wiring: poll, collect, settle, outbox, digests, shutdown. Decides nothing about articles.
