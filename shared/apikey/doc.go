// Package apikey holds Keyward's rules: what an organization, a key, a
// permission and a registered service are, and who may do what to them. It imports
// no package of HTTP or AWS. What it knows of them is what owners register and
// read: routes, accounts, and which request to send next.
//
// Stores decide nothing. Every change is one [Change], which a [Store] commits
// whole or not at all, with its conditions and its audit record. The caller is
// always an argument. What it may do is read from its record at the time of the
// change, not taken from what the authorizer saw a moment earlier.
//
// Refusals are found by name. authenticate, unauthenticatedIfMissing and
// statusUnlessSuspended decide 401 ([Unauthenticated]). The functions that start
// with authorize decide 403 ([Forbidden], [NotHeld]), and checkQuota does
// ([QuotaReached]). A 503 ([Unavailable]) comes from the store, the digester or the
// vault, or from [UnavailableError] where a record that must exist does not.
package apikey
