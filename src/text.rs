//! Text tools shared by the stages: folding, tokens, phrases, sentences, shingles, language, plain text from markup. Pure.
