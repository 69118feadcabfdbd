package actors

import (
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// sources and services are where and for what a key's use is tried.
var (
	trialSources  = addresses("10.1.2.3", "10.1.9.9", "10.200.0.1", "192.0.2.1", "192.0.2.77", "198.51.100.1", "2001:db8::1")
	trialServices = []string{"files", "tables", "another"}
)

func addresses(texts ...string) (all []netip.Addr) {
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

// trialTimes are the times at which a key's use is tried: now, and the middle of
// each hour that a limit can fall between, and long after the last.
func trialTimes(now time.Time) []time.Time {
	times := []time.Time{now}
	for n := range 6 {
		times = append(times, now.Truncate(time.Hour).Add(time.Duration(n+1)*time.Hour+30*time.Minute))
	}
	return append(times, now.AddDate(50, 0, 0))
}

// opens reports whether a key is usable at a time; whereas of its other limits,
// each is tried by itself, since a key opens where all of them do.
func opens(k apikey.Key, at time.Time) bool {
	return !k.Disabled && (k.NotBefore.IsZero() || !k.NotBefore.After(at)) && (k.ExpiresOn.IsZero() || k.ExpiresOn.After(at))
}

func opensFrom(k apikey.Key, source netip.Addr) bool {
	return len(k.AllowIPs) == 0 || slices.ContainsFunc(k.AllowIPs, func(p netip.Prefix) bool { return p.Contains(source) })
}

func opensFor(k apikey.Key, service string) bool {
	return len(k.Services) == 0 || slices.Contains(k.Services, service)
}

// opensMore reports whether a key is usable, from now on, when, where or for
// what it was not before.
func opensMore(before, after apikey.Key, now time.Time) bool {
	usable, later := false, false
	for _, at := range trialTimes(now) {
		usable = usable || opens(after, at)
		later = later || opens(after, at) && !opens(before, at)
	}
	return usable && (later ||
		slices.ContainsFunc(trialSources, func(a netip.Addr) bool { return opensFrom(after, a) && !opensFrom(before, a) }) ||
		slices.ContainsFunc(trialServices, func(s string) bool { return opensFor(after, s) && !opensFor(before, s) }))
}
