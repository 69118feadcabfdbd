// Package apikey holds Keyward's rules: what an organization, a key, a
// permission and a registered service are, and who may do what to them. It knows
// no HTTP, no AWS and no environment.
//
// Stores decide nothing. Every change is one [Change], which a [Store] commits
// whole or not at all, with its conditions and its audit record. The caller is
// always an argument. What it may do is read from its record at the time of the
// change, not taken from what the authorizer saw a moment earlier.
//
// Refusals are found by name. authenticate and unauthenticatedIfMissing decide
// 401 ([Unauthenticated]). The functions that start with authorize decide 403
// ([Forbidden], [NotHeld]). unavailableIfMissing and unavailableIfDamaged decide
// 503 ([Unavailable]), besides the store, the digester and the vault.
package apikey
