// Package apikey holds Keyward's rules: what an organization, a key, a
// permission and a registered service are, who may do what to them, and what
// is refused. It knows no HTTP, no AWS and no environment.
//
// Stores keep what the rules decide and decide nothing: every change is one
// [Change], which a [Store] commits whole or not at all, with its conditions
// and its audit record. The caller is always an argument, and what it may do is
// read from its record at the time of the change, not from what the gateway
// knew a moment earlier.
package apikey
