//! Page HTML to article. Pure.
