// Package apikeytest helps to test code that builds on the rules of apikey. It
// has a store in memory, the contract that every store must pass, a clock that
// stands still, entropy that repeats, and peppers without KMS. Nothing in it is
// fit for production: its secrets can be guessed.
package apikeytest
