// Package apikeytest is for testing what builds on the rules of apikey: a store
// in memory, the contract that every store must pass, a clock that stands still,
// entropy that repeats, and peppers without KMS. Nothing in it is fit for
// production: its secrets can be guessed.
package apikeytest
