//! Ways out for alerts and digests: e-mail and files.
