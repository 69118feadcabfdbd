// Package apikeytest helps to test code that builds on the rules of apikey. It
// has an in-memory store, the contract that every store must pass, a clock that
// only moves when told to, repeatable entropy, and peppers without KMS. Do not
// use it in production: its secrets can be guessed.
package apikeytest
