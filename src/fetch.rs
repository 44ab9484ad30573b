//! HTTP out: the one guarded client for every outgoing request.
